// Keeps a deleted claim for as long as there is a pod with a node that uses it.
// https://kubernetes.io/docs/concepts/storage/persistent-volumes/#storage-object-in-use-protection
import type { PersistentVolumeClaim, Pod } from '../../../openapi/types/core.v1.js';
import { createController } from '../../client/controller/controller.js';
import { makeKey } from '../../client/keys.js';
import { PERSISTENT_VOLUME_CLAIMS, PODS } from '../../client/resources.js';
import type { ControllerContext, ControllerDefinition, RunningController } from '../definition.js';
import { forEachBounded } from '../shared/all.js';
import { concernsProtection, protect, type Protection } from '../shared/protection.js';
import { claimKeysOf, podsByClaim, usesClaim } from './uses.js';

export const pvcProtectionController: ControllerDefinition = {
  name: 'persistentvolumeclaim-protection-controller',
  account: 'pvc-protection-controller',
  create: createPvcProtectionController,
};

const finalizer = 'kubernetes.io/pvc-protection';
/** The index of pods by the keys of the claims that they may use. */
const byClaim = 'usedClaims';
/** How many claims of a namespace are written at once. */
const width = 10;
/** Milliseconds after which claims are looked at again whose pod the informer does not know. */
const lookAgain = 1000;

/**
 * Its queue holds namespaces: before claims go, the server is asked for the namespace's pods, as the informer may be behind, and once
 * for all claims that wait.
 */
export function createPvcProtectionController({ client, clock, logger, informers }: ControllerContext): RunningController {
  const claims = informers.informer(PERSISTENT_VOLUME_CLAIMS);
  const pods = informers.informer(PODS, { indexers: { [byClaim]: claimKeysOf } });
  /** The names of the claims to look at, by namespace. */
  const waiting = new Map<string, Set<string>>();
  const wait = (namespace: string, name: string): void => {
    const names = waiting.get(namespace);
    if (names === undefined) waiting.set(namespace, new Set([name]));
    else names.add(name);
  };

  const controller = createController({
    name: 'persistentvolumeclaim-protection-controller',
    clock,
    logger,
    informers: [claims, pods],
    async reconcile(namespace) {
      const names = [...(waiting.get(namespace) ?? [])];
      waiting.delete(namespace);
      // All read before the pods are listed: a claim that was deleted later might be used by a pod that the list does not have.
      const found = names.map((name) => claims.store.get(makeKey(namespace, name))).filter((claim) => claim !== undefined);
      let listed: Promise<ReadonlyMap<string, readonly Pod[]>> | undefined;
      let again = false;
      const inUse = async (claim: PersistentVolumeClaim): Promise<boolean> => {
        const { name } = claim.metadata;
        const key = makeKey(namespace, name);
        if (pods.store.byIndex(byClaim, key).some((pod) => usesClaim(pod, claim))) return true;
        listed ??= client.list(PODS, { namespace }).then(({ items }) => podsByClaim(items));
        if (!(await listed).get(key)?.some((pod) => usesClaim(pod, claim))) return false;
        // A pod that comes and goes between two lists of the informer is never told of.
        wait(namespace, name);
        return (again = true);
      };
      const protection: Protection<PersistentVolumeClaim> = { client, type: PERSISTENT_VOLUME_CLAIMS, finalizer, inUse };
      const [failure] = await forEachBounded(found, width, (claim) =>
        protect(protection, claim).catch((error: unknown) => {
          wait(namespace, claim.metadata.name);
          throw error;
        }),
      );
      if (failure !== undefined) throw failure;
      return again ? { requeueAfter: lookAgain } : undefined;
    },
  });

  const consider = (claim: PersistentVolumeClaim | undefined): void => {
    if (claim === undefined || !concernsProtection(claim, finalizer)) return;
    const { namespace = '', name } = claim.metadata;
    wait(namespace, name);
    controller.enqueue(namespace);
  };
  const released = (pod: Pod): void => {
    for (const key of claimKeysOf(pod)) consider(claims.store.get(key));
  };
  claims.addHandler({ add: consider, update: (_previous, current) => consider(current) });
  pods.addHandler({
    update(previous, current) {
      // The deletion of the one and the creation of the other of the same name were not seen apart.
      if (previous.metadata.uid !== current.metadata.uid) released(previous);
    },
    delete: released,
  });
  return controller;
}
