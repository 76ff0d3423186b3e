// Scalars of several lines: literal and folded. https://yaml.org/spec/1.1/#id926836
import type { ScannedScalar } from './flow-scalar.js';
import { chars, end, isBlank, isBreak, isGap, type Source } from './source.js';

interface Header {
  /** What becomes of the line ends at the scalar's end. */
  readonly chomping: 'clip' | 'strip' | 'keep';
  /** 0 when the first line tells. */
  readonly increment: number;
}

/** `parent`: the indentation of what the scalar is in, -1 at the top. */
export function scanBlock(source: Source, parent: number): ScannedScalar {
  const literal = source.code() === chars.bar;
  source.at++;
  const { chomping, increment } = scanHeader(source);
  let indent = increment === 0 ? 0 : Math.max(parent, 0) + increment;
  let trailing: string;
  ({ indent, breaks: trailing } = passBreaks(source, indent, parent));
  const parts: string[] = [];
  let leading = '';
  let leadingBlank = false;
  while (source.column === indent && source.code() !== end) {
    const trailingBlank = isBlank(source.code());
    if (!literal && leading.startsWith('\n') && !leadingBlank && !trailingBlank) {
      if (trailing === '') parts.push(' ');
    } else if (leading !== '') parts.push(leading);
    if (trailing !== '') parts.push(trailing);
    leadingBlank = trailingBlank;
    const start = source.at;
    source.at = endOfLine(source.text, start);
    parts.push(source.text.slice(start, source.at));
    leading = source.code() === end ? '' : source.takeBreak();
    ({ indent, breaks: trailing } = passBreaks(source, indent, parent));
  }
  if (chomping !== 'strip') parts.push(leading);
  if (chomping === 'keep') parts.push(trailing);
  return { value: parts.join(''), plain: false, lines: true };
}

function endOfLine(text: string, start: number): number {
  let at = start;
  while (at < text.length && !isBreak(text.charCodeAt(at))) at++;
  return at;
}

function scanHeader(source: Source): Header {
  let chomping: Header['chomping'] = 'clip';
  let increment = 0;
  const takeChomping = (): void => {
    const code = source.code();
    if (code !== chars.plus && code !== chars.minus) return;
    chomping = code === chars.plus ? 'keep' : 'strip';
    source.at++;
  };
  const takeIncrement = (): void => {
    const digit = source.code() - chars.zero;
    if (digit < 0 || digit > 9) return;
    if (digit === 0) throw source.problem('found an indentation indicator equal to 0');
    increment = digit;
    source.at++;
  };
  const before = source.at;
  takeChomping();
  if (source.at > before) takeIncrement();
  else {
    takeIncrement();
    if (source.at > before) takeChomping();
  }
  while (isBlank(source.code())) source.at++;
  if (source.code() === chars.hash) while (!isBreak(source.code()) && source.code() !== end) source.at++;
  if (!isGap(source.code())) throw source.problem('did not find expected comment or line break');
  if (source.code() !== end) source.takeBreak();
  return { chomping, increment };
}

/** Passes over empty lines and the indentation of the next one. `indent` 0 is found out: the deepest of these lines, and deeper than the parent. */
function passBreaks(source: Source, indent: number, parent: number): { indent: number; breaks: string } {
  let breaks = '';
  let deepest = 0;
  for (;;) {
    while ((indent === 0 || source.column < indent) && source.code() === chars.space) source.at++;
    deepest = Math.max(deepest, source.column);
    if ((indent === 0 || source.column < indent) && source.code() === chars.tab)
      throw source.problem('found a tab character where an indentation space is expected');
    if (!isBreak(source.code())) break;
    breaks += source.takeBreak();
  }
  return { indent: indent === 0 ? Math.max(deepest, parent + 1, 1) : indent, breaks };
}
