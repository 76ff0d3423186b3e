// What changed of an object, as text for messages: one hunk of a unified diff.
import { eachApart, takes } from '../../clock/apart.js';

/** Lines before and after the change. */
const context = 2;

/** Maps whose keys are the client's own. */
const keyed = new Set(['Labels', 'MatchLabels', 'NodeSelector', 'Requests', 'Limits', 'Overhead', 'Annotations']);

/** So many items of a list are written at a time. */
const chunk = 64;

/** The value as lines of JSON, each level one deeper, with names as the server's messages have them: the first letter capital. */
class Lines {
  readonly lines: string[] = [];

  constructor(private readonly name: string) {}

  /** `key` is the capital name that the value stands under, `begin` what stands before it in its line. */
  write(value: unknown, key: string, begin: string, indent: string, end: string): void {
    if (typeof value !== 'object' || value === null) this.lines.push(`${begin}${JSON.stringify(value ?? null)}${end}`);
    else if (Array.isArray(value)) this.list(value, key, begin, indent, end);
    else this.object(value as Readonly<Record<string, unknown>>, key, begin, indent, end);
  }

  private object(value: Readonly<Record<string, unknown>>, key: string, begin: string, indent: string, end: string): void {
    const isOwn = keyed.has(key);
    const names = Object.keys(value).filter((name) => value[name] !== undefined);
    if (names.length === 0) return void this.lines.push(`${begin}{}${end}`);
    if (!isOwn) names.sort();
    this.lines.push(`${begin}{`);
    names.forEach((name, index) => {
      const shown = isOwn ? name : name.charAt(0).toUpperCase() + name.slice(1);
      this.write(value[name], shown, `${indent} ${JSON.stringify(shown)}: `, `${indent} `, index < names.length - 1 ? ',' : '');
    });
    this.lines.push(`${indent}}${end}`);
  }

  private list(value: readonly unknown[], key: string, begin: string, indent: string, end: string): void {
    if (value.length === 0) return void this.lines.push(`${begin}[]${end}`);
    this.lines.push(`${begin}[`);
    const chunks: (readonly string[])[] = [];
    eachApart(`${this.name} ${key}`, Math.ceil(value.length / chunk), chunks, (index) => {
      const inner = new Lines(this.name);
      const last = Math.min(value.length, (index + 1) * chunk);
      for (let at = index * chunk; at < last; at++) {
        inner.write(value[at], '', `${indent} `, `${indent} `, at < value.length - 1 ? ',' : '');
      }
      takes(last - index * chunk);
      chunks.push(inner.lines);
    });
    for (const lines of chunks) for (const line of lines) this.lines.push(line);
    this.lines.push(`${indent}]${end}`);
  }
}

function linesOf(value: unknown, name: string): readonly string[] {
  const found = new Lines(name);
  found.write(value, '', '', '', '');
  return found.lines;
}

/**
 * A unified diff from `before` to `now`, from the first line that differs to the last, with two lines around it. The real server's has
 * several hunks and every field of its own structures; both tell the reader what was changed.
 */
export function changesText(before: unknown, now: unknown): string {
  const old = linesOf(before, 'before');
  const fresh = linesOf(now, 'now');
  let start = 0;
  while (start < old.length && start < fresh.length && old[start] === fresh[start]) start++;
  let end = 0;
  while (end < old.length - start && end < fresh.length - start && old[old.length - 1 - end] === fresh[fresh.length - 1 - end]) end++;
  const from = Math.max(0, start - context);
  const tail = old.slice(old.length - end, old.length - end + context);
  const oldLines = old.slice(start, old.length - end);
  const newLines = fresh.slice(start, fresh.length - end);
  const around = start - from + tail.length;
  const head = `@@ -${from + 1},${around + oldLines.length} +${from + 1},${around + newLines.length} @@`;
  const mark = (sign: string, lines: readonly string[]): string => (lines.length === 0 ? '' : `${sign}${lines.join(`\n${sign}`)}\n`);
  return `\n${head}\n${mark(' ', old.slice(from, start))}${mark('-', oldLines)}${mark('+', newLines)}${mark(' ', tail)}`;
}
