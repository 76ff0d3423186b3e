// What a DELETE's body says about how to delete. https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/delete-options/
import { badRequest } from '../../apimachinery/errors/api-error.js';
import { invalidObject } from '../../apimachinery/errors/field-error.js';
import { decodeBody } from '../../apimachinery/codec/body.js';
import { checkKind } from '../../apimachinery/codec/kind.js';
import { SyntaxProblem } from '../../apimachinery/codec/json-reader.js';
import { isRecord, type Mutable } from '../../apimachinery/object.js';
import { decodeProtobufOptions } from '../../apimachinery/protobuf/body.js';
import { decodeObject, DecodeError } from '../../apimachinery/schema/decode.js';
import type { ApiRequest, RequestBody, RequestOptions } from '../core/api-request.js';
import type { Core } from '../core/core.js';
import { deleteOptionErrors } from '../request/options.js';

const definition = 'io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions';
const expected = { group: '', version: 'v1', kind: 'DeleteOptions' };

/** The options of the body when there is one, of the query otherwise. Throws 400 for a body that is no DeleteOptions, 422 for values that an option does not take. */
export function deleteOptionsOf(core: Core, { body, options }: ApiRequest): RequestOptions {
  if (body === undefined) return options;
  const given = decoded(core, 'bytes' in body ? optionsIn(core, body) : body.value);
  const { gracePeriodSeconds, propagationPolicy, orphanDependents, dryRun, preconditions } = given;
  const read: RequestOptions = {
    ...selectorsOf(options),
    ...(typeof gracePeriodSeconds === 'number' ? { gracePeriodSeconds } : {}),
    ...(typeof propagationPolicy === 'string' ? { propagationPolicy } : {}),
    ...(typeof orphanDependents === 'boolean' ? { orphanDependents } : {}),
    ...(isRecord(preconditions) ? { preconditions: preconditionsOf(preconditions) } : {}),
    ...(Array.isArray(dryRun) && dryRun.length > 0 ? { dryRun: true } : {}),
  };
  const errors = deleteOptionErrors(read, Array.isArray(dryRun) ? dryRun.map(String) : []);
  if (errors.length > 0) throw invalidObject({ group: 'meta.k8s.io', kind: 'DeleteOptions' }, '', errors);
  return read;
}

/** What of the query says which objects a collection's deletion means: that is no option of a deletion. */
function selectorsOf({
  labelSelector,
  fieldSelector,
  limit,
  continue: next,
  resourceVersion,
  resourceVersionMatch,
}: RequestOptions): RequestOptions {
  const all = { labelSelector, fieldSelector, limit, continue: next, resourceVersion, resourceVersionMatch };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

function preconditionsOf({ uid, resourceVersion }: Readonly<Record<string, unknown>>): NonNullable<RequestOptions['preconditions']> {
  return { ...(typeof uid === 'string' ? { uid } : {}), ...(typeof resourceVersion === 'string' ? { resourceVersion } : {}) };
}

function optionsIn(core: Core, { bytes, mediaType, protobuf }: Extract<RequestBody, { readonly bytes: Uint8Array }>): unknown {
  if (bytes.byteLength === 0) return {};
  if (protobuf !== undefined) return decodeProtobufOptions(protobuf, bytes);
  const value = decodeBody(bytes, mediaType);
  checkOptionsKind(core, value, bytes);
  return value;
}

/** DeleteOptions are known in every version of every group. */
function checkOptionsKind(core: Core, value: unknown, bytes: Uint8Array): void {
  try {
    // An object, and what is wrong with its two words; which ones they may be is another matter than for objects that are stored.
    const words = isRecord(value)
      ? Object.entries(value).filter(([key, one]) => (key === 'kind' || key === 'apiVersion') && typeof one !== 'string')
      : [];
    checkKind(isRecord(value) ? Object.fromEntries(words) : value, bytes, expected);
  } catch (error) {
    if (error instanceof SyntaxProblem) throw badRequest(`couldn't get version/kind; json parse error: ${error.message}`);
    throw error;
  }
  if (!isRecord(value)) return;
  const kind = typeof value['kind'] === 'string' && value['kind'] !== '' ? value['kind'] : expected.kind;
  const apiVersion = typeof value['apiVersion'] === 'string' ? value['apiVersion'] : '';
  const known = ['', 'v1', 'meta.k8s.io/v1'].includes(apiVersion) || isServed(core, apiVersion);
  if (kind !== expected.kind || !known) {
    throw badRequest(
      `no kind "${kind}" is registered for version "${apiVersion === '' ? 'v1' : apiVersion}" in scheme "pkg/runtime/scheme.go:111"`,
    );
  }
}

function isServed(core: Core, apiVersion: string): boolean {
  return core.registry.groups().some(({ name, versions }) => versions.some((version) => apiVersion === `${name}/${version}`));
}

function decoded(core: Core, value: unknown): Mutable {
  try {
    return decodeObject(core.schemaFor(definition), value ?? {}).object;
  } catch (error) {
    throw error instanceof DecodeError ? badRequest(error.message) : error;
  }
}
