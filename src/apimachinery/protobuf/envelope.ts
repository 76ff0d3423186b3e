// The envelope of every protobuf answer and body: four bytes, then the kind and the message's bytes.
// https://kubernetes.io/docs/reference/using-api/api-concepts/#protobuf-encoding
import { lengthWire, ProtobufError, WireReader } from './reader.js';
import { readFields } from './value.js';

/** What each message begins with: `k8s` and a zero byte. */
const magic = Buffer.from('k8s\0');

export interface Envelope {
  /** '' where it says nothing. */
  readonly apiVersion: string;
  readonly kind: string;
  /** The message. */
  readonly raw: Uint8Array;
}

const [field1, field2] = [8 + lengthWire, 16 + lengthWire];

/** The envelope's fields as the real server's errors name them, by number; all of them have a length. */
const fieldNames = ['', 'TypeMeta', 'Raw', 'ContentEncoding', 'ContentType'];

/** Opens an envelope. Throws ProtobufError with the real server's words. */
export function openEnvelope(bytes: Uint8Array): Envelope {
  if (bytes.byteLength === 0) throw new ProtobufError('empty data');
  if (bytes.byteLength < 4 || magic.compare(bytes, 0, 4) !== 0) {
    throw new ProtobufError(`provided data does not appear to be a protobuf message, expected prefix [${[...magic].join(' ')}]`);
  }
  if (bytes.byteLength === 4) throw new ProtobufError('empty body');
  const reader = new WireReader(bytes);
  reader.at = 4;
  let apiVersion = '';
  let kind = '';
  let raw: Uint8Array = new Uint8Array();
  while (reader.at < reader.end) {
    const tag = reader.tag('Unknown');
    if (tag === field1) {
      readFields(reader, 'TypeMeta', (inner) => {
        if (inner === field1) apiVersion = reader.string();
        else if (inner === field2) kind = reader.string();
        else reader.skip(inner & 7);
      });
    } else if (tag === field2) raw = reader.bytes();
    else {
      const name = fieldNames[Math.floor(tag / 8)];
      if (name !== undefined && (tag & 7) !== lengthWire) throw new ProtobufError(`proto: wrong wireType = ${tag & 7} for field ${name}`);
      reader.skip(tag & 7);
    }
  }
  return { apiVersion, kind, raw };
}

/** Content encoding 3 and content type 4, both empty, as the real server writes them. */
const envelopeEnd = Buffer.from([0x1a, 0, 0x22, 0]);

/** An envelope around a message of `size` bytes, which `fill` writes at the place it is given. One buffer: small answers go out in one packet. */
export function envelopeAround(apiVersion: string, kind: string, size: number, fill: (bytes: Buffer, at: number) => void): Buffer {
  const version = Buffer.byteLength(apiVersion);
  const name = Buffer.byteLength(kind);
  const typeMeta = headerSize(version) + version + headerSize(name) + name;
  const bytes = Buffer.allocUnsafe(magic.length + headerSize(typeMeta) + typeMeta + headerSize(size) + size + envelopeEnd.length);
  bytes.set(magic, 0);
  let at = writeHeader(bytes, magic.length, field1, typeMeta);
  at = writeHeader(bytes, at, field1, version);
  at += bytes.write(apiVersion, at);
  at = writeHeader(bytes, at, field2, name);
  at += bytes.write(kind, at);
  at = writeHeader(bytes, at, field2, size);
  fill(bytes, at);
  bytes.set(envelopeEnd, at + size);
  return bytes;
}

/** An envelope around a message. */
export function envelope(apiVersion: string, kind: string, message: Uint8Array): Buffer {
  return envelopeAround(apiVersion, kind, message.byteLength, (bytes, at) => bytes.set(message, at));
}

/** A field's tag (below 128) and the length of what follows. */
export function header(tag: number, size: number): Buffer {
  const bytes = Buffer.allocUnsafe(headerSize(size));
  writeHeader(bytes, 0, tag, size);
  return bytes;
}

/** How many bytes {@link header} takes. */
export function headerSize(size: number): number {
  let bytes = 2;
  for (let rest = size; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes++;
  return bytes;
}

/** Writes {@link header} at a place; returns where it ends. */
export function writeHeader(bytes: Uint8Array, at: number, tag: number, size: number): number {
  let next = at;
  bytes[next++] = tag;
  let rest = size;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes[next++] = (rest % 0x80) | 0x80;
  bytes[next++] = rest;
  return next;
}
