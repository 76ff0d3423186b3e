// What the API warns of in a pod's spec though it takes it. https://kubernetes.io/blog/2020/09/03/warnings/
import type { Container, PodSpec, Volume } from '../../../../openapi/types/core.v1.js';
import type { LabelSelector, ObjectMeta } from '../../../../openapi/types/meta.v1.js';
import { labelNameProblems } from '../../../apimachinery/names/names.js';
import { parseQuantity } from '../../../apimachinery/quantity/quantity.js';

/** Labels of nodes that were renamed. https://kubernetes.io/docs/reference/labels-annotations-taints/ */
const renamedLabels: Readonly<Record<string, readonly [since: string, use: string]>> = {
  'failure-domain.beta.kubernetes.io/region': ['v1.17', 'topology.kubernetes.io/region'],
  'beta.kubernetes.io/os': ['v1.14', 'kubernetes.io/os'],
  'beta.kubernetes.io/arch': ['v1.14', 'kubernetes.io/arch'],
  'failure-domain.beta.kubernetes.io/zone': ['v1.17', 'topology.kubernetes.io/zone'],
  'beta.kubernetes.io/instance-type': ['v1.17', 'node.kubernetes.io/instance-type'],
};

/** Sorts of volumes that are no more. https://kubernetes.io/docs/concepts/storage/volumes/#volume-types */
export const deprecatedVolumes: Readonly<Record<string, string>> = {
  gitRepo: 'deprecated in v1.11, and disabled by default in v1.33+',
  glusterfs: 'deprecated in v1.25, non-functional in v1.26+',
  cephfs: 'deprecated in v1.28, non-functional in v1.31+',
  rbd: 'deprecated in v1.28, non-functional in v1.31+',
  scaleIO: 'deprecated in v1.16, non-functional in v1.22+',
};

const unit = 1_000_000_000n;

/** Warns of memory and storage in fractions of a byte. */
export function byteWarnings(field: string, amounts: Readonly<Record<string, string | number>> | undefined): string[] {
  const warnings: string[] = [];
  for (const name of ['memory', 'ephemeral-storage', 'storage']) {
    const text = amounts?.[name];
    if (text === undefined || parseQuantity(text).nano % unit === 0n) continue;
    warnings.push(`${field}[${name}]: fractional byte value ${JSON.stringify(String(text))} is invalid, must be an integer`);
  }
  return warnings;
}

function nullSelector(warnings: string[], field: string, selector: LabelSelector | undefined): void {
  if (selector === undefined) warnings.push(`${field}.labelSelector: a null labelSelector results in matching no pod`);
}

function volumeWarnings(warnings: string[], field: string, volumes: readonly Volume[]): void {
  volumes.forEach((volume, index) => {
    for (const sort in volume) {
      if (sort in deprecatedVolumes) warnings.push(`${field}[${index}].${sort}: ${deprecatedVolumes[sort]}`);
    }
  });
}

/** Ports and port names that are taken twice, across the containers of a pod. */
class PortsSeen {
  private readonly ports = new Map<string, string>();
  private readonly names = new Map<string, string>();

  add(warnings: string[], field: string, container: Container): void {
    container.ports?.forEach(({ name, containerPort, hostPort, hostIP, protocol }, index) => {
      const at = `${field}.ports[${index}]`;
      const key = `${protocol}/${containerPort}/${hostIP ?? ''}/${hostPort ?? 0}`;
      const before = this.ports.get(key);
      if (before === undefined) this.ports.set(key, at);
      else warnings.push(`${at}: duplicate port definition with ${before}`);
      if (name === undefined || name === '') return;
      const named = this.names.get(name);
      if (named === undefined) this.names.set(name, at);
      else if (!named.startsWith(`${field}.`)) {
        warnings.push(
          `${at}: duplicate port name ${JSON.stringify(name)} with ${named}, services and probes that select ports by name will use ${named}`,
        );
      }
    });
  }
}

function containerWarnings(warnings: string[], field: string, container: Container, ports: PortsSeen): void {
  warnings.push(...byteWarnings(`${field}.resources.limits`, container.resources?.limits));
  warnings.push(...byteWarnings(`${field}.resources.requests`, container.resources?.requests));
  const names = new Set<string>();
  container.env?.forEach(({ name }, index) => {
    if (names.has(name)) {
      warnings.push(`${field}.env[${index}]: hides previous definition of ${JSON.stringify(name)}, which may be dropped when using apply`);
    }
    names.add(name);
  });
  ports.add(warnings, field, container);
}

function affinityWarnings(warnings: string[], field: string, { affinity }: PodSpec): void {
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

/** Warnings of a spec at `field`, with the annotations of its pod or template. */
export function podSpecWarnings(field: string, spec: PodSpec | undefined, metadata?: ObjectMeta, metadataField = 'metadata'): string[] {
  const warnings: string[] = [];
  if (spec === undefined) return warnings;
  for (const [label, [since, use]] of spec.nodeSelector === undefined ? [] : Object.entries(renamedLabels)) {
    if (spec.nodeSelector?.[label] !== undefined)
      warnings.push(`${field}.nodeSelector[${label}]: deprecated since ${since}; use "${use}" instead`);
  }
  spec.topologySpreadConstraints?.forEach(({ topologyKey, labelSelector }, index) => {
    const at = `${field}.topologySpreadConstraints[${index}]`;
    const renamed = renamedLabels[topologyKey];
    if (renamed !== undefined)
      warnings.push(`${at}.topologyKey: ${topologyKey} is deprecated since ${renamed[0]}; use "${renamed[1]}" instead`);
    nullSelector(warnings, at, labelSelector);
  });
  for (const annotation in metadata?.annotations) {
    if (annotation.startsWith('container.apparmor.security.beta.kubernetes.io/')) {
      warnings.push(`${metadataField}.annotations[${annotation}]: deprecated since v1.30; use the "appArmorProfile" field instead`);
    }
  }
  const addresses = new Set<string>();
  spec.hostAliases?.forEach(({ ip }, index) => {
    if (addresses.has(ip)) warnings.push(`${field}.hostAliases[${index}].ip: duplicate ip ${JSON.stringify(ip)}`);
    addresses.add(ip);
  });
  const secrets = new Set<string>();
  spec.imagePullSecrets?.forEach(({ name = '' }, index) => {
    if (name === '') warnings.push(`${field}.imagePullSecrets[${index}].name: invalid empty name ""`);
    else if (secrets.has(name)) warnings.push(`${field}.imagePullSecrets[${index}].name: duplicate name ${JSON.stringify(name)}`);
    secrets.add(name);
  });
  if (spec.volumes !== undefined) volumeWarnings(warnings, `${field}.volumes`, spec.volumes);
  const ports = new PortsSeen();
  spec.containers?.forEach((container, index) => containerWarnings(warnings, `${field}.containers[${index}]`, container, ports));
  spec.initContainers?.forEach((container, index) =>
    containerWarnings(warnings, `${field}.initContainers[${index}]`, container, new PortsSeen()),
  );
  if ((spec.terminationGracePeriodSeconds ?? 0) < 0) {
    warnings.push(`${field}.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1`);
  }
  affinityWarnings(warnings, field, spec);
  return warnings;
}

/** Warns of a name that makes no good host name. `use` says what it is used in. */
export function hostNameWarnings(name: string | undefined, use: string): string[] {
  if (name === undefined || name === '') return [];
  const problems = name.includes('.') && name.length <= 63 ? ['must not contain dots'] : labelNameProblems(name);
  if (problems.length === 0) return [];
  return [
    `metadata.name: this is used in ${use}, which can result in surprising behavior; a DNS label is recommended: [${problems.join(', ')}]`,
  ];
}
