// The scale subresource: replicas of any kind that has them, in one shape.
// https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/ (autoscaling/v1 Scale)
import { ApiError, badRequest, internalError, notFound, unsupportedMediaType } from '../../apimachinery/errors/api-error.js';
import { invalid, invalidObject } from '../../apimachinery/errors/field-error.js';
import { applyPatch } from '../../apimachinery/managedfields/apply.js';
import { updateManagedFields, type Writer } from '../../apimachinery/managedfields/update.js';
import { apiVersionOf, isRecord, type KubeObject, type ManagedFieldsEntry, type Mutable } from '../../apimachinery/object.js';
import { unfitResult, unfitStrategicPatch } from '../../apimachinery/patch/patch-errors.js';
import { decodeObject, DecodeError } from '../../apimachinery/schema/decode.js';
import type { SchemaNode } from '../../apimachinery/schema/node.js';
import { compileLabelMap, compileLabelSelector } from '../../apimachinery/selectors/labels.js';
import type { Kind, ScalePaths, TableColumn } from '../../registry/kind.js';
import { replicasError } from '../../registry/customresources/scale.js';
import { ageOf, nameOf } from '../../registry/printing/cells.js';
import type { ApiRequest, ObjectResult } from '../core/api-request.js';
import type { Core } from '../core/core.js';
import { decodeRequestBody } from '../core/decode.js';
import { writerOf } from '../core/managers.js';
import { textOf } from '../core/metadata.js';
import { inVersion, prepared } from '../core/versions.js';
import { checkConfig, patchBody, patched } from '../verbs/patch.js';
import { write, type ChangeForm } from '../verbs/write.js';
import { parentEntries, scaleEntries } from './scale-managers.js';

const group = 'autoscaling';
const version = 'v1';
const apiVersion = 'autoscaling/v1';
const definition = 'io.k8s.api.autoscaling.v1.Scale';

export async function getScale(core: Core, request: ApiRequest): Promise<ObjectResult> {
  const { kind, namespace, name } = request;
  const entry = await core.storages.of(kind).get(namespace, name);
  if (entry === undefined) throw notFound(kind, name);
  await prepared(kind, [entry.value]);
  return answer(kind, readableScale(kind, pathsOf(kind), inVersion(kind, entry.value)));
}

export async function updateScale(core: Core, request: ApiRequest): Promise<ObjectResult> {
  const node = core.schemaFor(definition);
  const scale = decodeRequestBody(core, request, { group, version, kind: 'Scale' }, node);
  checkIdentity(request, scale);
  return writeScale(core, request, (live) => ({ scale, managers: managersOfUpdate(core, request, node, live, scale) }));
}

export async function patchScale(core: Core, request: ApiRequest): Promise<ObjectResult> {
  const change = patchBody(request);
  checkCustomPatch(request, change);
  const node = core.schemaFor(definition);
  if (request.patchType === 'apply') {
    checkConfig({ ...request, kind: scaleKind(request.kind) }, change ?? {});
    return writeScale(core, request, (live) => applied(core, request, node, live, change));
  }
  return writeScale(core, request, (live) => {
    const { managedFields: _, ...metadata } = live.metadata;
    const shown = { ...live, metadata };
    const value = patched(request.patchType, node, shown, change);
    const unfit = (why: string): ApiError =>
      request.patchType === 'strategic' ? unfitStrategicPatch(change, why) : unfitResult(value, why, shown);
    const scale = decodeScale(node, value, request, unfit);
    checkIdentity(request, scale);
    return { scale, managers: managersOfUpdate(core, request, node, live, scale) };
  });
}

/** A Scale to write, and the managers that it then has. */
interface NewScale {
  readonly scale: Mutable;
  readonly managers: readonly ManagedFieldsEntry[];
}

function writer(core: Core, request: ApiRequest): Writer {
  return { ...writerOf(core, request), apiVersion };
}

function managersOfUpdate(
  core: Core,
  request: ApiRequest,
  node: SchemaNode,
  live: KubeObject,
  scale: Mutable,
): readonly ManagedFieldsEntry[] {
  // Zero replicas are none in a Scale: nobody manages what is not there.
  const spec = replicasOf(scale) === 0 ? {} : scale['spec'];
  return updateManagedFields({ ...writer(core, request), node, old: live, new: { ...scale, spec } }) ?? [];
}

function applied(core: Core, request: ApiRequest, node: SchemaNode, live: KubeObject, config: unknown): NewScale {
  const value = applyPatch({ ...writer(core, request), node, live, config, force: request.options.force === true });
  const managers = (value as KubeObject).metadata.managedFields ?? [];
  return { scale: decodeScale(node, value, request, badRequest), managers };
}

/** What a patch made of a Scale, as one. Unknown fields are warned of or refused. */
function decodeScale(node: SchemaNode, value: unknown, request: ApiRequest, unfit: (why: string) => ApiError): Mutable {
  const validation = request.options.fieldValidation ?? 'Warn';
  try {
    const { object, problems } = decodeObject(node, value, { reportUnknown: validation !== 'Ignore' });
    if (problems.length > 0 && validation === 'Strict') throw unfit(`strict decoding error: ${problems.join(', ')}`);
    request.warnings.push(...problems);
    return object;
  } catch (error) {
    throw error instanceof DecodeError ? unfit(error.message) : error;
  }
}

/** Throws 400 for a Scale that names another object than the URL does. */
function checkIdentity({ kind, name, namespace }: ApiRequest, scale: Mutable): void {
  const metadata = isRecord(scale['metadata']) ? scale['metadata'] : {};
  const given = metadata['name'];
  if (given === undefined || given === '')
    throw badRequest(`the name of the object (${name} based on URL) was undeterminable: name must be provided`);
  if (given !== name) throw badRequest(`the name of the object (${textOf(given)}) does not match the name on the URL (${name})`);
  const place = metadata['namespace'];
  if (kind.namespaced && place !== undefined && place !== '' && place !== namespace)
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
}

/** Writes what a new Scale says into the object behind it. `make` gets the Scale of now, with its managers. */
async function writeScale(core: Core, request: ApiRequest, make: (live: KubeObject) => NewScale): Promise<ObjectResult> {
  const { kind, name } = request;
  const paths = pathsOf(kind);
  const result = await write(core, request, {
    managed: true,
    form: scaleForm(kind, paths, core.schemaFor(definition)),
    *draft(old) {
      const stored = old.metadata.managedFields;
      const live = readableScale(kind, paths, old);
      const { scale, managers } = make({
        ...live,
        metadata: { ...live.metadata, managedFields: scaleEntries(stored, paths.spec) },
      });
      const replicas = replicasOf(scale);
      if (kind.customSchema === undefined && (typeof replicas !== 'number' || replicas < 0)) {
        throw invalidObject({ group, kind: 'Scale' }, name, [invalid('spec.replicas', replicas, 'must be greater than or equal to 0')]);
      }
      const managedFields = parentEntries(stored, managers, paths.spec, apiVersionOf(kind.group, kind.version));
      return withPreconditions(withValue(old as unknown as Mutable, paths.spec, replicas), scale, managedFields);
    },
  });
  return answer(kind, scaleOf(paths, result.object));
}

/** Admission sees the Scale. Only its replicas can be changed there. */
function scaleForm(kind: Kind, paths: ScalePaths, node: SchemaNode): ChangeForm {
  return {
    apiVersion,
    kind: 'Scale',
    schema: () => node,
    // Fresh, since webhooks change it.
    shown: (object) => structuredClone(readableScale(kind, paths, object)) as unknown as Mutable,
    taken: (draft, scale) => {
      const replicas = replicasOf(scale);
      if (replicas !== read(draft, paths.spec)) Object.assign(draft, withValue(draft, paths.spec, replicas));
    },
  };
}

/** The draft with fresh metadata, in which a Scale's version and uid are what the object must have. */
function withPreconditions(draft: Mutable, scale: Mutable, managedFields: readonly ManagedFieldsEntry[] | undefined): Mutable {
  const asked = isRecord(scale['metadata']) ? scale['metadata'] : {};
  const metadata: Mutable = { ...(draft['metadata'] as Mutable) };
  for (const field of ['resourceVersion', 'uid']) {
    const value = asked[field];
    if (typeof value === 'string' && value !== '') metadata[field] = value;
  }
  if (managedFields === undefined || managedFields.length === 0) delete metadata['managedFields'];
  else metadata['managedFields'] = managedFields;
  return { ...draft, metadata };
}

function replicasOf(scale: Mutable): unknown {
  return isRecord(scale['spec']) ? (scale['spec']['replicas'] ?? 0) : 0;
}

const columns: readonly TableColumn[] = [
  { name: 'Name', type: 'string' },
  { name: 'Desired', type: 'integer' },
  { name: 'Available', type: 'integer' },
  { name: 'Age', type: 'string' },
];

const scaleKinds = new WeakMap<Kind, Kind>();

/** Scale as a kind, of which Tables and applied configurations ask; the rest is the scaled kind's. */
function scaleKind(kind: Kind): Kind {
  let made = scaleKinds.get(kind);
  if (made === undefined) {
    made = {
      ...kind,
      group,
      version,
      kind: 'Scale',
      columns,
      cells: (object, context) => {
        const { spec, status } = object as KubeObject & { spec: { replicas?: number }; status: { replicas: number } };
        return [nameOf(object), spec.replicas ?? 0, status.replicas, ageOf(object, context)];
      },
      rowConditions: undefined,
      rowOrder: undefined,
    };
    scaleKinds.set(kind, made);
  }
  return made;
}

function pathsOf(kind: Kind): ScalePaths {
  if (kind.scale === undefined) throw notFound(kind, 'scale');
  return kind.scale;
}

function answer(kind: Kind, scale: KubeObject): ObjectResult {
  return { type: 'object', code: 200, kind: scaleKind(kind), object: scale };
}

function scaleOf(paths: ScalePaths, object: KubeObject): KubeObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const selector = read(object, paths.selector);
  const text = selectorText(selector);
  const scale = {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, ...(namespace === undefined ? {} : { namespace }), uid, resourceVersion, creationTimestamp },
    spec: numberOf(read(object, paths.spec)) === 0 ? {} : { replicas: numberOf(read(object, paths.spec)) },
    status: { replicas: numberOf(read(object, paths.status)), ...(text === '' ? {} : { selector: text }) },
  };
  return scale;
}

/** Of a custom resource, whose replicas may be missing or no number: 500 then. */
function readableScale(kind: Kind, paths: ScalePaths, object: KubeObject): KubeObject {
  if (kind.customSchema !== undefined) {
    const field = `.${paths.spec.join('.')}`;
    const error = replicasError(object, paths.spec);
    if (error?.message.includes(' accessor error: ') === true) throw internalError(error.message.slice(error.message.indexOf(field)));
    if (read(object, paths.spec) === undefined) throw internalError(`the spec replicas field "${field}" does not exist`);
  }
  return scaleOf(paths, object);
}

/** Throws what a custom resource answers to patches of its Scale that a built-in one takes. */
function checkCustomPatch({ kind, patchType }: ApiRequest, change: unknown): void {
  if (kind.customSchema === undefined) return;
  if (patchType === 'strategic')
    throw unsupportedMediaType(
      'the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml',
    );
  if (patchType === 'apply') {
    const why = `request to convert CR to an invalid group/version: ${apiVersion}`;
    const name = isRecord(change) && isRecord(change['metadata']) ? textOf(change['metadata']['name'] ?? '') : '';
    throw new ApiError(500, '', `failed to convert new object (/${name}; ${apiVersion}, Kind=Scale) to proper version: ${why}`);
  }
}

function selectorText(selector: unknown): string {
  if (typeof selector === 'string') return selector;
  if (!isRecord(selector)) return '';
  const isObjectForm = 'matchLabels' in selector || 'matchExpressions' in selector;
  return isObjectForm ? compileLabelSelector(selector).toString() : compileLabelMap(selector as Record<string, string>).toString();
}

function numberOf(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}

function read(object: unknown, path: readonly string[]): unknown {
  let value = path.length === 0 ? undefined : object;
  for (const field of path) value = isRecord(value) ? value[field] : undefined;
  return value;
}

/** A copy of the object with this one value in it; the rest is shared. */
function withValue(object: Mutable, path: readonly string[], value: unknown): Mutable {
  const [field, ...rest] = path;
  if (field === undefined) return object;
  const inner = object[field];
  const next = rest.length === 0 ? value : withValue(isRecord(inner) ? inner : {}, rest, value);
  return { ...object, [field]: next };
}
