// Writes which volume a claim gets, or on which node one is to be made for it, and waits until the claims are bound.
import type { PersistentVolume, PersistentVolumeClaim } from '../../../openapi/types/core.v1.js';
import type { Client } from '../../client/client.js';
import type { Informer } from '../../client/informer/types.js';
import { keyOf } from '../../client/keys.js';
import { PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES } from '../../client/resources.js';
import type { Clock } from '../../clock/clock.js';
import { isBound } from './pod-claims.js';

export const selectedNode = 'volume.kubernetes.io/selected-node';

/** What was decided for the claims of one pod on one node. */
export interface VolumeDecision {
  readonly node: string;
  readonly bindings: readonly { readonly claim: PersistentVolumeClaim; readonly volume: PersistentVolume }[];
  /** Claims for which volumes are made. */
  readonly provisioned: readonly PersistentVolumeClaim[];
}

export interface VolumeBinderOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly claims: Informer<PersistentVolumeClaim>;
  /** In milliseconds. */
  readonly timeout: number;
}

/** Rejects with the server's ApiError, or an Error that says what the claims still lack. */
export async function bindVolumes(options: VolumeBinderOptions, decision: VolumeDecision, signal: AbortSignal): Promise<void> {
  for (const { claim, volume } of decision.bindings) await bindVolume(options.client, claim, volume);
  for (const claim of decision.provisioned) await selectNode(options.client, claim, decision.node);
  await untilBound(options, decision, signal);
}

async function bindVolume(client: Client, { metadata }: PersistentVolumeClaim, volume: PersistentVolume): Promise<void> {
  const { namespace, name, uid, resourceVersion } = metadata;
  await client.update(PERSISTENT_VOLUMES, {
    ...volume,
    metadata: { ...volume.metadata, annotations: { ...volume.metadata.annotations, 'pv.kubernetes.io/bound-by-controller': 'yes' } },
    spec: { ...volume.spec, claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name, uid, resourceVersion } },
  });
}

async function selectNode(client: Client, claim: PersistentVolumeClaim, node: string): Promise<void> {
  if (claim.metadata.annotations?.[selectedNode] === node) return;
  await client.update(PERSISTENT_VOLUME_CLAIMS, {
    ...claim,
    metadata: { ...claim.metadata, annotations: { ...claim.metadata.annotations, [selectedNode]: node } },
  });
}

function untilBound({ claims, clock, timeout }: VolumeBinderOptions, decision: VolumeDecision, signal: AbortSignal): Promise<void> {
  const waiting = new Map([...decision.bindings.map(({ claim }) => claim), ...decision.provisioned].map((claim) => [keyOf(claim), claim]));
  const selected = new Set<string>();
  return new Promise((resolve, reject) => {
    const end = (error?: Error): void => {
      registration.remove();
      timer.cancel();
      signal.removeEventListener('abort', aborted);
      if (error) reject(error);
      else resolve();
    };
    const aborted = (): void => end(new Error('the pod is gone'));
    const look = (claim: PersistentVolumeClaim): void => {
      const key = keyOf(claim);
      const known = waiting.get(key);
      if (known === undefined) return;
      if (claim.metadata.uid !== known.metadata.uid) return end(new Error(`persistentvolumeclaim "${key}" was replaced`));
      if (isBound(claim)) {
        waiting.delete(key);
        if (waiting.size === 0) end();
      } else if (claim.metadata.annotations?.[selectedNode] === decision.node) selected.add(key);
      // A provisioner that cannot make a volume here takes the wish back.
      else if (selected.has(key)) end(new Error(`provisioning failed for PVC "${claim.metadata.name}"`));
    };
    const timer = clock.after(timeout, () => end(new Error('timed out waiting for the condition')));
    signal.addEventListener('abort', aborted, { once: true });
    const registration = claims.addHandler({
      update: (_previous, claim) => look(claim),
      delete: (claim) => {
        if (waiting.has(keyOf(claim))) end(new Error(`persistentvolumeclaim "${claim.metadata.name}" was deleted`));
      },
    });
    for (const key of [...waiting.keys()]) {
      const claim = claims.store.get(key);
      if (claim !== undefined) look(claim);
    }
    if (signal.aborted) aborted();
  });
}
