// patch: a change to part of an object, in four forms.
// https://kubernetes.io/docs/reference/using-api/api-concepts/#patch-and-apply
import { ApiError, badRequest, notFound, unsupportedMediaType } from '../../apimachinery/errors/api-error.js';
import { decodeBody } from '../../apimachinery/codec/body.js';
import { applyPatch } from '../../apimachinery/managedfields/apply.js';
import { isRecord, parseApiVersion, type KubeObject, type Mutable } from '../../apimachinery/object.js';
import { applyJsonPatch } from '../../apimachinery/patch/json-patch.js';
import { applyMergePatch } from '../../apimachinery/patch/merge-patch.js';
import { jsonTypeOf, unfitResult, unfitStrategicPatch } from '../../apimachinery/patch/patch-errors.js';
import { applyStrategicMergePatch } from '../../apimachinery/patch/strategic-merge-patch.js';
import type { ApiRequest, ObjectResult, PatchMediaType } from '../core/api-request.js';
import type { SchemaNode } from '../../apimachinery/schema/node.js';
import type { Core } from '../core/core.js';
import { draftOf } from '../core/decode.js';
import { textOf } from '../core/metadata.js';
import { resetFieldsOf, writerOf } from '../core/managers.js';
import { createDraft } from './create.js';
import { write } from './write.js';

export async function patch(core: Core, request: ApiRequest): Promise<ObjectResult> {
  return request.patchType === 'apply' ? apply(core, request, patchBody(request) ?? {}) : change(core, request, patchBody(request));
}

/** The patch as a JSON value. */
export function patchBody(request: ApiRequest): unknown {
  const { body } = request;
  if (body === undefined) throw badRequest('the request has no body');
  if ('value' in body) return body.value;
  const quick = request.patchType === 'apply' ? jsonOf(body.bytes) : undefined;
  if (quick !== undefined) return quick;
  try {
    return decodeBody(body.bytes, body.mediaType);
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== 400) throw error;
    // The same text errors are worded by what reads them.
    const why = error.message.replace(/^couldn't get version\/kind; json parse error: /, '');
    const prefix = {
      strategic: '',
      json: 'error decoding patch: ',
      merge: 'error decoding patch: ',
      apply: 'error decoding YAML: error converting YAML to JSON: ',
    }[request.patchType ?? 'merge'];
    throw badRequest(prefix + why);
  }
}

const openingBrace = 0x7b;

/** An applied configuration that is JSON, which clients send as YAML since YAML contains it: read a dozen times as fast. Undefined for other YAML. */
function jsonOf(bytes: Uint8Array): unknown {
  if (bytes[0] !== openingBrace) return undefined;
  try {
    return decodeBody(bytes, 'application/json');
  } catch {
    // A flow mapping that is not JSON, or a mistake that the YAML reader words as the real server does.
    return undefined;
  }
}

/** `value` with the patch applied. */
export function patched(type: PatchMediaType | undefined, node: SchemaNode, value: unknown, patchValue: unknown): unknown {
  switch (type) {
    case 'json':
      return applyJsonPatch(value, patchValue);
    case 'merge':
      return applyMergePatch(value, patchValue);
    case 'strategic':
      return applyStrategicMergePatch(node, value, patchValue);
    default:
      throw unsupportedMediaType('415: Unsupported Media Type');
  }
}

function change(core: Core, request: ApiRequest, patchValue: unknown): Promise<ObjectResult> {
  return write(core, request, {
    draft: (old) => {
      const value = patched(request.patchType, request.kind.schema(), old, patchValue);
      if (value === old) return old;
      const unfit = (why: string): ApiError =>
        request.patchType === 'strategic' ? unfitStrategicPatch(patchValue, why) : unfitResult(value, why);
      return keepManagers(draftOf(request.kind, value, request, unfit), value);
    },
  });
}

/** https://kubernetes.io/docs/reference/using-api/server-side-apply/ */
async function apply(core: Core, request: ApiRequest, config: unknown): Promise<ObjectResult> {
  const { kind, name } = request;
  checkConfig(request, config);
  const merged = (live: KubeObject | undefined): unknown =>
    applyPatch({
      ...writerOf(core, request),
      node: kind.schema(),
      live,
      config,
      force: request.options.force === true,
      resetFields: resetFieldsOf(kind, request.subresource),
    });
  return write(core, request, {
    managed: true,
    draft: (old) => {
      const value = merged(old);
      return value === old ? old : keepManagers(draftOf(kind, value, request, badRequest), value);
    },
    missing: () => {
      if (isRecord(config) && !namesItself(config))
        throw badRequest(`the name of the object (${name} based on URL) was undeterminable: name must be provided`);
      if (request.subresource !== '') throw notFound(kind, name);
      const value = merged(undefined);
      return createDraft(core, { ...request, verb: 'create' }, keepManagers(draftOf(kind, value, request, badRequest), value), true);
    },
  });
}

/** Decoding copies; the list of managers stays the very same where nothing changed it, which is how a write that changes nothing is told. */
function keepManagers(draft: Mutable, value: unknown): Mutable {
  const managers = (value as KubeObject).metadata.managedFields;
  if (managers !== undefined) (draft['metadata'] as Mutable)['managedFields'] = managers;
  return draft;
}

/** Whether the configuration says its own name, which only a create needs. */
function namesItself(config: Readonly<Record<string, unknown>>): boolean {
  const metadata = config['metadata'];
  return isRecord(metadata) && typeof metadata['name'] === 'string' && metadata['name'] !== '';
}

function checkConfig({ kind, name, namespace }: ApiRequest, config: unknown): void {
  if (!isRecord(config))
    throw badRequest(
      `error decoding YAML: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ${jsonTypeOf(config)} into Go value of type map[string]interface {}`,
    );
  const given = parseApiVersion(typeof config['apiVersion'] === 'string' ? config['apiVersion'] : '');
  const givenKind = typeof config['kind'] === 'string' ? config['kind'] : '';
  if (givenKind !== kind.kind || given.group !== kind.group) {
    throw badRequest(`invalid object type: ${given.group}/${given.version}, Kind=${givenKind}`);
  }
  if (given.version !== kind.version)
    throw badRequest(
      `Incorrect version specified in apply patch. Specified patch version: ${given.group === '' ? '' : `${given.group}/`}${given.version}, expected: ${kind.group === '' ? '' : `${kind.group}/`}${kind.version}`,
    );
  const metadata = isRecord(config['metadata']) ? config['metadata'] : {};
  const givenName = metadata['name'];
  if (givenName !== undefined && givenName !== '' && givenName !== name)
    throw badRequest(`the name of the object (${textOf(givenName)}) does not match the name on the URL (${name})`);
  const givenNamespace = metadata['namespace'];
  if (kind.namespaced && givenNamespace !== undefined && givenNamespace !== '' && givenNamespace !== namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
}
