// Nodes. https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/node-v1/
import type { Node, Taint } from '../../../openapi/types/core.v1.js';
import { deepEqual } from '../../apimachinery/equality.js';
import { duplicate, fieldForbidden, invalid, notSupported, required, type FieldError } from '../../apimachinery/errors/field-error.js';
import { labelValueProblems } from '../../apimachinery/names/names.js';
import { isRecord, type KubeObject, type Mutable } from '../../apimachinery/object.js';
import type { Cell, KindDefinition, TableContext } from '../kind.js';
import { ageOf, nameOf } from '../printing/cells.js';
import { readText } from './json-text.js';
import { metadataAgain } from './metadata-again.js';
import { amountErrors, isExtended } from './podspec/validate-resources.js';
import { cidrErrors, parseCidr } from '../rules/addresses.js';
import { check, checkQualifiedName } from '../rules/fields.js';
import { keepField } from '../rules/status.js';

const emptyInfo = [
  ...['machineID', 'systemUUID', 'bootID', 'kernelVersion', 'osImage', 'containerRuntimeVersion', 'kubeletVersion'],
  ...['kubeProxyVersion', 'operatingSystem', 'architecture'],
];

function applyDefaults(draft: Mutable): void {
  const spec = isRecord(draft['spec']) ? draft['spec'] : (draft['spec'] = {} as Mutable);
  settlePodRanges(spec);
  const status = isRecord(draft['status']) ? draft['status'] : (draft['status'] = {} as Mutable);
  fillStatus(status);
}

/** `podCIDR` is the first of `podCIDRs`; the old field wins. */
function settlePodRanges(spec: Mutable): void {
  const range = spec['podCIDR'];
  const ranges = spec['podCIDRs'] as readonly string[] | undefined;
  if (typeof range === 'string' && range !== '') {
    if (ranges?.[0] !== range) spec['podCIDRs'] = [range];
  } else if (ranges?.[0] !== undefined) spec['podCIDR'] = ranges[0];
}

function fillStatus(status: Mutable): void {
  const { capacity } = status;
  // What can be allocated is all there is unless the node says otherwise.
  if (isRecord(capacity)) {
    const allocatable = isRecord(status['allocatable']) ? status['allocatable'] : undefined;
    if (allocatable === undefined) status['allocatable'] = { ...capacity };
  }
  status['daemonEndpoints'] ??= { kubeletEndpoint: { Port: 0 } };
  const info = (status['nodeInfo'] ??= {}) as Mutable;
  for (const field of emptyInfo) info[field] ??= '';
}

/** Dynamic kubelet configuration is no more. https://kubernetes.io/docs/reference/command-line-tools-reference/feature-gates-removed/ */
function dropConfigSource(draft: Mutable): void {
  if (isRecord(draft['spec'])) delete draft['spec']['configSource'];
  if (isRecord(draft['status'])) delete draft['status']['config'];
}

const effects = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];

function taintErrors(taints: readonly Taint[]): FieldError[] {
  const errors: FieldError[] = [];
  const seen = new Set<string>();
  taints.forEach(({ key, value = '', effect, timeAdded }, index) => {
    // The real server says `metadata` in these messages.
    const at = `metadata.taints[${index}]`;
    errors.push(...checkQualifiedName(`${at}.key`, key ?? ''), ...check(`${at}.value`, value, labelValueProblems));
    if (effect === undefined || (effect as string) === '') errors.push(required(`${at}.effect`));
    else if (!effects.includes(effect)) errors.push(notSupported(`${at}.effect`, effect, effects));
    const pair = `${key}:${effect}`;
    if (effect !== undefined && seen.has(pair)) {
      const error = duplicate(at, { Key: key, Value: value, Effect: effect, TimeAdded: timeAdded ?? null });
      errors.push({ ...error, message: `${error.message}: taints must be unique by key and effect pair` });
    }
    seen.add(pair);
  });
  return errors;
}

function rangeErrors({ podCIDRs = [] }: { readonly podCIDRs?: readonly string[] }): FieldError[] {
  const errors = podCIDRs.flatMap((range, index) => [...cidrErrors(`spec.podCIDRs[${index}]`, range, false)]);
  const families = podCIDRs.map((range) => parseCidr(range)?.family);
  if (errors.length === 0 && new Set(families).size < families.length) {
    errors.push(invalid('spec.podCIDRs', podCIDRs, 'may specify no more than one CIDR for each IP family'));
  }
  return errors;
}

/** Resources that are counted in whole numbers. */
function isCounted(name: string): boolean {
  return name === 'pods' || isExtended(name);
}

function resourceErrors({ status }: Node): FieldError[] {
  return (['capacity', 'allocatable'] as const).flatMap((field) =>
    Object.entries(status?.[field] ?? {}).flatMap(([name, amount]) => amountErrors(`status.${field}.${name}`, amount, isCounted(name))),
  );
}

const avoidAnnotation = 'scheduler.alpha.kubernetes.io/preferAvoidPods';
const taintsAnnotation = 'scheduler.alpha.kubernetes.io/taints';

/** Annotations that once were fields, still looked at. */
function annotationErrors({ metadata }: Node): FieldError[] {
  const errors: FieldError[] = [];
  const taints = metadata.annotations?.[taintsAnnotation];
  if (taints) {
    const read = readText(taints, 'array', '[]core.Taint');
    if ('problem' in read) errors.push(invalid('metadata.annotations', taintsAnnotation, read.problem));
  }
  const avoid = metadata.annotations?.[avoidAnnotation];
  if (!avoid) return errors;
  const read = readText(avoid, 'object', 'v1.AvoidPods');
  // The real server's own name for the field.
  if ('problem' in read) return [...errors, invalid('metadata.annotations.AvoidPods', avoidAnnotation, read.problem)];
  const list = isRecord(read.value) ? read.value['preferAvoidPods'] : undefined;
  (Array.isArray(list) ? (list as unknown[]) : []).forEach((one, index) => {
    if (isRecord(one) && isRecord(one['podSignature']) && isRecord(one['podSignature']['podController'])) return;
    errors.push(required(`metadata.annotations.${avoidAnnotation}[${index}].PodSignature`));
  });
  return errors;
}

const featureForm =
  "must start with an UpperCamelCase segment, with subsequent segments separated by '/' (e.g., MyFeature or MyFeature/mySubFeature), and contain only alphanumeric characters and slashes";

/** What a kubelet says that it can do. https://kubernetes.io/docs/concepts/scheduling-eviction/node-declared-features/ */
function featureErrors({ status }: Node): FieldError[] {
  const features = status?.declaredFeatures ?? [];
  return features.flatMap((feature, index) => {
    const at = `status.declaredFeatures[${index}]`;
    const before = features[index - 1];
    const errors: FieldError[] = [];
    if (before !== undefined && feature < before) errors.push(invalid(at, feature, 'list must be sorted alphabetically'));
    else if (feature === before) errors.push(duplicate(at, feature));
    if (!/^[A-Z][A-Za-z0-9]*(?:\/[A-Za-z0-9]+)*$/.test(feature)) {
      errors.push(invalid(at, feature, `invalid feature name ${JSON.stringify(feature)}: ${featureForm}`));
    }
    return errors;
  });
}

function validate(object: KubeObject): FieldError[] {
  const node = object as Node;
  return [...annotationErrors(node), ...taintErrors(node.spec?.taints ?? []), ...resourceErrors(node), ...rangeErrors(node.spec ?? {})];
}

function addressErrors({ status }: Node): FieldError[] {
  const seen = new Set<string>();
  return (status?.addresses ?? []).flatMap(({ type, address }, index) => {
    const key = `${type}=${address}`;
    if (seen.has(key)) return [duplicate(`status.addresses[${index}]`, { Type: type, Address: address })];
    seen.add(key);
    return [];
  });
}

function validateUpdate(object: KubeObject, before: KubeObject): readonly FieldError[] {
  const { spec } = object as Node;
  const old = (before as Node).spec;
  const errors = addressErrors(object as Node);
  const had = old?.podCIDRs ?? [];
  if (had.length > 0 && !deepEqual(spec?.podCIDRs ?? [], had)) {
    errors.push(fieldForbidden('spec.podCIDRs', 'node updates may not change podCIDR except from "" to valid'));
  }
  if (old?.providerID && spec?.providerID !== old.providerID) {
    errors.push(fieldForbidden('spec.providerID', 'node updates may not change providerID except from "" to valid'));
  }
  errors.push(...taintErrors(spec?.taints ?? []));
  if ((spec?.externalID ?? '') !== (old?.externalID ?? '')) errors.push(fieldForbidden('spec.externalID', 'may not be updated'));
  return errors;
}

function statusText({ spec, status }: Node): string {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  const text = ready === undefined ? 'Unknown' : ready.status === 'True' ? 'Ready' : 'NotReady';
  return spec?.unschedulable === true ? `${text},SchedulingDisabled` : text;
}

const rolePrefix = 'node-role.kubernetes.io/';

function rolesText({ metadata }: Node): string {
  const roles = new Set<string>();
  for (const [label, value] of Object.entries(metadata.labels ?? {})) {
    if (label.startsWith(rolePrefix) && label.length > rolePrefix.length) roles.add(label.slice(rolePrefix.length));
    else if (label === 'kubernetes.io/role' && value !== '') roles.add(value);
  }
  return roles.size === 0 ? '<none>' : [...roles].sort().join(',');
}

function addressText({ status }: Node, wanted: string): string {
  return status?.addresses?.find(({ type }) => type === wanted)?.address ?? '<none>';
}

function cells(object: KubeObject, context: TableContext): readonly Cell[] {
  const node = object as Node;
  const info = node.status?.nodeInfo;
  return [
    nameOf(object),
    statusText(node),
    rolesText(node),
    ageOf(object, context),
    info?.kubeletVersion ?? '',
    addressText(node, 'InternalIP'),
    addressText(node, 'ExternalIP'),
    info?.osImage || '<unknown>',
    info?.kernelVersion || '<unknown>',
    info?.containerRuntimeVersion || '<unknown>',
  ];
}

export const nodes: KindDefinition = {
  group: '',
  version: 'v1',
  resource: 'nodes',
  storage: 'minions',
  selectableFields: { 'spec.unschedulable': (object) => String((object as Node).spec?.unschedulable ?? false) },
  strategy: {
    applyDefaults,
    // A node brings its status along when it registers.
    prepareForCreate: dropConfigSource,
    prepareForUpdate: (draft, old) => {
      keepField(draft, old, 'status');
      dropConfigSource(draft);
    },
    prepareForStatusUpdate: dropConfigSource,
    validate,
    validateUpdate: (object, old) => [...metadataAgain(object, false), ...validateUpdate(object, old)],
    validateStatusUpdate: (object) => [
      ...metadataAgain(object, false),
      ...resourceErrors(object as Node),
      ...featureErrors(object as Node),
      ...addressErrors(object as Node),
    ],
    warnings: (object) => {
      const { spec } = object as Node;
      return [...(spec?.externalID ? ['spec.externalID: this field is deprecated, and is unused by Kubernetes'] : [])];
    },
  },
  cells,
};
