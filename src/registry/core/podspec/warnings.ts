// What the API warns of in a pod's spec though it takes it. https://kubernetes.io/blog/2020/09/03/warnings/
import type { Container, NodeSelectorTerm, PodSpec } from '../../../../openapi/types/core.v1.js';
import type { LabelSelector, ObjectMeta } from '../../../../openapi/types/meta.v1.js';
import { labelNameProblems } from '../../../apimachinery/names/names.js';
import { containerAppArmor, nameContainers, profileOf } from './validate-annotations.js';
import { byteWarnings } from './warnings-amounts.js';
import { portWarnings } from './warnings-ports.js';
import { overlapWarnings, volumeWarnings } from './warnings-volumes.js';

export { byteWarnings } from './warnings-amounts.js';
export { deprecatedVolumes } from './warnings-volumes.js';

/** Labels of nodes that were renamed. https://kubernetes.io/docs/reference/labels-annotations-taints/ */
export const renamedLabels: Readonly<Record<string, readonly [since: string, use: string]>> = {
  'failure-domain.beta.kubernetes.io/region': ['v1.17', 'topology.kubernetes.io/region'],
  'beta.kubernetes.io/os': ['v1.14', 'kubernetes.io/os'],
  'beta.kubernetes.io/arch': ['v1.14', 'kubernetes.io/arch'],
  'failure-domain.beta.kubernetes.io/zone': ['v1.17', 'topology.kubernetes.io/zone'],
  'beta.kubernetes.io/instance-type': ['v1.17', 'node.kubernetes.io/instance-type'],
};

function renamed(label: string): readonly [since: string, use: string] | undefined {
  return Object.hasOwn(renamedLabels, label) ? renamedLabels[label] : undefined;
}

/** Warnings of a term of a node selector at `field`. */
export function nodeTermWarnings(field: string, term: NodeSelectorTerm | undefined): string[] {
  return (term?.matchExpressions ?? []).flatMap(({ key }, index) => {
    const now = renamed(key);
    return now === undefined
      ? []
      : [`${field}.matchExpressions[${index}].key: ${key} is deprecated since ${now[0]}; use "${now[1]}" instead`];
  });
}

/** Annotations that do nothing any more, and the field in their place. */
const idleAnnotations: readonly (readonly [annotation: string, since: string, use: string])[] = [
  ['scheduler.alpha.kubernetes.io/critical-pod', 'v1.16+', 'priorityClassName'],
  ['security.alpha.kubernetes.io/sysctls', 'v1.11+', 'sysctls'],
  ['security.alpha.kubernetes.io/unsafe-sysctls', 'v1.11+', 'sysctls'],
];
const podSeccomp = 'seccomp.security.alpha.kubernetes.io/pod';
const containerSeccomp = 'container.seccomp.security.alpha.kubernetes.io/';

function placementWarnings(warnings: string[], field: string, spec: PodSpec): void {
  for (const label in spec.nodeSelector) {
    const now = renamed(label);
    if (now !== undefined) warnings.push(`${field}.nodeSelector[${label}]: deprecated since ${now[0]}; use "${now[1]}" instead`);
  }
  const affinity = spec.affinity?.nodeAffinity;
  const at = `${field}.affinity.nodeAffinity`;
  const required = 'requiredDuringSchedulingIgnoredDuringExecution';
  const preferred = 'preferredDuringSchedulingIgnoredDuringExecution';
  affinity?.[required]?.nodeSelectorTerms.forEach((term, index) =>
    warnings.push(...nodeTermWarnings(`${at}.${required}.nodeSelectorTerms[${index}]`, term)),
  );
  affinity?.[preferred]?.forEach(({ preference }, index) =>
    warnings.push(...nodeTermWarnings(`${at}.${preferred}[${index}].preference`, preference)),
  );
  spec.topologySpreadConstraints?.forEach(({ topologyKey, labelSelector }, index) => {
    const one = `${field}.topologySpreadConstraints[${index}]`;
    const now = renamed(topologyKey);
    if (now !== undefined) warnings.push(`${one}.topologyKey: ${topologyKey} is deprecated since ${now[0]}; use "${now[1]}" instead`);
    nullSelector(warnings, one, labelSelector);
  });
}

function nullSelector(warnings: string[], field: string, selector: LabelSelector | undefined): void {
  if (selector === undefined) warnings.push(`${field}.labelSelector: a null labelSelector results in matching no pod`);
}

function podAffinityWarnings(warnings: string[], field: string, { affinity }: PodSpec): void {
  for (const sort of ['podAffinity', 'podAntiAffinity'] as const) {
    affinity?.[sort]?.requiredDuringSchedulingIgnoredDuringExecution?.forEach((term, index) =>
      nullSelector(warnings, `${field}.affinity.${sort}.requiredDuringSchedulingIgnoredDuringExecution[${index}]`, term.labelSelector),
    );
    affinity?.[sort]?.preferredDuringSchedulingIgnoredDuringExecution?.forEach((term, index) =>
      nullSelector(
        warnings,
        `${field}.affinity.${sort}.preferredDuringSchedulingIgnoredDuringExecution[${index}].podAffinityTerm`,
        term.podAffinityTerm.labelSelector,
      ),
    );
  }
}

type Annotations = Readonly<Record<string, string>> | undefined;

function seccompWarning(annotationsField: string, key: string): string {
  return `${annotationsField}[${key}]: non-functional in v1.27+; use the "seccompProfile" field instead`;
}

function containerWarnings(
  warnings: string[],
  field: string,
  container: Container,
  annotationsField: string,
  annotations: Annotations,
): void {
  const { env, resources, securityContext, name } = container;
  if (annotations !== undefined) {
    const seccomp = containerSeccomp + name;
    if (annotations[seccomp] !== undefined && securityContext?.seccompProfile === undefined) {
      warnings.push(seccompWarning(annotationsField, seccomp));
    }
    const appArmor = containerAppArmor + name;
    // A pod's own is told when it is written into the field.
    if (
      annotationsField !== 'metadata.annotations' &&
      annotations[appArmor] !== undefined &&
      securityContext?.appArmorProfile === undefined
    ) {
      warnings.push(appArmorWarning(annotationsField, appArmor));
    }
  }
  if (resources?.limits !== undefined) warnings.push(...byteWarnings(`${field}.resources.limits`, resources.limits));
  if (resources?.requests !== undefined) warnings.push(...byteWarnings(`${field}.resources.requests`, resources.requests));
  if (env === undefined || env.length < 2) return;
  const names = new Set<string>();
  env.forEach((variable, index) => {
    if (names.has(variable.name)) {
      const text = JSON.stringify(variable.name);
      warnings.push(`${field}.env[${index}]: hides previous definition of ${text}, which may be dropped when using apply`);
    }
    names.add(variable.name);
  });
}

function listWarnings(warnings: string[], field: string, spec: PodSpec): void {
  if (spec.hostAliases === undefined && spec.imagePullSecrets === undefined) return;
  const addresses = new Set<string>();
  spec.hostAliases?.forEach(({ ip }, index) => {
    if (addresses.has(ip)) warnings.push(`${field}.hostAliases[${index}].ip: duplicate ip ${JSON.stringify(ip)}`);
    addresses.add(ip);
  });
  const secrets = new Set<string>();
  spec.imagePullSecrets?.forEach(({ name = '' }, index) => {
    if (secrets.has(name)) warnings.push(`${field}.imagePullSecrets[${index}].name: duplicate name ${JSON.stringify(name)}`);
    secrets.add(name);
  });
  spec.imagePullSecrets?.forEach(({ name = '' }, index) => {
    if (name === '') warnings.push(`${field}.imagePullSecrets[${index}].name: invalid empty name ""`);
  });
}

function appArmorWarning(annotationsField: string, key: string): string {
  return `${annotationsField}[${key}]: deprecated since v1.30; use the "appArmorProfile" field instead`;
}

/** Warns of the AppArmor annotations of a new pod that the API has written into the fields of its containers. */
export function appArmorWarnings(annotations: Annotations, spec: PodSpec): string[] {
  if (annotations === undefined || !nameContainers(annotations)) return [];
  const warnings: string[] = [];
  for (const list of ['initContainers', 'containers'] as const) {
    for (const { name, securityContext } of spec[list] ?? []) {
      const key = containerAppArmor + name;
      const text = annotations[key];
      if (text === undefined) continue;
      const written = securityContext?.appArmorProfile !== undefined;
      if (written || profileOf(text) === undefined) warnings.push(appArmorWarning('metadata.annotations', key));
    }
  }
  return warnings;
}

/** Warnings of a spec at `field`, with the annotations of its pod or template. */
export function podSpecWarnings(field: string, spec: PodSpec | undefined, metadata?: ObjectMeta, metadataField = 'metadata'): string[] {
  const warnings: string[] = [];
  if (spec === undefined) return warnings;
  const annotations = metadata?.annotations;
  const annotationsField = `${metadataField}.annotations`;
  placementWarnings(warnings, field, spec);
  if (annotations !== undefined) {
    for (const [annotation, since, use] of idleAnnotations) {
      if (annotations[annotation] === undefined) continue;
      warnings.push(`${annotationsField}[${annotation}]: non-functional in ${since}; use the "${use}" field instead`);
    }
  }
  if (spec.volumes !== undefined) warnings.push(...volumeWarnings(`${field}.volumes`, spec.volumes), ...overlapWarnings(spec.volumes));
  listWarnings(warnings, field, spec);
  if (annotations?.[podSeccomp] !== undefined && spec.securityContext?.seccompProfile === undefined) {
    warnings.push(seccompWarning(annotationsField, podSeccomp));
  }
  const ofContainers = annotations !== undefined && nameContainers(annotations) ? annotations : undefined;
  for (const list of ['initContainers', 'containers'] as const) {
    spec[list]?.forEach((container, index) =>
      containerWarnings(warnings, `${field}.${list}[${index}]`, container, annotationsField, ofContainers),
    );
  }
  warnings.push(...portWarnings(field, spec));
  if ((spec.terminationGracePeriodSeconds ?? 0) < 0) {
    warnings.push(`${field}.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1`);
  }
  podAffinityWarnings(warnings, field, spec);
  return warnings;
}

/** Warnings of a name that makes no good host name. `use` says what it is used in. */
export function hostNameWarnings(name: string | undefined, use: string): string[] {
  if (name === undefined || name === '') return [];
  const problems = name.includes('.') && name.length <= 63 ? ['must not contain dots'] : labelNameProblems(name);
  if (problems.length === 0) return [];
  return [
    `metadata.name: this is used in ${use}, which can result in surprising behavior; a DNS label is recommended: [${problems.join(', ')}]`,
  ];
}
