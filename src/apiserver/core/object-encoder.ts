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
  pieces.object(object as unknown as Fields, writeField);
  pieces.text += '\n';
  return pieces.list.length === 0 ? Buffer.from(pieces.text) : joined(pieces.list, pieces.text, pieces.parts);
}

type Fields = Readonly<Record<string, unknown>>;

/** Texts and parts by turns, and the text after the last part. */
class Pieces {
  readonly list: (string | Buffer)[] = [];
  readonly parts: object[] = [];
  text = '';

  /** Writes the fields of a value, each with a function of its own, which gets only what is set. */
  object(value: Fields, write: (pieces: Pieces, name: string, field: unknown) => void): void {
    let separator = '{';
    for (const name in value) {
      const field = value[name];
      if (field === undefined) continue;
      this.text += `${separator}${JSON.stringify(name)}:`;
      separator = ',';
      write(this, name, field);
    }
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
}

function writeField(pieces: Pieces, name: string, field: unknown): void {
  if (typeof field !== 'object' || field === null) pieces.text += jsonText(field);
  else if (name === 'metadata') pieces.object(field as Fields, writeMetadataField);
  else pieces.part(field);
}

/** Only what somebody manages is long, and the same in many objects. */
function writeMetadataField(pieces: Pieces, name: string, field: unknown): void {
  if (name === 'managedFields' && Array.isArray(field)) writeManagers(pieces, field as readonly Fields[]);
  else pieces.text += jsonText(field);
}

function writeManagers(pieces: Pieces, entries: readonly Fields[]): void {
  let before = '[';
  for (const entry of entries) {
    pieces.text += before;
    before = ',';
    pieces.object(entry, writeManagerField);
  }
  pieces.text += before === '[' ? '[]' : ']';
}

function writeManagerField(pieces: Pieces, name: string, field: unknown): void {
  if (name === 'fieldsV1' && typeof field === 'object' && field !== null) pieces.part(field);
  else pieces.text += jsonText(field);
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
