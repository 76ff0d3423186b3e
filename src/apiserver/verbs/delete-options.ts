// What a DELETE's body says about how to delete. https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/delete-options/
import { badRequest } from '../../apimachinery/errors/api-error.js';
import { invalid, invalidObject, notSupported, type FieldError } from '../../apimachinery/errors/field-error.js';
import { decodeBody } from '../../apimachinery/codec/body.js';
import { checkKind } from '../../apimachinery/codec/kind.js';
import { SyntaxProblem } from '../../apimachinery/codec/json-reader.js';
import { isRecord, type Mutable } from '../../apimachinery/object.js';
import { decodeProtobufOptions } from '../../apimachinery/protobuf/body.js';
import { decodeObject, DecodeError } from '../../apimachinery/schema/decode.js';
import type { ApiRequest, RequestBody, RequestOptions } from '../core/api-request.js';
import type { Core } from '../core/core.js';
import { dryRunErrors, flag, integer } from '../request/options.js';

const definition = 'io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions';
const expected = { group: '', version: 'v1', kind: 'DeleteOptions' };

const policies = ['Foreground', 'Background', 'Orphan', 'nil'];

/** The options of the body when there is one, of the query otherwise. Throws 400 for a body that is no DeleteOptions, 422 for values that an option does not take. */
export function deleteOptionsOf(core: Core, { body, options, query, audit }: ApiRequest): RequestOptions {
  if (body === undefined) return query === undefined || query.size === 0 ? options : { ...options, ...checked(optionsOfQuery(query)) };
  const given = decoded(core, 'bytes' in body ? optionsIn(body) : body.value);
  audit?.requestObject({ ...given, kind: expected.kind, apiVersion: 'meta.k8s.io/__internal' });
  const { gracePeriodSeconds, propagationPolicy, orphanDependents, dryRun, preconditions } = given;
  const read = checked({
    gracePeriodSeconds: typeof gracePeriodSeconds === 'number' ? gracePeriodSeconds : undefined,
    propagationPolicy: typeof propagationPolicy === 'string' ? propagationPolicy : undefined,
    orphanDependents: typeof orphanDependents === 'boolean' ? orphanDependents : undefined,
    preconditions: isRecord(preconditions) ? preconditionsOf(preconditions) : undefined,
    dryRun: Array.isArray(dryRun) ? dryRun.map(String) : [],
  });
  return { ...options, ...read };
}

interface GivenOptions {
  readonly gracePeriodSeconds: number | undefined;
  readonly propagationPolicy: string | undefined;
  readonly orphanDependents: boolean | undefined;
  readonly preconditions: RequestOptions['preconditions'];
  readonly dryRun: readonly string[];
}

function optionsOfQuery(query: URLSearchParams): GivenOptions {
  const grace = query.get('gracePeriodSeconds');
  const orphan = query.get('orphanDependents');
  const uid = query.get('uid');
  const resourceVersion = query.get('resourceVersion');
  return {
    gracePeriodSeconds: grace === null ? undefined : integer(grace),
    propagationPolicy: query.get('propagationPolicy') ?? undefined,
    orphanDependents: orphan === null ? undefined : flag(orphan),
    preconditions: uid || resourceVersion ? { ...(uid ? { uid } : {}), ...(resourceVersion ? { resourceVersion } : {}) } : undefined,
    dryRun: query.getAll('dryRun'),
  };
}

/** The options that are there. Throws 422 for values that an option does not take. */
function checked({ dryRun, ...given }: GivenOptions): RequestOptions {
  const { propagationPolicy: policy, orphanDependents } = given;
  const errors: FieldError[] = [];
  if (policy !== undefined && orphanDependents !== undefined)
    errors.push(invalid('propagationPolicy', policy, 'orphanDependents and deletionPropagation cannot be both set'));
  if (policy !== undefined && !policies.includes(policy)) errors.push(notSupported('propagationPolicy', policy, policies));
  errors.push(...dryRunErrors(dryRun));
  if (errors.length > 0) throw invalidObject({ group: 'meta.k8s.io', kind: 'DeleteOptions' }, '', errors);
  const there = Object.entries(given).filter(([, value]) => value !== undefined);
  return { ...(Object.fromEntries(there) as RequestOptions), ...(dryRun.length > 0 ? { dryRun: true } : {}) };
}

function preconditionsOf({ uid, resourceVersion }: Readonly<Record<string, unknown>>): NonNullable<RequestOptions['preconditions']> {
  return { ...(typeof uid === 'string' ? { uid } : {}), ...(typeof resourceVersion === 'string' ? { resourceVersion } : {}) };
}

function optionsIn({ bytes, mediaType, protobuf }: Extract<RequestBody, { readonly bytes: Uint8Array }>): unknown {
  if (bytes.byteLength === 0) return {};
  if (protobuf !== undefined) return decodeProtobufOptions(protobuf, bytes);
  const value = decodeBody(bytes, mediaType);
  checkOptionsKind(value, bytes);
  return value;
}

/** DeleteOptions are known in every version of every group. */
function checkOptionsKind(value: unknown, bytes: Uint8Array): void {
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
  if (apiVersion.split('/').length > 2) throw badRequest(`unexpected GroupVersion string: ${apiVersion}`);
  if (kind === expected.kind) return;
  const said = apiVersion === '' ? metaVersion : apiVersion;
  if (known.has(kind) || (said === metaVersion && knownOfMeta.has(kind)))
    throw badRequest(`converting (v1.${kind}) to (v1.DeleteOptions): unknown conversion`);
  throw badRequest(`no kind "${kind}" is registered for version "${said}" in scheme "pkg/runtime/scheme.go:111"`);
}

const metaVersion = 'meta.k8s.io/v1';

/** What the real server knows in every version of every group, as it does DeleteOptions. */
const known = new Set(['Status', 'APIVersions', 'APIGroupList', 'APIGroup', 'APIResourceList', 'CreateOptions', 'UpdateOptions']);
const knownOfMeta = new Set([
  'ListOptions',
  'GetOptions',
  'PatchOptions',
  'TableOptions',
  'WatchEvent',
  'Table',
  'PartialObjectMetadata',
  'PartialObjectMetadataList',
]);

function decoded(core: Core, value: unknown): Mutable {
  try {
    return decodeObject(core.schemaFor(definition), value ?? {}).object;
  } catch (error) {
    throw error instanceof DecodeError ? badRequest(error.message) : error;
  }
}
