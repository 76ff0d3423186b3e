// Bytes of a YAML text to characters: UTF-8, or UTF-16 with a byte order mark. https://yaml.org/spec/1.1/#id868742
import { YamlProblem } from './source.js';

/** Throws YamlProblem for what is no text, or has characters that YAML does not. */
export function decodeText(bytes: Uint8Array): string {
  const text = charactersOf(bytes);
  if (forbidden.test(text)) throw new YamlProblem('yaml: control characters are not allowed');
  return text;
}

const forbidden = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x84\x86-\x9f\ufffe\uffff]/;

function charactersOf(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return utf16(bytes, 'utf-16le');
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return utf16(bytes, 'utf-16be');
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new YamlProblem(`yaml: ${utf8Problem(bytes)}`);
  }
}

function utf16(bytes: Uint8Array, encoding: 'utf-16le' | 'utf-16be'): string {
  if (bytes.byteLength % 2 === 1) throw new YamlProblem('yaml: incomplete UTF-16 character');
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    throw new YamlProblem('yaml: unexpected low surrogate area');
  }
}

/** What is wrong with the first character that is none. */
function utf8Problem(bytes: Uint8Array): string {
  for (let at = 0; at < bytes.length;) {
    const first = bytes[at]!;
    const width =
      first < 0x80 ? 1 : first >= 0xc0 && first < 0xe0 ? 2 : first >= 0xe0 && first < 0xf0 ? 3 : first >= 0xf0 && first < 0xf8 ? 4 : 0;
    if (width === 0) return 'invalid leading UTF-8 octet';
    if (at + width > bytes.length) return 'incomplete UTF-8 octet sequence';
    let value = width === 1 ? first : first & (0xff >> (width + 1));
    for (let offset = 1; offset < width; offset++) {
      const next = bytes[at + offset]!;
      if ((next & 0xc0) !== 0x80) return 'invalid trailing UTF-8 octet';
      value = (value << 6) | (next & 0x3f);
    }
    const least = [0, 0, 0x80, 0x800, 0x10000][width]!;
    if (value < least) return 'invalid length of a UTF-8 sequence';
    if ((value >= 0xd800 && value <= 0xdfff) || value > 0x10ffff) return 'invalid Unicode character';
    at += width;
  }
  return 'invalid leading UTF-8 octet';
}
