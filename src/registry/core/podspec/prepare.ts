// What the API does to the spec of a new pod or template before it checks it.
import type { PodAffinityTerm, PodSpec, SecurityContext, TopologySpreadConstraint } from '../../../../openapi/types/core.v1.js';
import type { LabelSelector, LabelSelectorRequirement } from '../../../../openapi/types/meta.v1.js';
import { isRecord, type Mutable } from '../../../apimachinery/object.js';
import type { Strategy } from '../../kind.js';
import { containerAppArmor, nameContainers, profileOf } from './validate-annotations.js';

const containerLists = ['initContainers', 'containers', 'ephemeralContainers'] as const;
/** Sources of projected volumes of features that are off by default. */
const disabledSources = ['clusterTrustBundle', 'podCertificate'];

const none: readonly Mutable[] = [];

/** The objects in a list: the list itself, unless it has something else in it. */
function records(value: unknown): readonly Mutable[] {
  if (!Array.isArray(value)) return none;
  const list: readonly unknown[] = value;
  for (const one of list) if (!isRecord(one)) return list.filter(isRecord);
  return list as readonly Mutable[];
}

function dropSources(volume: Mutable): void {
  const { projected } = volume;
  if (!isRecord(projected)) return;
  // As the real server's store gives it back, whose form knows no empty lists.
  if (Array.isArray(projected['sources']) && projected['sources'].length === 0) projected['sources'] = null;
  for (const source of records(projected['sources']))
    for (const sort of disabledSources) if (source[sort] !== undefined) delete source[sort];
}

/** A lifecycle that says nothing but a stop signal is none. */
function dropStopSignal(container: Mutable): void {
  const { lifecycle } = container;
  if (!isRecord(lifecycle) || lifecycle['stopSignal'] === undefined) return;
  delete lifecycle['stopSignal'];
  if (Object.keys(lifecycle).length === 0) delete container['lifecycle'];
}

/**
 * Forgets what belongs to features that are off by default, without a word. Changes the spec.
 * https://kubernetes.io/docs/reference/command-line-tools-reference/feature-gates/
 */
export function dropDisabledFields(spec: unknown): void {
  if (!isRecord(spec)) return;
  if (spec['schedulingGroup'] !== undefined) delete spec['schedulingGroup'];
  for (const volume of records(spec['volumes'])) dropSources(volume);
  for (const list of containerLists) for (const container of records(spec[list])) dropStopSignal(container);
}

/** As above, for the template at `path` of a new object. */
export function dropDisabledTemplateFields(draft: Mutable, path: readonly string[]): void {
  let spec: unknown = draft;
  for (const field of [...path, 'spec']) spec = isRecord(spec) ? spec[field] : undefined;
  dropDisabledFields(spec);
}

type Prepare = Pick<Strategy, 'prepareForCreate' | 'prepareForUpdate'>;

/** The hooks of a kind that has the template of a pod at `path`, which forget in it what belongs to features that are off as well. */
export function preparingTemplate(path: readonly string[], { prepareForCreate, prepareForUpdate }: Prepare): Required<Prepare> {
  return {
    prepareForCreate: (draft, context) => {
      dropDisabledTemplateFields(draft, path);
      prepareForCreate?.(draft, context);
    },
    prepareForUpdate: (draft, old, context) => {
      dropDisabledTemplateFields(draft, path);
      prepareForUpdate?.(draft, old, context);
    },
  };
}

/**
 * Writes the AppArmor profiles of annotations into the fields that took their place. Changes the pod.
 * https://kubernetes.io/docs/tutorials/security/apparmor/#securing-a-pod
 */
export function settleAppArmor(pod: Mutable): void {
  const { metadata, spec } = pod;
  const annotations = isRecord(metadata) ? metadata['annotations'] : undefined;
  if (!isRecord(annotations) || !isRecord(spec) || (spec as unknown as PodSpec).os?.name === 'windows') return;
  if (!nameContainers(annotations)) return;
  const whole = (spec as unknown as PodSpec).securityContext?.appArmorProfile;
  for (const list of containerLists) {
    for (const container of records(spec[list])) {
      const text = annotations[`${containerAppArmor}${String(container['name'])}`];
      if (typeof text !== 'string') continue;
      const context = (container['securityContext'] ?? {}) as SecurityContext;
      const profile = profileOf(text);
      if (profile === undefined || context.appArmorProfile !== undefined) continue;
      if (whole !== undefined && whole.type === profile.type && whole.localhostProfile === profile.localhostProfile) continue;
      container['securityContext'] = { ...context, appArmorProfile: profile };
    }
  }
}

/** The selector with one requirement more for each key that the pod has a label of. */
function withKeys(
  selector: LabelSelector | undefined,
  keys: readonly string[] | undefined,
  operator: 'In' | 'NotIn',
  labels: Readonly<Record<string, unknown>>,
): LabelSelector | undefined {
  if (selector === undefined || keys === undefined) return selector;
  const more = keys
    .filter((key) => typeof labels[key] === 'string')
    .map((key): LabelSelectorRequirement => ({ key, operator, values: [labels[key] as string] }));
  return more.length === 0 ? selector : { ...selector, matchExpressions: [...(selector.matchExpressions ?? []), ...more] };
}

function settleTerm(term: unknown, labels: Readonly<Record<string, unknown>>): void {
  if (!isRecord(term)) return;
  const { labelSelector, matchLabelKeys, mismatchLabelKeys } = term as unknown as PodAffinityTerm;
  const selector = withKeys(withKeys(labelSelector, matchLabelKeys, 'In', labels), mismatchLabelKeys, 'NotIn', labels);
  if (selector !== labelSelector) term['labelSelector'] = selector;
}

/**
 * Puts the pod's own labels into the selectors that ask for them by key. Changes the pod.
 * https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/#matchlabelkeys
 */
export function settleLabelKeys(pod: Mutable): void {
  const { metadata, spec } = pod;
  const labels = isRecord(metadata) ? metadata['labels'] : undefined;
  if (!isRecord(labels) || !isRecord(spec)) return;
  const { affinity } = spec;
  if (isRecord(affinity)) {
    for (const sort of ['podAffinity', 'podAntiAffinity']) {
      const terms = affinity[sort];
      if (!isRecord(terms)) continue;
      for (const term of records(terms['requiredDuringSchedulingIgnoredDuringExecution'])) settleTerm(term, labels);
      for (const weighted of records(terms['preferredDuringSchedulingIgnoredDuringExecution']))
        settleTerm(weighted['podAffinityTerm'], labels);
    }
  }
  for (const constraint of records(spec['topologySpreadConstraints'])) {
    const { labelSelector, matchLabelKeys } = constraint as unknown as TopologySpreadConstraint;
    const selector = withKeys(labelSelector, matchLabelKeys, 'In', labels);
    if (selector !== labelSelector) constraint['labelSelector'] = selector;
  }
}

/** Annotations of old versions that the API forgets. */
const forgotten = [
  ...['pod.alpha.kubernetes.io/init-containers', 'pod.beta.kubernetes.io/init-containers'],
  ...['pod.alpha.kubernetes.io/init-container-statuses', 'pod.beta.kubernetes.io/init-container-statuses'],
];

/** Takes them out of a pod or template as it comes in. Changes it. */
export function dropOldAnnotations(holder: unknown): void {
  const metadata = isRecord(holder) ? holder['metadata'] : undefined;
  if (!isRecord(metadata) || !isRecord(metadata['annotations'])) return;
  const { annotations } = metadata;
  if (!isRecord(annotations)) return;
  let dropped = false;
  for (const key of forgotten) {
    if (annotations[key] === undefined) continue;
    delete annotations[key];
    dropped = true;
  }
  if (dropped && Object.keys(annotations).length === 0) delete metadata['annotations'];
}
