// The annotations by which deployments and their replica sets keep revisions and sizes.
import type { Deployment, ReplicaSet } from '../../../openapi/types/apps.v1.js';
import { rollingLimits, replicasOf } from './strategy.js';

export const revisionAnnotation = 'deployment.kubernetes.io/revision';
const historyAnnotation = 'deployment.kubernetes.io/revision-history';
const desiredAnnotation = 'deployment.kubernetes.io/desired-replicas';
const maxAnnotation = 'deployment.kubernetes.io/max-replicas';

/** Not copied from a deployment to its replica sets. */
const own = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  'deprecated.deployment.rollback.to',
  revisionAnnotation,
  historyAnnotation,
  desiredAnnotation,
  maxAnnotation,
]);

type Annotations = Readonly<Record<string, string>>;

/** The revision in the annotation, an integer of 64 bits; 0 without one. */
export function revisionOf({ metadata }: ReplicaSet | Deployment): bigint {
  const text = metadata.annotations?.[revisionAnnotation] ?? '';
  if (!/^[+-]?\d{1,19}$/.test(text)) return 0n;
  const revision = BigInt(text.replace('+', ''));
  return BigInt.asIntN(64, revision) === revision ? revision : 0n;
}

export function maxRevision(sets: readonly ReplicaSet[]): bigint {
  return sets.map(revisionOf).reduce((max, revision) => (revision > max ? revision : max), 0n);
}

function numberIn(set: ReplicaSet, annotation: string): number | undefined {
  const text = set.metadata.annotations?.[annotation];
  const number = text === undefined || text === '' ? Number.NaN : Number(text);
  return Number.isInteger(number) ? number : undefined;
}

/** The deployment's replicas when this set was scaled last. */
export function desiredReplicasOf(set: ReplicaSet): number | undefined {
  return numberIn(set, desiredAnnotation);
}

/** The deployment's replicas and surge when this set was scaled last. */
export function maxReplicasOf(set: ReplicaSet): number | undefined {
  return numberIn(set, maxAnnotation);
}

/** What says how large the deployment is meant to be. */
export function sizeAnnotations(deployment: Deployment): Annotations {
  const desired = replicasOf(deployment);
  return { [desiredAnnotation]: String(desired), [maxAnnotation]: String(desired + rollingLimits(deployment).maxSurge) };
}

/** The annotations of a new replica set. */
export function annotationsOfNewSet(deployment: Deployment, revision: bigint): Annotations {
  return { ...copied(deployment), [revisionAnnotation]: String(revision), ...sizeAnnotations(deployment) };
}

/** The annotations of a replica set that is the new one (again): the deployment's, and the revision when it rose, the earlier one kept in the history. */
export function annotationsOfKnownSet(deployment: Deployment, set: ReplicaSet, revision: bigint): Annotations {
  const before = set.metadata.annotations ?? {};
  const after: Record<string, string> = { ...before, ...copied(deployment) };
  const old = before[revisionAnnotation];
  if (revisionOf(set) < revision) {
    after[revisionAnnotation] = String(revision);
    if (old !== undefined && old !== '') {
      const history = before[historyAnnotation];
      after[historyAnnotation] = history === undefined || history === '' ? old : `${history},${old}`;
    }
  }
  return after;
}

function copied(deployment: Deployment): Annotations {
  return Object.fromEntries(Object.entries(deployment.metadata.annotations ?? {}).filter(([key]) => !own.has(key)));
}
