// The bytes of a stored object. What it shares with a version that was encoded before (`spec`, after a patch of labels) is copied from there.
import { jsonText } from '../../apimachinery/codec/json.js';
import type { KubeObject } from '../../apimachinery/object.js';

/** Where a part's JSON is. */
interface Place {
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
}

/** By the part itself: the newest bytes that it is in. A memo, not state: it goes with the part. */
const places = new WeakMap<object, Place>();

/** Shorter parts are written anew as fast as they are found. */
const leastLength = 256;

/** The object as JSON with a line's end, as the real server writes it. */
export function encodeObject(object: KubeObject): Buffer {
  const value = object as unknown as Readonly<Record<string, unknown>>;
  const pieces: (string | Buffer)[] = [];
  const parts: object[] = [];
  let text = '{';
  let separator = '';
  for (const name in value) {
    const part = value[name];
    if (part === undefined) continue;
    text += `${separator}${JSON.stringify(name)}:`;
    separator = ',';
    if (typeof part !== 'object' || part === null || name === 'metadata') {
      text += jsonText(part);
      continue;
    }
    const place = places.get(part);
    const json = place === undefined ? jsonText(part) : place.bytes.subarray(place.start, place.end);
    if (json.length < leastLength) {
      text += String(json);
      continue;
    }
    pieces.push(text, json);
    parts.push(part);
    text = '';
  }
  text += '}\n';
  return pieces.length === 0 ? Buffer.from(text) : joined(pieces, text, parts);
}

/** Texts and parts by turns, and the last text. Remembers where the parts are. */
function joined(pieces: readonly (string | Buffer)[], last: string, parts: readonly object[]): Buffer {
  const lengths = pieces.map((piece) => (typeof piece === 'string' ? Buffer.byteLength(piece) : piece.length));
  const bytes = Buffer.allocUnsafe(lengths.reduce((sum, length) => sum + length, Buffer.byteLength(last)));
  let at = 0;
  for (let i = 0; i < pieces.length; i++) {
    const piece = pieces[i]!;
    if (typeof piece === 'string') bytes.write(piece, at);
    else piece.copy(bytes, at);
    const end = at + lengths[i]!;
    if (i % 2 === 1) places.set(parts[(i - 1) / 2]!, { bytes, start: at, end });
    at = end;
  }
  bytes.write(last, at);
  return bytes;
}
