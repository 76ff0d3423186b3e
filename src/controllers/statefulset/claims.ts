// The claims of a set's pods: made before the pod, and owned as the retention policy says.
// https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#persistentvolumeclaim-retention
import type { StatefulSet } from '../../../openapi/types/apps.v1.js';
import type { PersistentVolumeClaim, Pod } from '../../../openapi/types/core.v1.js';
import type { Draft, KubeObject, OwnerReference } from '../../apimachinery/object.js';
import { isReason } from '../../apimachinery/errors/api-error.js';
import type { Client } from '../../client/client.js';
import { controllerReference } from '../../client/controller/owner-references.js';
import type { EventRecorder } from '../../client/events/recorder.js';
import { makeKey } from '../../client/keys.js';
import { errorText } from '../../client/logger.js';
import { PERSISTENT_VOLUME_CLAIMS } from '../../client/resources.js';
import { claimName, firstOrdinal, ordinalOf, podName, replicasOf } from './identity.js';

export interface ClaimTools {
  readonly client: Client;
  readonly recorder: EventRecorder;
  /** The claim of this key, as far as the informer knows. */
  readonly claimOf: (key: string) => PersistentVolumeClaim | undefined;
}

/** A claim after its template. */
function claimDraft(set: StatefulSet, { metadata, spec }: PersistentVolumeClaim, name: string): Draft<PersistentVolumeClaim> {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: {
      ...(metadata.annotations === undefined ? {} : { annotations: metadata.annotations }),
      ...(metadata.finalizers === undefined ? {} : { finalizers: metadata.finalizers }),
      labels: { ...metadata.labels, ...set.spec.selector.matchLabels },
      name,
      namespace: set.metadata.namespace,
    },
    spec,
  };
}

/** Whether all claims of an ordinal are there, as far as the informer knows. */
export function hasClaims(tools: ClaimTools, set: StatefulSet, ordinal: number): boolean {
  return (set.spec.volumeClaimTemplates ?? []).every(
    ({ metadata }) => tools.claimOf(makeKey(set.metadata.namespace, claimName(set, metadata.name, ordinal))) !== undefined,
  );
}

/** Creates the claims that are missing. Rejects when one is refused, or is being deleted: then its pod must wait. */
export async function createClaims({ client, recorder, claimOf }: ClaimTools, set: StatefulSet, ordinal: number): Promise<void> {
  const pod = podName(set, ordinal);
  const failures: string[] = [];
  for (const template of set.spec.volumeClaimTemplates ?? []) {
    const name = claimName(set, template.metadata.name, ordinal);
    const known = claimOf(makeKey(set.metadata.namespace, name));
    if (known !== undefined) {
      if (known.metadata.deletionTimestamp !== undefined) failures.push(`pvc ${name} is being deleted`);
      continue;
    }
    try {
      await client.create(PERSISTENT_VOLUME_CLAIMS, claimDraft(set, template, name));
      recorder.event(set, 'Normal', 'SuccessfulCreate', `Create Claim ${name} Pod ${pod} in StatefulSet ${set.metadata.name} success`);
    } catch (error) {
      if (isReason(error, 'AlreadyExists')) continue;
      const text = errorText(error);
      failures.push(`failed to create PVC ${name}: ${text}`);
      const message = `Create Claim ${name} for Pod ${pod} in StatefulSet ${set.metadata.name} failed error: ${text}`;
      recorder.event(set, 'Warning', 'FailedCreate', message);
    }
  }
  if (failures.length === 1) throw new Error(failures[0]);
  if (failures.length > 1) throw new Error(`[${failures.join(', ')}]`);
}

/** Which owners a claim should have: the set takes it along when deleted, a pod when it goes for good. */
function wantedOwner(set: StatefulSet, pod: Pod): KubeObject | undefined {
  const { whenDeleted = 'Retain', whenScaled = 'Retain' } = set.spec.persistentVolumeClaimRetentionPolicy ?? {};
  const ordinal = ordinalOf(set, pod.metadata.name) ?? 0;
  const position = ordinal - firstOrdinal(set);
  const condemned = position < 0 || position >= replicasOf(set);
  if (condemned && whenScaled === 'Delete') return pod;
  return whenDeleted === 'Delete' ? set : undefined;
}

/** The claim with the owners that it should have; undefined when it has them, or is going. */
function withOwners(set: StatefulSet, pod: Pod, claim: PersistentVolumeClaim): PersistentVolumeClaim | undefined {
  if (claim.metadata.deletionTimestamp !== undefined) return undefined;
  const present = claim.metadata.ownerReferences ?? [];
  const wanted = wantedOwner(set, pod);
  // Those of the same name whose uid is another are of an earlier set or pod, which is gone.
  const ours = ({ kind, name, uid }: OwnerReference): boolean =>
    uid === set.metadata.uid || (kind === 'Pod' && name === pod.metadata.name) || (kind === 'StatefulSet' && name === set.metadata.name);
  const own = present.filter(ours);
  if (own.length === (wanted === undefined ? 0 : 1) && own[0]?.uid === wanted?.metadata.uid) return undefined;
  const others = present.filter((reference) => !ours(reference));
  // Somebody else controls it: it is theirs to keep or delete.
  if (wanted !== undefined && others.some(({ controller }) => controller === true)) return undefined;
  const ownerReferences = wanted === undefined ? others : [...others, controllerReference(wanted)];
  return { ...claim, metadata: { ...claim.metadata, ownerReferences } };
}

/** The claims of a pod whose owners are not those that the retention policy wants, with the right ones. */
export function claimsToOwn({ claimOf }: ClaimTools, set: StatefulSet, pod: Pod, ordinal: number): readonly PersistentVolumeClaim[] {
  const claims: PersistentVolumeClaim[] = [];
  for (const { metadata } of set.spec.volumeClaimTemplates ?? []) {
    const claim = claimOf(makeKey(set.metadata.namespace, claimName(set, metadata.name, ordinal)));
    const owned = claim === undefined ? undefined : withOwners(set, pod, claim);
    if (owned !== undefined) claims.push(owned);
  }
  return claims;
}

/** Writes what {@link claimsToOwn} gave; a claim that was changed meanwhile is looked at once more. Rejects as the client does. */
export async function ownClaims(
  { client }: ClaimTools,
  set: StatefulSet,
  pod: Pod,
  claims: readonly PersistentVolumeClaim[],
): Promise<void> {
  for (const claim of claims) {
    try {
      await client.update(PERSISTENT_VOLUME_CLAIMS, claim);
    } catch (error) {
      if (isReason(error, 'NotFound')) continue;
      if (!isReason(error, 'Conflict')) throw error;
      const fresh = await client.get(PERSISTENT_VOLUME_CLAIMS, claim.metadata);
      const owned = withOwners(set, pod, fresh);
      if (owned !== undefined) await client.update(PERSISTENT_VOLUME_CLAIMS, owned);
    }
  }
}
