// Answers as protobuf, put together from messages that are encoded once for all who read them.
// https://kubernetes.io/docs/reference/using-api/api-concepts/#protobuf-encoding
import { apiVersionOf, type KubeObject, type ListMeta } from '../../apimachinery/object.js';
import { protobufMediaType, type ProtobufCodec, type Typed } from '../../apimachinery/protobuf/codec.js';
import { envelope, envelopeAround, header, headerSize, writeHeader } from '../../apimachinery/protobuf/envelope.js';
import type { Work } from '../../clock/slices.js';
import type { Kind } from '../../registry/kind.js';
import type { ListResult, OutgoingEvent } from '../core/api-request.js';
import { inVersion } from '../core/versions.js';

export const protobufStream = `${protobufMediaType};stream=watch`;

/** Fields 1 and 2, each with a length. */
const [first, second] = [0x0a, 0x12];

/** One object. `kind`: given when the object is what the store holds, in that kind's version, so that its message can be kept. */
export function protobufObject(codec: ProtobufCodec, object: Typed, kind: Kind | undefined): Buffer {
  const message = kind === undefined ? codec.message(object) : codec.keptMessage(object, kind.schema());
  return envelope(object.apiVersion ?? '', object.kind ?? '', message);
}

/** In pieces, between which it yields. */
export function* protobufList(codec: ProtobufCodec, { kind, metadata, entries }: ListResult): Work<Buffer> {
  const node = kind.schema();
  const messages = yield* messagesOf(entries, ({ value }) => codec.keptMessage(inVersion(kind, value), node));
  return list(codec, apiVersionOf(kind.group, kind.version), kind.listKind, metadata, messages);
}

/** An object's metadata alone. https://kubernetes.io/docs/reference/using-api/api-concepts/#metadata-only-fetches */
export function protobufMetadata(codec: ProtobufCodec, object: KubeObject, apiVersion: string): Buffer {
  return envelope(apiVersion, 'PartialObjectMetadata', metadataMessage(codec, object));
}

/** The metadata alone of a list's items, in this version of meta.k8s.io; yields between pieces. */
export function* protobufMetadataList(codec: ProtobufCodec, { kind, metadata, entries }: ListResult, apiVersion: string): Work<Buffer> {
  const messages = yield* messagesOf(entries, ({ value }) => metadataMessage(codec, inVersion(kind, value)));
  return list(codec, apiVersion, 'PartialObjectMetadataList', metadata, messages);
}

/** How many messages are made at a time, and how many bytes of them: they may be long. */
const batch = 32;
const longPiece = 64 * 1024;

function* messagesOf<T>(items: readonly T[], message: (item: T) => Uint8Array): Work<Uint8Array[]> {
  const messages: Uint8Array[] = [];
  let bytes = 0;
  for (const item of items) {
    if (messages.length % batch === batch - 1 || bytes > longPiece) {
      yield;
      bytes = 0;
    }
    const made = message(item);
    messages.push(made);
    bytes += made.byteLength;
  }
  return messages;
}

function metadataMessage(codec: ProtobufCodec, { metadata }: KubeObject): Uint8Array {
  const message = codec.keptMetadata(metadata);
  return Buffer.concat([header(first, message.byteLength), message]);
}

/** A list's metadata is field 1, its items are field 2. */
function list(codec: ProtobufCodec, apiVersion: string, kind: string, metadata: ListMeta, messages: readonly Uint8Array[]): Buffer {
  const listMeta = codec.listMeta(metadata);
  let size = headerSize(listMeta.byteLength) + listMeta.byteLength;
  for (const message of messages) size += headerSize(message.byteLength) + message.byteLength;
  return envelopeAround(apiVersion, kind, size, (bytes, start) => {
    let at = append(bytes, start, first, listMeta);
    for (const message of messages) at = append(bytes, at, second, message);
  });
}

function append(bytes: Buffer, at: number, tag: number, message: Uint8Array): number {
  const start = writeHeader(bytes, at, tag, message.byteLength);
  bytes.set(message, start);
  return start + message.byteLength;
}

/** The object of an event in its envelope, as this watcher sees it: whole, or its metadata in this version of meta.k8s.io. */
export function protobufEventObject(codec: ProtobufCodec, kind: Kind, metaVersion: string | undefined, event: OutgoingEvent): Buffer {
  const { object, entry } = event;
  if (metaVersion !== undefined) return protobufMetadata(codec, object, metaVersion);
  const message = entry === undefined ? codec.message(object, kind.schema()) : codec.keptMessage(object, kind.schema());
  return envelope(object.apiVersion, object.kind, message);
}

/** One frame of a watch: its length in four bytes, then the event's type 1 and its object 2 (an envelope in a field 1). */
export function protobufFrame(type: string, object: Uint8Array): Buffer {
  const raw = header(first, object.byteLength);
  const name = Buffer.from(type);
  const event = [header(first, name.length), name, header(second, raw.length + object.byteLength), raw, object];
  const length = Buffer.alloc(4);
  length.writeUInt32BE(event.reduce((sum, part) => sum + part.byteLength, 0));
  return Buffer.concat([length, ...event]);
}
