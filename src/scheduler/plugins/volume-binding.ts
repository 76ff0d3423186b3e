// VolumeBinding: a node must reach the volumes that a pod's claims have, or be one for which volumes can be found or made.
// https://kubernetes.io/docs/concepts/storage/storage-classes/#volume-binding-mode
import type { PersistentVolume, PersistentVolumeClaim } from '../../../openapi/types/core.v1.js';
import type { StorageClass } from '../../../openapi/types/storage.v1.js';
import { keyOf } from '../../client/keys.js';
import type { ClusterEvent, NodeInfo, Plugin, PluginArgs, PluginHandle, PodCheck, PodInfo, Rejection, Reservation } from '../framework.js';
import { storageClassIndex } from '../listers.js';
import { ConfigurationError } from '../profile/configuration-error.js';
import { claimTrouble, isBound } from '../volumes/pod-claims.js';
import { canProvision } from '../volumes/provisioning.js';
import { bindVolumes, selectedNode, type VolumeDecision } from '../volumes/volume-binder.js';
import { findVolume, requestOf, selectsNode } from '../volumes/volume-match.js';

const unreachable: Rejection = { reasons: ["node(s) didn't match PersistentVolume's node affinity"], resolvable: false };
const unavailable: Rejection = { reasons: ["node(s) didn't find available persistent volumes to bind"], resolvable: false };
const noSpace: Rejection = { reasons: ['node(s) did not have enough free storage'], resolvable: false };
const noVolume: Rejection = { reasons: ['node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)'], resolvable: false };

interface DelayedClaim {
  readonly claim: PersistentVolumeClaim;
  readonly storageClass: StorageClass;
}

export function volumeBinding(handle: PluginHandle, { bindTimeoutSeconds = 600 }: PluginArgs): Plugin {
  const { listers } = handle;
  if (typeof bindTimeoutSeconds !== 'number' || !(bindTimeoutSeconds >= 0))
    throw new ConfigurationError('VolumeBinding: bindTimeoutSeconds must be a number of 0 or more');
  const binder = {
    client: handle.client,
    clock: handle.clock,
    claims: listers.persistentVolumeClaims,
    timeout: bindTimeoutSeconds * 1000,
  };
  /** Volumes that are promised to claims, until the API says so. */
  const promised = new Map<string, string>();

  const decide = (node: NodeInfo, delayed: readonly DelayedClaim[]): VolumeDecision | Rejection => {
    const bindings: { claim: PersistentVolumeClaim; volume: PersistentVolume }[] = [];
    const provisioned: PersistentVolumeClaim[] = [];
    for (const { claim, storageClass } of delayed) {
      const selected = claim.metadata.annotations?.[selectedNode];
      if (selected !== undefined && selected !== node.name) return unavailable;
      const candidates =
        selected === undefined ? listers.persistentVolumes.store.byIndex(storageClassIndex, storageClass.metadata.name) : [];
      const key = keyOf(claim);
      const isTaken = (name: string): boolean =>
        (promised.has(name) && promised.get(name) !== key) || bindings.some(({ volume }) => volume.metadata.name === name);
      const volume = findVolume(candidates, claim, node, isTaken);
      if (volume !== undefined) {
        bindings.push({ claim, volume });
        continue;
      }
      const provisioning = canProvision(listers, claim, storageClass, node);
      if (provisioning === 'impossible') return unavailable;
      if (provisioning === 'noCapacity') return noSpace;
      provisioned.push(claim);
    }
    return { node: node.name, bindings, provisioned };
  };

  const reserve = (decision: VolumeDecision): Reservation => {
    for (const { claim, volume } of decision.bindings) promised.set(volume.metadata.name, keyOf(claim));
    return {
      release: () => {
        for (const { volume } of decision.bindings) promised.delete(volume.metadata.name);
      },
      preBind: (signal) => bindVolumes(binder, decision, signal),
    };
  };

  return {
    name: 'VolumeBinding',
    preFilter({ pod, claims }: PodInfo) {
      if (claims.length === 0) return undefined;
      const delayed: DelayedClaim[] = [];
      const bound: (PersistentVolume | undefined)[] = [];
      let immediate = false;
      for (const one of claims) {
        const claim = listers.persistentVolumeClaims.store.get(one.key);
        const trouble = claimTrouble(pod, one, claim);
        if (trouble !== undefined || claim === undefined) return { rejected: trouble ?? '', resolvable: false };
        if (claim.status?.phase === 'Lost')
          return {
            rejected: `persistentvolumeclaim "${one.name}" bound to non-existent persistentvolume "${claim.spec.volumeName ?? ''}"`,
            resolvable: false,
          };
        if (isBound(claim)) {
          bound.push(listers.persistentVolumes.store.get(claim.spec.volumeName!));
          continue;
        }
        const storageClass = listers.storageClasses.store.get(claim.spec.storageClassName ?? '');
        const waits = storageClass?.volumeBindingMode === 'WaitForFirstConsumer' && (claim.spec.volumeName ?? '') === '';
        if (storageClass !== undefined && waits) delayed.push({ claim, storageClass });
        else immediate = true;
      }
      if (immediate) return { rejected: 'pod has unbound immediate PersistentVolumeClaims', resolvable: false };
      // The small ones first: a large volume is not spent on a small claim that another would do for.
      delayed.sort((one, other) => requestOf(one.claim) - requestOf(other.claim));
      const check: PodCheck = {
        filter(node) {
          for (const volume of bound) {
            if (volume === undefined) return noVolume;
            if (!selectsNode(volume.spec?.nodeAffinity?.required, node)) return unreachable;
          }
          if (delayed.length === 0) return undefined;
          const decision = decide(node, delayed);
          return 'reasons' in decision ? decision : undefined;
        },
        reserve(node) {
          if (delayed.length === 0) return undefined;
          const decision = decide(node, delayed);
          if ('reasons' in decision) throw new Error(decision.reasons[0]);
          return reserve(decision);
        },
      };
      return check;
    },
    listens: ['node', 'persistentVolume', 'persistentVolumeClaim', 'storageClass', 'csiNode', 'csiDriver', 'csiStorageCapacity'],
    helps: mayHelp,
  };
}

function mayHelp({ resource, change, object, previous }: ClusterEvent, { claims }: PodInfo): boolean {
  switch (resource) {
    case 'persistentVolumeClaim':
      return change !== 'delete' && claims.some(({ key }) => key === keyOf(object as PersistentVolumeClaim));
    case 'storageClass':
      // Of what an update can change, only the topologies matter here.
      return (
        change === 'add' ||
        (change === 'update' &&
          JSON.stringify((object as StorageClass).allowedTopologies) !==
            JSON.stringify((previous as StorageClass | undefined)?.allowedTopologies))
      );
    default:
      return change !== 'delete' || resource === 'csiDriver';
  }
}
