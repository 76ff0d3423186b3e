// Which pod is which: ordinals, names, labels and volumes that a pod keeps over its replacements.
// https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#pod-identity
import type { ControllerRevision, StatefulSet } from '../../../openapi/types/apps.v1.js';
import type { Pod, Volume } from '../../../openapi/types/core.v1.js';
import type { Draft } from '../../apimachinery/object.js';
import { controllerReference } from '../../client/controller/owner-references.js';
import { templateOf } from '../shared/revisions.js';

export const podNameLabel = 'statefulset.kubernetes.io/pod-name';
export const podIndexLabel = 'apps.kubernetes.io/pod-index';
export const revisionLabel = 'controller-revision-hash';

/** The number at the end of a member's name; undefined for a pod that is none of this set by its name. */
export function ordinalOf(set: StatefulSet, podName: string): number | undefined {
  const prefix = `${set.metadata.name}-`;
  if (!podName.startsWith(prefix)) return undefined;
  const digits = podName.slice(prefix.length);
  if (!/^(0|[1-9]\d{0,9})$/.test(digits)) return undefined;
  const ordinal = Number(digits);
  return ordinal <= 0x7fffffff ? ordinal : undefined;
}

export function podName(set: StatefulSet, ordinal: number): string {
  return `${set.metadata.name}-${ordinal}`;
}

/** The first ordinal. https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#start-ordinal */
export function firstOrdinal({ spec }: StatefulSet): number {
  return spec.ordinals?.start ?? 0;
}

export function replicasOf({ spec }: StatefulSet): number {
  return spec.replicas ?? 1;
}

/** The revision that a pod was made from. */
export function revisionOf(pod: Pod): string | undefined {
  return pod.metadata.labels?.[revisionLabel];
}

/** The name of the claim that a pod has for a template: `data-web-0`. */
export function claimName(set: StatefulSet, template: string, ordinal: number): string {
  return `${template}-${podName(set, ordinal)}`;
}

function identityLabels(name: string, ordinal: number): Readonly<Record<string, string>> {
  return { [podNameLabel]: name, [podIndexLabel]: String(ordinal) };
}

export function hasIdentity(pod: Pod, ordinal: number): boolean {
  const labels = pod.metadata.labels ?? {};
  return labels[podNameLabel] === pod.metadata.name && labels[podIndexLabel] === String(ordinal);
}

/** The volumes of a pod: one for each claim, then those of the template with other names. */
function claimVolumes(set: StatefulSet, volumes: readonly Volume[] | undefined, ordinal: number): readonly Volume[] | undefined {
  const templates = set.spec.volumeClaimTemplates ?? [];
  if (templates.length === 0) return volumes;
  const claims = new Map<string, Volume>();
  for (const { metadata } of templates) {
    claims.set(metadata.name, { name: metadata.name, persistentVolumeClaim: { claimName: claimName(set, metadata.name, ordinal) } });
  }
  return [...claims.values(), ...(volumes ?? []).filter(({ name }) => !claims.has(name))];
}

/** Whether the pod uses the claims that belong to its ordinal. */
export function hasStorage(set: StatefulSet, pod: Pod, ordinal: number): boolean {
  return (set.spec.volumeClaimTemplates ?? []).every(({ metadata }) => {
    const wanted = claimName(set, metadata.name, ordinal);
    return pod.spec.volumes?.some(
      ({ name, persistentVolumeClaim }) => name === metadata.name && persistentVolumeClaim?.claimName === wanted,
    );
  });
}

/** The pod with the labels and volumes that belong to its ordinal. */
export function repaired(set: StatefulSet, pod: Pod, ordinal: number): Pod {
  const labels = { ...pod.metadata.labels, ...identityLabels(pod.metadata.name, ordinal) };
  const volumes = hasStorage(set, pod, ordinal) ? pod.spec.volumes : claimVolumes(set, pod.spec.volumes, ordinal);
  return { ...pod, metadata: { ...pod.metadata, labels }, spec: { ...pod.spec, ...(volumes === undefined ? {} : { volumes }) } };
}

/** A pod of this revision at this ordinal, to be created. */
export function podDraft(set: StatefulSet, revision: ControllerRevision, ordinal: number): Draft<Pod> {
  const template = templateOf(revision) ?? set.spec.template;
  const { labels, annotations, finalizers } = template.metadata ?? {};
  const name = podName(set, ordinal);
  const volumes = claimVolumes(set, template.spec?.volumes, ordinal);
  const { serviceName } = set.spec;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      generateName: `${set.metadata.name}-`,
      namespace: set.metadata.namespace,
      labels: { ...labels, ...identityLabels(name, ordinal), [revisionLabel]: revision.metadata.name },
      ...(annotations === undefined ? {} : { annotations }),
      ...(finalizers === undefined ? {} : { finalizers }),
      ownerReferences: [controllerReference(set)],
    },
    spec: {
      ...template.spec,
      hostname: name,
      subdomain: serviceName === '' ? undefined : serviceName,
      ...(volumes === undefined ? {} : { volumes }),
    },
  };
}
