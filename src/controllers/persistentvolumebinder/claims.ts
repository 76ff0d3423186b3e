// One claim's next step: to a volume of its own, or to somebody who makes one, or to the event that says what is missing.
// https://kubernetes.io/docs/concepts/storage/persistent-volumes/#lifecycle-of-a-volume-and-claim
import type { PersistentVolume, PersistentVolumeClaim, Pod } from '../../../openapi/types/core.v1.js';
import type { StorageClass } from '../../../openapi/types/storage.v1.js';
import type { ReconcileResult } from '../../client/controller/controller.js';
import type { EventRecorder } from '../../client/events/recorder.js';
import type { InformerStore } from '../../client/informer/types.js';
import { keyOf } from '../../client/keys.js';
import { isPodTerminal } from '../shared/pods.js';
import { compareText } from '../shared/sort.js';
import {
  bindCompleted,
  boundByController,
  classOf,
  defaultClassOf,
  hasAnnotation,
  isBoundTo,
  leavesClassOpen,
  selectedNode,
} from '../shared/volumes.js';
import { bind, markLost } from './bind.js';
import { bestVolume, mismatch } from './match.js';
import { requestProvisioning } from './provision.js';
import type { WrittenObjects } from './written.js';

/** Names of the indexes that {@link ClaimsContext}'s stores have. */
export const freeByClass = 'freeByClass';
export const byClaimRef = 'claimRef';
export const podsByNamedClaim = 'namedClaims';

/** Milliseconds after which a claim that waits is looked at again, and its event repeated: the real controller's period. */
const lookAgain = 15_000;

export interface ClaimsContext {
  readonly objects: WrittenObjects;
  readonly recorder: EventRecorder;
  readonly volumes: InformerStore<PersistentVolume>;
  readonly pods: InformerStore<Pod>;
  readonly classes: InformerStore<StorageClass>;
  /** The volume as the server has it. */
  readonly fetchVolume: (name: string) => Promise<PersistentVolume | undefined>;
}

/** Rejects with a conflict when something has changed: it is to be called again then. */
export async function syncClaim(context: ClaimsContext, claim: PersistentVolumeClaim): Promise<ReconcileResult> {
  if (hasAnnotation(claim, bindCompleted)) return syncBound(context, claim);
  if (claim.metadata.deletionTimestamp !== undefined) return;
  const { volumeName } = claim.spec;
  const bound = volumeName === undefined || volumeName === '' ? await choose(context, claim) : await take(context, claim, volumeName);
  return bound ? undefined : { requeueAfter: lookAgain };
}

/** Finds a volume for a claim that names none. Resolves with whether it is bound. */
async function choose(context: ClaimsContext, claim: PersistentVolumeClaim): Promise<boolean> {
  const { objects, recorder, volumes, classes } = context;
  const { newest } = objects.volumes;
  const className = classOf(claim);
  const storageClass = className === '' ? undefined : classes.get(className);
  // The scheduler finds a volume for such a claim, which is kept for it then, or a node, for which one is made.
  const waits = storageClass?.volumeBindingMode === 'WaitForFirstConsumer';
  const kept = volumes.byIndex(byClaimRef, keyOf(claim)).map(newest);
  const free = waits ? [] : volumes.byIndex(freeByClass, className).map(newest);
  const volume = bestVolume(claim, kept, free);
  if (volume !== undefined) {
    await bind(objects, volume, claim);
    return true;
  }
  if (leavesClassOpen(claim)) {
    const chosen = defaultClassOf(classes.list());
    if (chosen !== undefined) {
      const storageClassName = chosen.metadata.name;
      return choose(context, await objects.claims.update({ ...claim, spec: { ...claim.spec, storageClassName } }));
    }
  }
  if (waits && !hasAnnotation(claim, selectedNode)) recorder.event(claim, 'Normal', ...whyItWaits(context, claim));
  else if (className !== '') await requestProvisioning(objects, recorder, claim, className, storageClass);
  else recorder.event(claim, 'Normal', 'FailedBinding', 'no persistent volumes available for this claim and no storage class is set');
  return false;
}

/** Reason and message for a claim of a class that waits for its first consumer. */
function whyItWaits({ pods }: ClaimsContext, claim: PersistentVolumeClaim): [string, string] {
  const names = pods
    .byIndex(podsByNamedClaim, keyOf(claim))
    .filter((pod) => !pod.spec.nodeName && !isPodTerminal(pod))
    .map(({ metadata }) => metadata.name)
    .sort(compareText);
  if (names.length === 0) return ['WaitForFirstConsumer', 'waiting for first consumer to be created before binding'];
  return ['WaitForPodScheduled', `waiting for pod${names.length > 1 ? 's' : ''} ${names.join(',')} to be scheduled`];
}

/** Binds a claim to the volume that it names. Resolves with whether it is bound. */
async function take({ objects, recorder }: ClaimsContext, claim: PersistentVolumeClaim, name: string): Promise<boolean> {
  const volume = objects.volumes.get(name);
  if (volume === undefined) return false;
  if (volume.spec.claimRef === undefined) {
    const why = mismatch(volume, claim);
    if (why !== undefined) {
      recorder.event(claim, 'Warning', 'VolumeMismatch', `Cannot bind to requested volume "${name}": ${why}`);
      return false;
    }
  } else if (!isBoundTo(volume, claim)) {
    // What the controller itself has chosen cannot be somebody else's: the informer is behind.
    if (hasAnnotation(claim, boundByController)) throw new Error(`volume "${name}" is bound to another claim than ${keyOf(claim)}`);
    recorder.event(claim, 'Warning', 'FailedBinding', `volume "${name}" already bound to a different claim.`);
    return false;
  }
  await bind(objects, volume, claim);
  return true;
}

/** A claim that was bound once: it is still, or has lost its volume. */
async function syncBound({ objects, recorder, fetchVolume }: ClaimsContext, claim: PersistentVolumeClaim): Promise<undefined> {
  const { volumeName } = claim.spec;
  const lost = async (reason: string, message: string): Promise<void> => {
    if (claim.status?.phase === 'Lost') return;
    await markLost(objects, claim);
    recorder.event(claim, 'Warning', reason, message);
  };
  if (volumeName === undefined || volumeName === '') {
    return void (await lost('ClaimLost', 'Bound claim has lost reference to PersistentVolume. Data on the volume is lost!'));
  }
  let volume = objects.volumes.get(volumeName);
  // The informer of volumes may be behind that of claims, and nothing brings a claim back that is lost.
  if (volume === undefined || !isBoundTo(volume, claim)) volume = await fetchVolume(volumeName);
  if (volume === undefined) await lost('ClaimLost', 'Bound claim has lost its PersistentVolume. Data on the volume is lost!');
  else if (volume.spec.claimRef === undefined || isBoundTo(volume, claim)) await bind(objects, volume, claim);
  else await lost('ClaimMisbound', 'Two claims are bound to the same volume, this one is bound incorrectly');
}
