// Texts by code points, as CEL counts them; plain ASCII and the first plane go the fast way.

/** Whether a text has characters of two UTF-16 units. */
export function hasSurrogates(text: string): boolean {
  if (text.length > longText) return surrogate.test(text);
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code >= 0xd800 && code < 0xe000) return true;
  }
  return false;
}

const surrogate = /[\ud800-\udfff]/;
/** Longer ones are searched many times as fast as they are gone through character by character. */
const longText = 256;

export function codePointLength(text: string): number {
  let length = text.length;
  if (length > longText && !surrogate.test(text)) return length;
  for (let index = 0; index < text.length - 1; index++) {
    const code = text.charCodeAt(index);
    if (code >= 0xd800 && code < 0xdc00) {
      const next = text.charCodeAt(index + 1);
      if (next >= 0xdc00 && next < 0xe000) {
        length--;
        index++;
      }
    }
  }
  return length;
}

/** The text's characters, to be counted and cut by code points. */
export function codePoints(text: string): readonly string[] {
  return hasSurrogates(text) ? [...text] : text.split('');
}

/** The UTF-8 text of bytes, or undefined when they are none. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  const text = Buffer.from(bytes).toString('utf8');
  return text.includes('\ufffd') && Buffer.compare(Buffer.from(text, 'utf8'), bytes) !== 0 ? undefined : text;
}
