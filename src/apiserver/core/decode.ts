// From what a client sent to a draft of the request's kind: decoded by the schema, with defaults.
import type { GroupVersionKind, KubeObject, Mutable } from '../../apimachinery/object.js';
import { apiVersionOf } from '../../apimachinery/object.js';
import { finish, type Work } from '../../clock/slices.js';
import { decodeObjectBodyWork } from '../../apimachinery/codec/body.js';
import { longText } from '../../apimachinery/codec/json.js';
import { decodeProtobufBodyWork } from '../../apimachinery/protobuf/body.js';
import { decodeObject } from '../../apimachinery/schema/decode.js';
import type { SchemaNode } from '../../apimachinery/schema/node.js';
import { badRequest } from '../../apimachinery/errors/api-error.js';
import type { ApiRequest } from './api-request.js';
import type { Core } from './core.js';

/** The body as a fresh object of this type, without defaults; `told` is how the request's audit event tells it. Throws 400 for what cannot be read as one. */
export function decodeRequestBody(
  core: Core,
  request: ApiRequest,
  expected: GroupVersionKind,
  node: SchemaNode,
  told: (object: Mutable) => Mutable = (object) => object,
): Mutable {
  return finish(decodeRequestBodyWork(core, request, expected, node, told));
}

/** {@link decodeRequestBody}, which yields in the midst of a long body. */
export function* decodeRequestBodyWork(
  core: Core,
  request: ApiRequest,
  expected: GroupVersionKind,
  node: SchemaNode,
  told: (object: Mutable) => Mutable = (object) => object,
): Work<Mutable> {
  const object = yield* readRequestBody(core, request, expected, node);
  request.audit?.requestObject(told(object));
  return object;
}

function* readRequestBody(core: Core, request: ApiRequest, expected: GroupVersionKind, node: SchemaNode): Work<Mutable> {
  const { body, options, warnings } = request;
  if (body === undefined) throw badRequest('the request has no body');
  if ('bytes' in body) {
    if (body.protobuf !== undefined) return yield* decodeProtobufBodyWork(body.protobuf, body.bytes, expected, node);
    const decoded = yield* decodeObjectBodyWork(body.bytes, {
      mediaType: body.mediaType,
      expected,
      node,
      fieldValidation: options.fieldValidation ?? 'Warn',
      custom: request.kind.customSchema !== undefined && node === request.kind.schema(),
      isKnown: ({ group, version, kind }) => core.registry.byKind(group, version, kind) !== undefined,
    });
    warnings.push(...decoded.warnings);
    return decoded.object;
  }
  const { object } = decodeObject(node, body.value);
  object['apiVersion'] = apiVersionOf(expected.group, expected.version);
  object['kind'] = expected.kind;
  return object;
}

/** The body as a draft of the request's own kind, defaults applied. Yields in the midst of a long one. */
export function* decodeDraft(core: Core, request: ApiRequest): Work<Mutable> {
  const draft = yield* readRequestBody(core, request, request.kind, request.kind.schema());
  if (isLongBody(request)) yield;
  request.kind.strategy.applyDefaults?.(draft);
  request.audit?.requestObject(draft);
  return draft;
}

/** Whether a body is so long that what is done with it is not done at once. */
export function isLongBody({ body }: ApiRequest): boolean {
  return body !== undefined && 'bytes' in body && body.bytes.byteLength >= longText;
}

/** The draft's metadata, made when it is missing. Owned by the caller. */
export function metadataOf(draft: Mutable): Mutable {
  const metadata = draft['metadata'];
  if (typeof metadata === 'object' && metadata !== null) return metadata as Mutable;
  const made: Mutable = {};
  draft['metadata'] = made;
  return made;
}

/** A draft that has all that a stored object has, but for its resourceVersion. */
export function asObject(draft: Mutable): KubeObject {
  return draft as unknown as KubeObject;
}
