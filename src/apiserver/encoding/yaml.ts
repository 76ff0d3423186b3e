// Answers as YAML, for who asks for `application/yaml`: JSON values written as YAML 1.1, many times as fast as a library does.
// https://yaml.org/spec/1.1/

type JsonObject = Readonly<Record<string, unknown>>;

/** Text is gathered up to so many characters before it becomes bytes: longer texts cost the garbage collector more than all else. */
const chunk = 16 * 1024;

/** Takes text from the first line to the last. */
class YamlWriter {
  readonly #chunks: Buffer[] = [];
  #text = '';

  add(text: string): void {
    this.#text += text;
    if (this.#text.length > chunk) this.#flush();
  }

  bytes(): Buffer {
    this.#flush();
    return this.#chunks.length === 1 ? this.#chunks[0]! : Buffer.concat(this.#chunks);
  }

  #flush(): void {
    this.#chunks.push(Buffer.from(this.#text));
    this.#text = '';
  }
}

/** A value as a YAML text. Keys come in the order of the alphabet, and lists are not indented, as the real server writes them. */
export function yamlBytes(value: unknown): Uint8Array {
  const writer = new YamlWriter();
  if (isFilled(value)) collection(writer, value, '');
  else writer.add(`${scalar(value)}\n`);
  return writer.bytes();
}

/** A list or object that is not empty: its elements go on lines of their own. */
function isFilled(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value)) return value.length > 0;
  for (const key in value) if ((value as JsonObject)[key] !== undefined) return true;
  return false;
}

/** Lines of a list or object; the first one without its indentation. */
function collection(writer: YamlWriter, value: object, indent: string): void {
  if (Array.isArray(value)) sequence(writer, value, indent);
  else mapping(writer, value as JsonObject, indent);
}

function sequence(writer: YamlWriter, list: readonly unknown[], indent: string): void {
  const inner = `${indent}  `;
  for (let index = 0; index < list.length; index++) {
    const one = list[index];
    const start = index === 0 ? '- ' : `${indent}- `;
    if (isFilled(one)) {
      writer.add(start);
      collection(writer, one, inner);
    } else writer.add(`${start}${scalar(one, inner)}\n`);
  }
}

function mapping(writer: YamlWriter, object: JsonObject, indent: string): void {
  const inner = `${indent}  `;
  let start = '';
  for (const key of Object.keys(object).sort()) {
    const one = object[key];
    if (one === undefined) continue;
    start += key.length > longestKey ? `? ${quoted(key)}\n${indent}:` : `${keyText(key)}:`;
    if (!isFilled(one)) writer.add(`${start} ${scalar(one, inner)}\n`);
    else if (Array.isArray(one)) {
      writer.add(`${start}\n${indent}`);
      sequence(writer, one as readonly unknown[], indent);
    } else {
      writer.add(`${start}\n${inner}`);
      mapping(writer, one as JsonObject, inner);
    }
    start = indent;
  }
}

/** A longer key must be announced, since its colon comes late. */
const longestKey = 128;

function keyText(key: string): string {
  return isPlain(key) ? key : quoted(key);
}

/** Anything that is written in one line, or is a text of several; `indent` is for those. */
function scalar(value: unknown, indent = '  '): string {
  if (typeof value === 'string') {
    if (isPlain(value)) return value;
    return value.includes('\n') && isLiteral(value) ? literal(value, indent) : quoted(value);
  }
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value !== 'object' || value === null) return 'null';
  return Array.isArray(value) ? '[]' : '{}';
}

/** Words that YAML takes for truths or nothing. */
const words = /^(?:y|n|yes|no|on|off|true|false|null)$/i;
const longestWord = 5;

/** What a character is in a text that means itself: 1 anywhere, 2 also at the start, 3 if such a one follows. By code, below 128. */
const roles = new Uint8Array(128);
for (const character of '0123456789.@+=;~^-)(') roles[character.charCodeAt(0)] = 1;
for (const character of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_/') roles[character.charCodeAt(0)] = 2;
for (const character of ': ') roles[character.charCodeAt(0)] = 3;

function isPlain(text: string): boolean {
  const { length } = text;
  if (length === 0 || roleAt(text, 0) !== 2) return false;
  for (let index = 1; index < length; index++) {
    const role = roleAt(text, index);
    if (role === 0) return false;
    if (role === 3) {
      const next = index + 1 < length ? roleAt(text, index + 1) : 0;
      if (next !== 1 && next !== 2) return false;
    }
  }
  return length > longestWord || !words.test(text);
}

function roleAt(text: string, index: number): number {
  const code = text.charCodeAt(index);
  return code < 128 ? roles[code]! : 0;
}

/** Characters that have to be escaped. */
const special = /[\0-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]/;
const specials = new RegExp(special.source, 'g');

function quoted(text: string): string {
  if (text === '') return '""';
  if (!special.test(text)) return words.test(text) || /^[\d.+-]/.test(text) ? `"${backslashed(text)}"` : `'${text.replaceAll("'", "''")}'`;
  return `"${backslashed(text).replace(specials, escapeOf)}"`;
}

function backslashed(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"');
}

const names: Readonly<Record<string, string>> = { '\n': '\\n', '\t': '\\t', '\r': '\\r' };

function escapeOf(character: string): string {
  const code = character.charCodeAt(0);
  // Halves of a character beyond the first plane stay as they are: they are one character in UTF-8.
  if (code >= 0xd800 && code <= 0xdfff) return character;
  return names[character] ?? `\\u${code.toString(16).padStart(4, '0')}`;
}

/** Whether a text of several lines can stand as it is, line by line. */
function isLiteral(text: string): boolean {
  return !/^[\s]|[ \t]\n|[ \t]$/.test(text) && !special.test(text.replaceAll('\n', ''));
}

function literal(text: string, indent: string): string {
  const chomping = !text.endsWith('\n') ? '|-' : text.endsWith('\n\n') ? '|+' : '|';
  const body = chomping === '|-' ? text : text.slice(0, -1);
  return `${chomping}\n${body
    .split('\n')
    .map((line) => (line === '' ? '' : indent + line))
    .join('\n')}`;
}
