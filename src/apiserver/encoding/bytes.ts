// Puts answers together from bytes that are there already: an object is encoded once for all who read it.
import { jsonLine, jsonText } from '../../apimachinery/codec/json.js';
import { apiVersionOf, type KubeObject, type ListMeta } from '../../apimachinery/object.js';
import type { Work } from '../../clock/slices.js';
import type { Kind } from '../../registry/kind.js';
import type { Entry, StoreEvent } from '../../storage/store.js';
import type { ListResult, OutgoingEvent } from '../core/api-request.js';
import { inVersion } from '../core/versions.js';

const comma = Buffer.from(',');
const brace = Buffer.from('{');
const commaBrace = Buffer.from(',{');
const listEnd = Buffer.from(']}\n');
const eventEnd = Buffer.from('}\n');

/** A value as a part of something else: without the line's end that an answer has. */
export function jsonBytes(value: unknown): Buffer {
  return Buffer.from(jsonText(value));
}

/** The JSON of an object in the kind's version, as an answer. */
export function objectBytes(kind: Kind, entry: Entry<KubeObject>): Uint8Array {
  if (kind.conversion === undefined) return entry.bytes();
  const object = inVersion(kind, entry.value);
  return object === entry.value ? entry.bytes() : jsonLine(object);
}

/** The JSON of a stored object as a part of something else, without its first `skip` bytes. */
export function entryPart(entry: Entry<KubeObject>, skip = 0): Uint8Array {
  const bytes = entry.bytes();
  return bytes.subarray(skip, bytes.byteLength - 1);
}

const headLengths = new WeakMap<Kind, number>();

/** Items of a list do not repeat kind and apiVersion, which stand first in a stored object's bytes: they are cut off. */
function headLength(kind: Kind): number {
  let length = headLengths.get(kind);
  if (length === undefined) {
    length = Buffer.byteLength(
      `{"kind":${JSON.stringify(kind.kind)},"apiVersion":${JSON.stringify(apiVersionOf(kind.group, kind.version))},`,
    );
    headLengths.set(kind, length);
  }
  return length;
}

/** How many items are put together at a time: most are bytes already. */
const batch = 64;

/** A list in pieces, most of which are stored so already. */
export function* listPieces({ kind, metadata, entries }: ListResult): Work<Uint8Array[]> {
  if (kind.customSchema !== undefined) return yield* customPieces(kind, entries, metadata);
  const parts: Uint8Array[] = [listHead(kind.listKind, apiVersionOf(kind.group, kind.version), metadata)];
  const skip = headLength(kind);
  for (let i = 0; i < entries.length; i++) {
    if (i % batch === batch - 1) yield;
    if (kind.conversion === undefined) parts.push(i > 0 ? commaBrace : brace, entryPart(entries[i]!, skip));
    else {
      if (i > 0) parts.push(comma);
      const { kind: _kind, apiVersion: _apiVersion, ...item } = inVersion(kind, entries[i]!.value) as KubeObject & Record<string, unknown>;
      parts.push(jsonBytes(item));
    }
  }
  parts.push(listEnd);
  return parts;
}

/** Lists of custom resources say also that nothing follows, and their items what they are, each. */
function* customPieces(kind: Kind, entries: ListResult['entries'], metadata: ListMeta): Work<Uint8Array[]> {
  const parts: Uint8Array[] = [listHead(kind.listKind, apiVersionOf(kind.group, kind.version), { continue: '', ...metadata })];
  for (let i = 0; i < entries.length; i++) {
    if (i % batch === batch - 1) yield;
    if (i > 0) parts.push(comma);
    const entry = entries[i]!;
    const object = inVersion(kind, entry.value);
    parts.push(object === entry.value ? entryPart(entry) : jsonBytes(object));
  }
  parts.push(listEnd);
  return parts;
}

export function listHead(kind: string, apiVersion: string, metadata: ListMeta): Buffer {
  return Buffer.from(
    `{"kind":${JSON.stringify(kind)},"apiVersion":${JSON.stringify(apiVersion)},"metadata":${jsonText(metadata)},"items":[`,
  );
}

const eventHeads = new Map<string, Buffer>(
  ['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK', 'ERROR'].map((type) => [type, Buffer.from(`{"type":"${type}","object":`)]),
);

export function eventBytes(type: string, object: Uint8Array): Buffer {
  return Buffer.concat([eventHeads.get(type)!, object, eventEnd]);
}

/** Encodes each event once for all its watchers: keyed by the store's event, then by what the watchers see it as. */
export class EventEncoder {
  readonly #known = new WeakMap<StoreEvent<KubeObject>, Map<string, Buffer>>();

  /** `form` tells apart different encodings of one event; `encode` gives the object's bytes, `frame` puts them into an event's. */
  encode(
    event: OutgoingEvent,
    form: string,
    encode: (event: OutgoingEvent) => Uint8Array,
    frame: (type: string, object: Uint8Array) => Buffer = eventBytes,
  ): Buffer {
    const { source, type } = event;
    if (source === undefined) return frame(type, encode(event));
    // One event goes to all its watchers in a row, most of whom want the same.
    const last = this.#last;
    if (last?.source === source && last.type === type && last.form === form) return last.bytes;
    const bytes = this.#kept(source, event, form, encode, frame);
    this.#last = { source, type, form, bytes };
    return bytes;
  }

  #last: { readonly source: StoreEvent<KubeObject>; readonly type: string; readonly form: string; readonly bytes: Buffer } | undefined;

  #kept(
    source: StoreEvent<KubeObject>,
    event: OutgoingEvent,
    form: string,
    encode: (event: OutgoingEvent) => Uint8Array,
    frame: (type: string, object: Uint8Array) => Buffer,
  ): Buffer {
    let encodings = this.#known.get(source);
    if (encodings === undefined) this.#known.set(source, (encodings = new Map<string, Buffer>()));
    const key = `${event.type} ${form}`;
    let bytes = encodings.get(key);
    if (bytes === undefined) encodings.set(key, (bytes = frame(event.type, encode(event))));
    return bytes;
  }
}
