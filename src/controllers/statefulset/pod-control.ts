// Creates, mends and deletes the pods of a set, and says so in events.
import type { StatefulSet } from '../../../openapi/types/apps.v1.js';
import type { PersistentVolumeClaim, Pod } from '../../../openapi/types/core.v1.js';
import type { ControllerRevision } from '../../../openapi/types/apps.v1.js';
import { isReason } from '../../apimachinery/errors/api-error.js';
import { keyOf } from '../../client/keys.js';
import type { Expectations } from '../../client/controller/expectations.js';
import { errorText } from '../../client/logger.js';
import { PODS } from '../../client/resources.js';
import { isTerminatingNamespace } from '../shared/pod-control.js';
import { createClaims, ownClaims, type ClaimTools } from './claims.js';
import { hasIdentity, hasStorage, podDraft, podName, repaired } from './identity.js';

export interface SetTools extends ClaimTools {
  readonly expectations: Expectations;
  now(): number;
}

type Verb = 'Create' | 'Update' | 'Delete';

function succeeded({ recorder }: ClaimTools, set: StatefulSet, verb: Verb, pod: string): void {
  recorder.event(set, 'Normal', `Successful${verb}`, `${verb} Pod ${pod} in StatefulSet ${set.metadata.name} successful`);
}

function failed({ recorder }: ClaimTools, set: StatefulSet, verb: Verb, pod: string, error: unknown): void {
  const message = `${verb} Pod ${pod} in StatefulSet ${set.metadata.name} failed error: ${errorText(error)}`;
  recorder.event(set, 'Warning', `Failed${verb}`, message);
}

/** Creates the claims and then the pod. Rejects as the client does. */
export async function createPod(tools: SetTools, set: StatefulSet, revision: ControllerRevision, ordinal: number): Promise<void> {
  const name = podName(set, ordinal);
  const key = keyOf(set);
  try {
    await createClaims(tools, set, ordinal);
    tools.expectations.expectCreations(key, 1);
    try {
      await tools.client.create(PODS, podDraft(set, revision, ordinal));
    } catch (error) {
      tools.expectations.creationObserved(key);
      throw error;
    }
  } catch (error) {
    // A stranger has the name, or the namespace is going: there is nothing to say to the user.
    if (!isReason(error, 'AlreadyExists') && !isTerminatingNamespace(error)) failed(tools, set, 'Create', name, error);
    throw error;
  }
  succeeded(tools, set, 'Create', name);
}

/** Gives a pod and its claims back what belongs to them, if it is not there. */
export async function mendPod(
  tools: SetTools,
  set: StatefulSet,
  pod: Pod,
  ordinal: number,
  claims: readonly PersistentVolumeClaim[],
): Promise<void> {
  const whole = hasIdentity(pod, ordinal) && hasStorage(set, pod, ordinal);
  if (whole && claims.length === 0) return;
  try {
    await ownClaims(tools, set, pod, claims);
    if (!whole) await tools.client.update(PODS, repaired(set, pod, ordinal));
  } catch (error) {
    failed(tools, set, 'Update', pod.metadata.name, error);
    throw error;
  }
  succeeded(tools, set, 'Update', pod.metadata.name);
}

/** Deletes a pod; one that is gone already counts as deleted. */
export async function deletePod(tools: SetTools, set: StatefulSet, pod: Pod): Promise<void> {
  const key = keyOf(set);
  const { uid, name } = pod.metadata;
  tools.expectations.expectDeletions(key, [uid]);
  try {
    await tools.client.delete(PODS, pod.metadata, { preconditions: { uid } });
  } catch (error) {
    tools.expectations.deletionObserved(key, uid);
    if (isReason(error, 'NotFound')) return;
    failed(tools, set, 'Delete', name, error);
    throw error;
  }
  succeeded(tools, set, 'Delete', name);
}
