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

/** Keeps the JSON of a part that is about to be encoded. */
export function keepPart(part: object, bytes: Buffer): void {
  places.set(part, { bytes, start: 0, end: bytes.length });
}

/** Shorter parts are written anew as fast as they are found. */
const leastLength = 256;

/** The object as JSON with a line's end, as the real server writes it. */
export function encodeObject(object: KubeObject): Buffer {
  const pieces = new Pieces();
  pieces.object(object as unknown as Fields);
  pieces.text += '\n';
  return joined(pieces);
}

type Fields = Readonly<Record<string, unknown>>;

/** Texts and parts by turns, and the text after the last part. */
class Pieces {
  readonly list: (string | Buffer)[] = [];
  readonly parts: object[] = [];
  text = '';

  /** Writes the fields of an object, each that has fields itself as a part. */
  object(value: Fields): void {
    let separator = '{';
    for (const name in value) {
      const field = value[name];
      if (field === undefined) continue;
      this.text += `${separator}${JSON.stringify(name)}:`;
      separator = ',';
      if (typeof field !== 'object' || field === null) this.text += jsonText(field);
      else if (name === 'metadata') this.around(field as Fields, 'managedFields');
      else this.part(field);
    }
    this.text += separator === '{' ? '{}' : '}';
  }

  /** Writes a value of which only one field has parts: what is before it and after it goes at once. */
  around(value: Fields, special: 'managedFields' | 'fieldsV1'): void {
    let plain: Record<string, unknown> | undefined;
    let separator = '{';
    for (const name in value) {
      const field = value[name];
      if (name !== special || typeof field !== 'object' || field === null) {
        (plain ??= {})[name] = field;
        continue;
      }
      separator = this.#fields(plain, separator);
      plain = undefined;
      this.text += `${separator}"${special}":`;
      separator = ',';
      if (special === 'managedFields' && Array.isArray(field)) this.#managers(field as readonly Fields[]);
      else this.part(field);
    }
    separator = this.#fields(plain, separator);
    this.text += separator === '{' ? '{}' : '}';
  }

  /** Writes a part that other versions or objects may share. */
  part(value: object): void {
    const place = places.get(value);
    const json = place === undefined ? jsonText(value) : place.bytes.subarray(place.start, place.end);
    if (json.length < leastLength) {
      this.text += String(json);
      return;
    }
    this.list.push(this.text, json);
    this.parts.push(value);
    this.text = '';
  }

  /** Only what somebody manages is long in metadata, and the same in many objects. */
  #managers(entries: readonly Fields[]): void {
    let before = '[';
    for (const entry of entries) {
      this.text += before;
      before = ',';
      this.around(entry, 'fieldsV1');
    }
    this.text += before === '[' ? '[]' : ']';
  }

  /** Returns what comes before the next field. */
  #fields(fields: Fields | undefined, separator: string): string {
    const json = fields === undefined ? '{}' : jsonText(fields);
    if (json.length === 2) return separator;
    this.text += separator + json.slice(1, -1);
    return ',';
  }
}

/** The pieces in one. Remembers where the parts are. */
function joined({ list, text, parts }: Pieces): Buffer {
  // As much as UTF-8 can take at most: to count what it takes is as slow as to write it, and only done where a block is nearly full.
  let most = text.length * 3;
  for (const piece of list) most += typeof piece === 'string' ? piece.length * 3 : piece.length;
  const isShort = most <= longestInBlock;
  const bytes = !isShort
    ? Buffer.allocUnsafeSlow(lengthOf(list, text))
    : block.hasRoomFor(most)
      ? block.bytes
      : block.withRoomFor(lengthOf(list, text));
  const start = isShort ? block.used : 0;
  let at = start;
  for (let i = 0; i < parts.length; i++) {
    at += bytes.write(list[i * 2] as string, at);
    const json = list[i * 2 + 1]!;
    const end = at + (typeof json === 'string' ? bytes.write(json, at) : json.copy(bytes, at));
    places.set(parts[i]!, { bytes, start: at, end });
    at = end;
  }
  at += bytes.write(text, at);
  if (!isShort) return bytes;
  block.used = at;
  return bytes.subarray(start, at);
}

function lengthOf(list: readonly (string | Buffer)[], text: string): number {
  let length = Buffer.byteLength(text);
  for (const piece of list) length += Buffer.byteLength(piece);
  return length;
}

/** Memory that the bytes of several objects share, as in Node's own pool, which holds no more than two pods. */
class Block {
  used = 0;
  bytes = Buffer.alloc(0);

  hasRoomFor(length: number): boolean {
    return this.bytes.length - this.used >= length;
  }

  /** The memory, which has so much room from `used` on. */
  withRoomFor(length: number): Buffer {
    if (!this.hasRoomFor(length)) {
      this.bytes = Buffer.allocUnsafeSlow(blockSize);
      this.used = 0;
    }
    return this.bytes;
  }
}

/** A larger one would save little more, and is kept for as long as one object in it. */
const blockSize = 32 * 1024;
const longestInBlock = blockSize / 2;
/** A memo, not state: nothing is read from it. */
const block = new Block();
