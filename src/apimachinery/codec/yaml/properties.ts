// Anchors, aliases, tags and directives. https://yaml.org/spec/1.1/#id899622
import { chars, end, isBlank, isBreak, isGap, isWord, type Source } from './source.js';

/** What may follow a name at once, beside gaps. */
const afterName: ReadonlySet<number> = new Set([
  chars.question,
  chars.colon,
  chars.comma,
  chars.closeList,
  chars.closeMap,
  chars.percent,
  chars.at,
  chars.backtick,
]);

/** The name of an anchor or alias; the source stands at `&` or `*`. */
export function scanName(source: Source): string {
  const start = ++source.at;
  while (isWord(source.code())) source.at++;
  if (source.at === start || (!isGap(source.code()) && !afterName.has(source.code()))) {
    throw source.problem('did not find expected alphabetic or numeric character');
  }
  return source.text.slice(start, source.at);
}

/** A tag as it is written; `!<…>` without its brackets. */
export function scanTag(source: Source): string {
  let tag: string;
  if (source.code(1) === chars.less) {
    source.at += 2;
    tag = uri(source);
    if (source.code() !== chars.more) throw source.problem("did not find the expected '>'");
    source.at++;
  } else {
    const start = source.at++;
    while (isWord(source.code())) source.at++;
    if (source.code() === chars.bang) source.at++;
    const handle = source.text.slice(start, source.at);
    tag = handle + uri(source, handle.length === 1 || !handle.endsWith('!'));
  }
  if (!isGap(source.code()) && source.code() !== chars.comma) throw source.problem('did not find expected whitespace or line break');
  return tag;
}

/** Characters of a tag beside letters, digits, `-` and `_`. */
const uriCharacters: ReadonlySet<number> = new Set(Array.from(";/?:@&=+$,.!~*'()[]", (character) => character.charCodeAt(0)));

function uri(source: Source, mayBeEmpty = false): string {
  let text = '';
  for (let code = source.code(); ; code = source.code()) {
    if (isWord(code) || uriCharacters.has(code)) {
      text += String.fromCharCode(code);
      source.at++;
    } else if (code === chars.percent) text += escaped(source);
    else break;
  }
  if (text === '' && !mayBeEmpty) throw source.problem('did not find expected tag URI');
  return text;
}

/** A character of a tag in percent encoding; those that are no ASCII are not put together, since no tag that means anything has any. */
function escaped(source: Source): string {
  const text = source.text.slice(source.at + 1, source.at + 3);
  if (!/^[0-9a-fA-F]{2}$/.test(text)) throw source.problem('did not find URI escaped octet');
  source.at += 3;
  return String.fromCharCode(parseInt(text, 16));
}

/** A directive without `%`: `YAML 1.1`, `TAG ! x`. The source stands at `%`. */
export function scanDirective(source: Source): string {
  const start = ++source.at;
  while (isWord(source.code())) source.at++;
  const name = source.text.slice(start, source.at);
  if (name === '') throw source.problem('could not find expected directive name');
  if (!isGap(source.code())) throw source.problem('found unexpected non-alphabetical character');
  if (name !== 'YAML' && name !== 'TAG') throw source.problem('found unknown directive name');
  const value = source.at;
  while (source.code() !== end && !isBreak(source.code()) && !(source.code() === chars.hash && isBlank(source.code(-1)))) source.at++;
  const rest = source.text.slice(value, source.at).trim();
  if (source.code() === chars.hash) while (source.code() !== end && !isBreak(source.code())) source.at++;
  if (name === 'YAML' && !/^\d{1,9}\.\d{1,9}$/.test(rest)) throw source.problem(versionProblem(rest));
  return `${name} ${rest}`;
}

function versionProblem(text: string): string {
  if (/^\d+\.\d+\s/.test(text)) return 'did not find expected comment or line break';
  return /^\d/.test(text) ? "did not find expected digit or '.' character" : 'did not find expected version number';
}
