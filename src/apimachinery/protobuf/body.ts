// From a request's protobuf bytes to an object of the expected kind, with the real server's errors.
import { badRequest } from '../errors/api-error.js';
import { checkKind } from '../codec/kind.js';
import { apiVersionOf, type GroupVersionKind, type Mutable } from '../object.js';
import { finish, type Work } from '../../clock/slices.js';
import { decodeObject, DecodeError } from '../schema/decode.js';
import { decodeObjectWork } from '../schema/decode-work.js';
import type { SchemaNode } from '../schema/node.js';
import type { ProtobufCodec } from './codec.js';
import { openEnvelope, type Envelope } from './envelope.js';
import { ProtobufError } from './reader.js';

/**
 * The body as a fresh object of the expected kind, owned by the caller, with `kind` and `apiVersion` first. Unknown fields are passed over.
 * Throws ApiError 400.
 */
export function decodeProtobufBody(codec: ProtobufCodec, bytes: Uint8Array, expected: GroupVersionKind, node: SchemaNode): Mutable {
  return finish(decodeProtobufBodyWork(codec, bytes, expected, node));
}

/** {@link decodeProtobufBody}, which yields in the midst of a long body. */
export function* decodeProtobufBodyWork(
  codec: ProtobufCodec,
  bytes: Uint8Array,
  expected: GroupVersionKind,
  node: SchemaNode,
): Work<Mutable> {
  let envelope: Envelope;
  try {
    envelope = openEnvelope(bytes);
  } catch (error) {
    if (!(error instanceof ProtobufError)) throw error;
    throw badRequest(`the object provided is unrecognized (must be of type ${expected.kind}): ${error.message} (${beginning(bytes)})`);
  }
  const found = kindOf(envelope, bytes, expected, codec);
  try {
    const long = envelope.raw.byteLength > longBody;
    const message = long ? yield* codec.decodeMessageWork(node, envelope.raw) : codec.decodeMessage(node, envelope.raw);
    const { object } = long ? yield* decodeObjectWork(node, message) : decodeObject(node, message);
    const output: Mutable = { kind: expected.kind, apiVersion: apiVersionOf(expected.group, expected.version) };
    if (object['metadata'] !== undefined) output['metadata'] = object['metadata'];
    for (const key in object) if (key !== 'kind' && key !== 'apiVersion' && key !== 'metadata') output[key] = object[key];
    return output;
  } catch (error) {
    if (!(error instanceof ProtobufError) && !(error instanceof DecodeError)) throw error;
    throw badRequest(`${found.kind} in version "${found.version}" cannot be handled as a ${expected.kind}: ${error.message}`);
  }
}

/** Shorter bodies are decoded at once. */
const longBody = 32 * 1024;

/** An apiVersion with two slashes is taken for none. */
function kindOf({ apiVersion, kind }: Envelope, bytes: Uint8Array, expected: GroupVersionKind, codec: ProtobufCodec): GroupVersionKind {
  const malformed = apiVersion.indexOf('/') !== apiVersion.lastIndexOf('/');
  return checkKind({ apiVersion: malformed ? '' : apiVersion, kind }, bytes, expected, (other) =>
    codec.knows(apiVersionOf(other.group, other.version), other.kind),
  );
}

/**
 * DeleteOptions, of any group that has them, as a JSON value. Throws ApiError 400.
 * https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/delete-options/
 */
export function decodeProtobufOptions(codec: ProtobufCodec, bytes: Uint8Array): Readonly<Record<string, unknown>> {
  try {
    const { apiVersion, kind, raw } = openEnvelope(bytes);
    if (kind !== '' && kind !== 'DeleteOptions') {
      throw badRequest(`no kind "${kind}" is registered for version "${apiVersion}" in scheme "pkg/runtime/scheme.go:111"`);
    }
    return codec.decodeMessage(codec.deleteOptions(), raw);
  } catch (error) {
    throw error instanceof ProtobufError ? badRequest(error.message) : error;
  }
}

/** The first thirty bytes, in hexadecimal unless they begin a JSON object. */
function beginning(bytes: Uint8Array): string {
  if (bytes.length === 0) return '<empty>';
  const first = Buffer.from(bytes.subarray(0, 30));
  return `${first.toString(bytes[0] === 0x7b ? 'utf8' : 'hex')}${bytes.length > 30 ? ' ...' : ''}`;
}
