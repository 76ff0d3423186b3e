// What the storage controllers say to each other, and to the scheduler, in annotations; and what they ask of claims and classes.
// https://kubernetes.io/docs/reference/labels-annotations-taints/
import type { PersistentVolume, PersistentVolumeClaim, Pod } from '../../../openapi/types/core.v1.js';
import type { StorageClass } from '../../../openapi/types/storage.v1.js';
import type { KubeObject } from '../../apimachinery/object.js';
import { makeKey } from '../../client/keys.js';
import { compareText } from './sort.js';

/** On a claim: its binding has been completed. */
export const bindCompleted = 'pv.kubernetes.io/bind-completed';
/** On a claim or a volume: the controller, not the user, chose the other side. */
export const boundByController = 'pv.kubernetes.io/bound-by-controller';
/** On a volume: which provisioner made it, and so deletes it. */
export const provisionedBy = 'pv.kubernetes.io/provisioned-by';
/** On a volume: the driver that took over from a plugin of the tree. */
export const migratedTo = 'pv.kubernetes.io/migrated-to';
/** On a claim: who is to make a volume for it; in its present form and in that of before. */
export const storageProvisioner = 'volume.kubernetes.io/storage-provisioner';
export const betaStorageProvisioner = 'volume.beta.kubernetes.io/storage-provisioner';
/** On a claim: the node that the scheduler chose for its first consumer. */
export const selectedNode = 'volume.kubernetes.io/selected-node';
/** On a claim or a volume: its class, as it was said before there was a field. */
export const betaStorageClass = 'volume.beta.kubernetes.io/storage-class';
const defaultClass = 'storageclass.kubernetes.io/is-default-class';
const betaDefaultClass = 'storageclass.beta.kubernetes.io/is-default-class';

export function hasAnnotation({ metadata }: KubeObject, name: string): boolean {
  return metadata.annotations !== undefined && Object.hasOwn(metadata.annotations, name);
}

/** The class of a claim or a volume; '' for none. */
export function classOf({ metadata, spec }: PersistentVolumeClaim | PersistentVolume): string {
  return metadata.annotations?.[betaStorageClass] ?? spec?.storageClassName ?? '';
}

/** Whether the claim leaves its class to the cluster's default. */
export function leavesClassOpen({ metadata, spec }: PersistentVolumeClaim): boolean {
  return spec.storageClassName === undefined && metadata.annotations?.[betaStorageClass] === undefined;
}

function isDefaultClass({ metadata }: StorageClass): boolean {
  return metadata.annotations?.[defaultClass] === 'true' || metadata.annotations?.[betaDefaultClass] === 'true';
}

/** The default class: the newest of those that say that they are it. */
export function defaultClassOf(classes: readonly StorageClass[]): StorageClass | undefined {
  return classes
    .filter(isDefaultClass)
    .sort(
      (one, other) =>
        compareText(other.metadata.creationTimestamp, one.metadata.creationTimestamp) ||
        compareText(one.metadata.name, other.metadata.name),
    )[0];
}

/** The amount of storage that is asked for or there. */
export function storageOf(amounts: Readonly<Record<string, string | number>> | undefined): string | number {
  return amounts?.['storage'] ?? '0';
}

/** The key of the claim that a volume is bound to, or kept for; undefined when it is free. */
export function claimKeyOf({ spec }: PersistentVolume): string | undefined {
  const { claimRef } = spec ?? {};
  return claimRef === undefined ? undefined : makeKey(claimRef.namespace, claimRef.name ?? '');
}

/** Whether the volume names this claim: bound to it, or kept for it before it came. */
export function isBoundTo({ spec }: PersistentVolume, { metadata }: PersistentVolumeClaim): boolean {
  const { claimRef } = spec ?? {};
  if (claimRef === undefined || claimRef.name !== metadata.name || claimRef.namespace !== metadata.namespace) return false;
  return claimRef.uid === undefined || claimRef.uid === '' || claimRef.uid === metadata.uid;
}

/** The name of the claim that is made for an ephemeral volume. https://kubernetes.io/docs/concepts/storage/ephemeral-volumes/#generic-ephemeral-volumes */
export function ephemeralClaimName(pod: Pod, volume: string): string {
  return `${pod.metadata.name}-${volume}`;
}

/** An index function: the keys of the claims that a pod's volumes name, whether it has a node or not. */
export function claimKeysOfPod(pod: Pod): readonly string[] {
  const { volumes } = pod.spec ?? {};
  if (volumes === undefined) return [];
  const keys: string[] = [];
  for (const { name, persistentVolumeClaim, ephemeral } of volumes) {
    if (persistentVolumeClaim !== undefined) keys.push(makeKey(pod.metadata.namespace, persistentVolumeClaim.claimName));
    else if (ephemeral !== undefined) keys.push(makeKey(pod.metadata.namespace, ephemeralClaimName(pod, name)));
  }
  return keys;
}
