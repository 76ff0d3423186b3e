// patch: a change to part of an object, in four forms.
// https://kubernetes.io/docs/reference/using-api/api-concepts/#patch-and-apply
import { badRequest, notFound, unsupportedMediaType, type ApiError } from '../../apimachinery/errors/api-error.js';
import { applyPatchWork, unfitConfiguration } from '../../apimachinery/managedfields/apply.js';
import { apiVersionOf, isRecord, type KubeObject, type Mutable } from '../../apimachinery/object.js';
import { applyJsonPatch, applyJsonPatchWork } from '../../apimachinery/patch/json-patch.js';
import { applyMergePatch, applyMergePatchWork } from '../../apimachinery/patch/merge-patch.js';
import { asWritten, jsonTypeOf, unfitResult, unfitStrategicPatch } from '../../apimachinery/patch/patch-errors.js';
import { applyStrategicMergePatch, applyStrategicMergePatchWork } from '../../apimachinery/patch/strategic-merge-patch.js';
import type { Work } from '../../clock/slices.js';
import type { SchemaNode } from '../../apimachinery/schema/node.js';
import type { ApiRequest, ObjectResult, PatchMediaType } from '../core/api-request.js';
import type { Core } from '../core/core.js';
import { isLongBody } from '../core/decode.js';
import { otherVersionsOf, resetFieldsOf, writerOf } from '../core/managers.js';
import { createDraft } from './create.js';
import { readPatch, type PatchBody } from './patch-body.js';
import { draftOfPatched } from './patched-object.js';
import { workOf } from './turns.js';
import { write } from './write.js';

export { patchBody } from './patch-body.js';

/** What the types of custom resources say does not tell how to merge their lists. */
const patchesOfCustomResources = 'application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml';

export async function patch(core: Core, request: ApiRequest): Promise<ObjectResult> {
  if (request.patchType === 'strategic' && request.kind.customSchema !== undefined)
    throw unsupportedMediaType(
      `the body of the request was in an unknown format - accepted media types include: ${patchesOfCustomResources}`,
    );
  return request.patchType === 'apply' ? apply(core, request) : change(core, request);
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

/** {@link patched}, which yields in the midst of many operations and of long maps and lists. */
function* patchedWork(type: PatchMediaType | undefined, node: SchemaNode, value: unknown, patchValue: unknown): Work<unknown> {
  if (type === 'json') return yield* applyJsonPatchWork(value, patchValue);
  if (type === 'merge') return yield* applyMergePatchWork(value, patchValue);
  return type === 'strategic' ? yield* applyStrategicMergePatchWork(node, value, patchValue) : patched(type, node, value, patchValue);
}

function change(core: Core, request: ApiRequest): Promise<ObjectResult> {
  // Whether there is such an object comes before whether the patch is one.
  let body: PatchBody | undefined;
  const strategic = request.patchType === 'strategic';
  // What has no type of its own is written with all of its fields sorted.
  const isCustom = request.kind.customSchema !== undefined;
  const textual = request.patchType === 'json' && !isCustom ? 'json' : 'merge';
  return write(core, request, {
    *draft(old, long) {
      body ??= yield* readPatch(request);
      yield;
      const { value: change, problems, duplicates } = body;
      const value = yield* patchedWork(request.patchType, request.kind.schema(), old, change);
      yield;
      if (value === old && problems.length === 0) return old;
      const unfit = (why: string): ApiError =>
        strategic ? unfitStrategicPatch(change, why) : unfitResult(value, why, isCustom ? undefined : old, textual);
      const written = (): unknown => asWritten(value, isCustom ? undefined : old, textual);
      return yield* draftOfPatched(core, request, { value, old, unfit, written, unstructured: strategic, problems, duplicates, long });
    },
  });
}

/** https://kubernetes.io/docs/reference/using-api/server-side-apply/ */
function apply(core: Core, request: ApiRequest): Promise<ObjectResult> {
  const { kind, name } = request;
  let config: unknown;
  let problems: readonly string[] = [];
  function* read(): Work<unknown> {
    if (config === undefined) {
      const body = yield* readPatch(request);
      problems = body.problems;
      checkConfig(request, (config = body.value ?? {}));
    }
    return config;
  }
  const unfit = (why: string): ApiError => unfitConfiguration(config, why);
  // What is not declared was refused, but where a schema lets it be named: then it is pruned without a word.
  const asChecked: ApiRequest = { ...request, options: { ...request.options, fieldValidation: 'Ignore' } };
  const { manager, apiVersion, subresource, time } = writerOf(core, request);
  function* merged(live: KubeObject | undefined, long: boolean): Work<unknown> {
    const config = yield* read();
    yield;
    const value = yield* applyPatchWork({
      manager,
      apiVersion,
      subresource,
      time,
      node: kind.schema(),
      live,
      config,
      force: request.options.force === true,
      resetFields: resetFieldsOf(kind, request.subresource),
      otherVersions: otherVersionsOf(core, kind),
      long,
    });
    // Whether it can be applied comes before whether it has a key twice.
    tellOfDuplicates(request, problems);
    problems = [];
    return value;
  }
  function* created(): Work<Mutable> {
    const long = isLongBody(request);
    const value = yield* merged(undefined, long);
    yield;
    return yield* draftOfPatched(core, asChecked, { value, old: undefined, unfit, unstructured: true, problems: [], long });
  }
  return write(core, request, {
    managed: true,
    *draft(old, long) {
      const value = yield* merged(old, long);
      yield;
      return value === old
        ? old
        : yield* draftOfPatched(core, asChecked, { value, old, unfit, unstructured: true, ownManagers: true, problems: [], long });
    },
    missing: async () => {
      const reading = workOf(request, read());
      const given: unknown = reading instanceof Promise ? await reading : reading;
      if (isRecord(given) && !namesItself(given))
        throw badRequest(`the name of the object (${name} based on URL) was undeterminable: name must be provided`);
      if (request.subresource !== '') throw notFound(kind, name);
      const made = workOf(request, created());
      const draft = made instanceof Promise ? await made : made;
      return createDraft(core, { ...request, verb: 'create' }, draft, true);
    },
  });
}

/** Throws 400 for a configuration with a key twice under strict validation, else warns of it. */
function tellOfDuplicates({ options, warnings }: ApiRequest, lines: readonly string[]): void {
  if (lines.length === 0) return;
  if (options.fieldValidation === 'Strict') {
    const errors = lines.map((line) => `\n  ${line}`).join('');
    throw badRequest(`error strict decoding YAML: error converting YAML to JSON: yaml: unmarshal errors:${errors}`);
  }
  warnings.push(...lines);
}

/** Whether the configuration says its own name, which only a create needs. */
function namesItself(config: Readonly<Record<string, unknown>>): boolean {
  const metadata = config['metadata'];
  return isRecord(metadata) && (metadata['name'] ?? '') !== '';
}

/** Throws 400 for an applied configuration that is of another kind, name or namespace than the request. */
export function checkConfig({ kind, name, namespace }: ApiRequest, config: unknown): void {
  if (!isRecord(config))
    throw badRequest(
      `error decoding YAML: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ${jsonTypeOf(config)} into Go value of type map[string]interface {}`,
    );
  const givenVersion = typeof config['apiVersion'] === 'string' ? config['apiVersion'] : '';
  const givenKind = typeof config['kind'] === 'string' ? config['kind'] : '';
  if (givenKind !== kind.kind || givenVersion !== apiVersionOf(kind.group, kind.version)) {
    throw badRequest(`invalid object type: ${typeText(givenVersion, givenKind)}`);
  }
  const metadata = isRecord(config['metadata']) ? config['metadata'] : {};
  const givenName = metadata['name'];
  if (typeof givenName === 'string' && givenName !== '' && givenName !== name)
    throw badRequest(`the name of the object (${givenName}) does not match the name on the URL (${name})`);
  const givenNamespace = metadata['namespace'];
  if (kind.namespaced && typeof givenNamespace === 'string' && givenNamespace !== '' && givenNamespace !== namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
}

/** `apps/v1, Kind=Deployment`; an apiVersion of three parts is none, and then neither is the kind. */
function typeText(apiVersion: string, kind: string): string {
  if (apiVersion.split('/').length > 2) return '/, Kind=';
  return `${apiVersion.includes('/') ? apiVersion : `/${apiVersion}`}, Kind=${kind}`;
}
