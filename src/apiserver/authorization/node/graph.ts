// Which objects the pods of each node refer to, kept by change. https://kubernetes.io/docs/reference/access-authn-authz/node/#overview
import type { PersistentVolume, Pod } from '../../../../openapi/types/core.v1.js';
import type { ResourceSlice } from '../../../../openapi/types/resource.v1.js';
import type { VolumeAttachment } from '../../../../openapi/types/storage.v1.js';
import type { KubeObject } from '../../../apimachinery/object.js';
import { keyOf, referencesOf, secretsOfVolume } from './references.js';

/**
 * All questions are answered by one look-up: how often a node's pods refer to an object is counted when a pod, a persistent volume, an attachment
 * or a slice changes, and a change of a pod that moves no reference costs a comparison.
 */
export interface NodeGraph {
  /** Pods, persistent volumes, volume attachments and resource slices; `previous` as it was. Other kinds are ignored. */
  put(object: KubeObject, previous?: KubeObject): void;
  remove(object: KubeObject): void;
  /** All objects of a kind as they are: whatever else is known of it is forgotten. */
  replace(kind: string, objects: readonly KubeObject[]): void;
  isRelated(node: string, resource: string, namespace: string, name: string): boolean;
}

interface Known {
  /** '' for what is on no node. */
  readonly node: string;
  readonly keys: readonly string[];
  /** Of a persistent volume: who is bound to it. Its keys are related to the nodes of that claim. */
  readonly claim?: string;
}

const nothing: Known = { node: '', keys: [] };

export function createNodeGraph(): NodeGraph {
  /** By kind, then by namespace and name. */
  const known = new Map<string, Map<string, Known>>();
  /** How many references there are from each node. */
  const counts = new Map<string, Map<string, number>>();
  /** What belongs to the volumes of a claim, volume by volume. */
  const volumes = new Map<string, Map<string, readonly string[]>>();

  function add(key: string, node: string): void {
    let nodes = counts.get(key);
    if (nodes === undefined) counts.set(key, (nodes = new Map<string, number>()));
    const count = nodes.get(node) ?? 0;
    nodes.set(node, count + 1);
    if (count === 0) for (const keys of volumes.get(key)?.values() ?? []) for (const one of keys) add(one, node);
  }

  function drop(key: string, node: string): void {
    const nodes = counts.get(key);
    const count = nodes?.get(node) ?? 0;
    if (nodes === undefined || count === 0) return;
    if (count > 1) {
      nodes.set(node, count - 1);
      return;
    }
    nodes.delete(node);
    if (nodes.size === 0) counts.delete(key);
    for (const keys of volumes.get(key)?.values() ?? []) for (const one of keys) drop(one, node);
  }

  function forget(id: string, { node, keys, claim }: Known): void {
    if (claim === undefined) {
      if (node !== '') for (const key of keys) drop(key, node);
      return;
    }
    const ofClaim = volumes.get(claim);
    ofClaim?.delete(id);
    if (ofClaim?.size === 0) volumes.delete(claim);
    for (const of of counts.get(claim)?.keys() ?? []) for (const key of keys) drop(key, of);
  }

  function learn(id: string, { node, keys, claim }: Known): void {
    if (claim === undefined) {
      if (node !== '') for (const key of keys) add(key, node);
      return;
    }
    const ofClaim = volumes.get(claim) ?? new Map<string, readonly string[]>();
    volumes.set(claim, ofClaim);
    ofClaim.set(id, keys);
    for (const of of counts.get(claim)?.keys() ?? []) for (const key of keys) add(key, of);
  }

  function set(kind: string, id: string, now: Known): void {
    let all = known.get(kind);
    if (all === undefined) known.set(kind, (all = new Map<string, Known>()));
    const before = all.get(id);
    if (before !== undefined) forget(id, before);
    if (now.keys.length === 0) all.delete(id);
    else all.set(id, now);
    learn(id, now);
  }

  const idOf = ({ metadata }: KubeObject): string => `${metadata.namespace ?? ''}/${metadata.name ?? ''}`;

  return {
    put(object, previous) {
      if (previous !== undefined && object.kind === 'Pod' && sameReferences(object as Pod, previous as Pod)) return;
      const now = knownOf(object);
      if (now !== undefined) set(object.kind ?? '', idOf(object), now);
    },
    remove(object) {
      set(object.kind ?? '', idOf(object), nothing);
    },
    replace(kind, objects) {
      const there = new Set(objects.map(idOf));
      for (const id of [...(known.get(kind)?.keys() ?? [])]) if (!there.has(id)) set(kind, id, nothing);
      for (const object of objects) this.put(object);
    },
    isRelated: (node, resource, namespace, name) => counts.get(keyOf(resource, namespace, name))?.has(node) === true,
  };
}

/** References of a pod on a node change with its claims and its ephemeral containers alone. */
function sameReferences(pod: Pod, previous: Pod): boolean {
  return (
    pod.metadata.uid === previous.metadata.uid &&
    pod.spec?.nodeName === previous.spec?.nodeName &&
    (pod.spec?.ephemeralContainers?.length ?? 0) === (previous.spec?.ephemeralContainers?.length ?? 0) &&
    claimsText(pod) === claimsText(previous)
  );
}

function claimsText({ status }: Pod): string {
  if (status?.resourceClaimStatuses === undefined && status?.extendedResourceClaimStatus === undefined) return '';
  const names = (status.resourceClaimStatuses ?? []).map(({ resourceClaimName }) => resourceClaimName ?? '');
  return [...names, status.extendedResourceClaimStatus?.resourceClaimName ?? ''].join('/');
}

function knownOf(object: KubeObject): Known | undefined {
  const name = object.metadata.name ?? '';
  switch (object.kind) {
    case 'Pod': {
      const node = (object as Pod).spec?.nodeName ?? '';
      return node === '' ? nothing : { node, keys: referencesOf(object as Pod) };
    }
    case 'PersistentVolume': {
      const { claimRef } = (object as PersistentVolume).spec ?? {};
      if (claimRef == null) return nothing;
      const claim = keyOf('persistentvolumeclaims', claimRef.namespace ?? '', claimRef.name ?? '');
      return { node: '', claim, keys: [keyOf('persistentvolumes', '', name), ...secretsOfVolume(object as PersistentVolume)] };
    }
    case 'VolumeAttachment':
      return { node: (object as VolumeAttachment).spec.nodeName, keys: [keyOf('volumeattachments', '', name)] };
    case 'ResourceSlice':
      return { node: (object as ResourceSlice).spec.nodeName ?? '', keys: [keyOf('resourceslices', '', name)] };
    default:
      return undefined;
  }
}
