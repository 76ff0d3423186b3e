// The scale subresource: replicas of any kind that has them, in one shape.
// https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/ (autoscaling/v1 Scale)
import { conflict, modified, notFound } from '../../apimachinery/errors/api-error.js';
import { invalid, invalidObject } from '../../apimachinery/errors/field-error.js';
import { isRecord, type KubeObject, type Mutable } from '../../apimachinery/object.js';
import { decodeObject } from '../../apimachinery/schema/decode.js';
import { compileLabelMap, compileLabelSelector } from '../../apimachinery/selectors/labels.js';
import type { Kind, ScalePaths } from '../../registry/kind.js';
import type { ApiRequest, ObjectResult } from '../core/api-request.js';
import type { Core } from '../core/core.js';
import { decodeRequestBody } from '../core/decode.js';
import { inVersion } from '../core/versions.js';
import { patchBody, patched } from '../verbs/patch.js';
import { write } from '../verbs/write.js';

const group = 'autoscaling';
const definition = 'io.k8s.api.autoscaling.v1.Scale';

export async function getScale(core: Core, request: ApiRequest): Promise<ObjectResult> {
  const { kind, namespace, name } = request;
  const entry = await core.storages.of(kind).get(namespace, name);
  if (entry === undefined) throw notFound(kind, name);
  return answer(kind, scaleOf(pathsOf(kind), inVersion(kind, entry.value)));
}

export async function updateScale(core: Core, request: ApiRequest): Promise<ObjectResult> {
  const node = core.schemaFor(definition);
  return writeScale(core, request, () => decodeRequestBody(core, request, { group, version: 'v1', kind: 'Scale' }, node));
}

export async function patchScale(core: Core, request: ApiRequest): Promise<ObjectResult> {
  const change = patchBody(request);
  const node = core.schemaFor(definition);
  return writeScale(core, request, (scale) => {
    const value =
      request.patchType === 'apply'
        ? { ...scale, ...(isRecord(change) ? { spec: change['spec'] } : {}) }
        : patched(request.patchType, node, scale, change);
    return decodeObject(node, value).object;
  });
}

/** Writes what a new Scale says into the object behind it. */
async function writeScale(core: Core, request: ApiRequest, make: (scale: KubeObject) => Mutable): Promise<ObjectResult> {
  const { kind, name } = request;
  const paths = pathsOf(kind);
  const result = await write(core, request, {
    draft: (old) => {
      const before = scaleOf(paths, old);
      const scale = make(before);
      const version = isRecord(scale['metadata']) ? scale['metadata']['resourceVersion'] : undefined;
      if (typeof version === 'string' && version !== '' && version !== old.metadata.resourceVersion) throw conflict(kind, name, modified);
      const replicas = isRecord(scale['spec']) ? (scale['spec']['replicas'] ?? 0) : 0;
      if (typeof replicas !== 'number' || replicas < 0) {
        throw invalidObject({ group, kind: 'Scale' }, name, [invalid('spec.replicas', replicas, 'must be greater than or equal to 0')]);
      }
      return replicas === read(old, paths.spec) ? old : freshMetadata(withValue(old as unknown as Mutable, paths.spec, replicas));
    },
  });
  return answer(kind, scaleOf(paths, result.object));
}

/** Later steps write into a draft's metadata: it may not be the stored object's. */
function freshMetadata(draft: Mutable): Mutable {
  return { ...draft, metadata: { ...(draft['metadata'] as Mutable) } };
}

function pathsOf(kind: Kind): ScalePaths {
  if (kind.scale === undefined) throw notFound(kind, 'scale');
  return kind.scale;
}

function answer(kind: Kind, scale: KubeObject): ObjectResult {
  return { type: 'object', code: 200, kind, object: scale };
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
  let value = object;
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
