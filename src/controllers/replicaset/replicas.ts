// Creates the pods that are missing and deletes those too many.
import type { Pod } from '../../../openapi/types/core.v1.js';
import type { Draft } from '../../apimachinery/object.js';
import type { Client } from '../../client/client.js';
import type { Expectations } from '../../client/controller/expectations.js';
import { controllerReference } from '../../client/controller/owner-references.js';
import type { EventRecorder } from '../../client/events/recorder.js';
import type { Logger } from '../../client/logger.js';
import * as pods from '../shared/pod-control.js';
import type { PodKeeper } from './keeper.js';
import { podsToDelete } from './ranking.js';

/** Pods created or deleted in one go; the rest follows in the next. */
const burst = 500;

export { isTerminatingNamespace } from '../shared/pod-control.js';

/** Why pods could not be created or deleted. */
export interface ReplicaFailure {
  readonly reason: 'FailedCreate' | 'FailedDelete';
  readonly error: unknown;
}

export interface ManageOptions {
  readonly client: Client;
  readonly recorder: EventRecorder;
  readonly expectations: Expectations;
  readonly logger: Logger;
  readonly key: string;
  readonly set: PodKeeper;
  /** Its pods that are neither finished nor being deleted. */
  readonly pods: readonly Pod[];
  /** The pods of all sets with the same owner. */
  relatedPods(): readonly Pod[];
  readonly now: number;
}

/** Resolves with the first failure, if there was one; never rejects. */
export async function manageReplicas(options: ManageOptions): Promise<ReplicaFailure | undefined> {
  const surplus = options.pods.length - (options.set.spec.replicas ?? 1);
  if (surplus < 0) return createPods(options, Math.min(-surplus, burst));
  if (surplus > 0) return deletePods(options, Math.min(surplus, burst));
  return undefined;
}

function podDraft(set: PodKeeper): Draft<Pod> {
  const { labels, annotations, finalizers } = set.spec.template?.metadata ?? {};
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      generateName: `${set.metadata.name}-`,
      namespace: set.metadata.namespace,
      ...(labels === undefined ? {} : { labels }),
      ...(annotations === undefined ? {} : { annotations }),
      ...(finalizers === undefined ? {} : { finalizers }),
      ownerReferences: [controllerReference(set)],
    },
    spec: set.spec.template?.spec,
  };
}

async function createPods(options: ManageOptions, count: number): Promise<ReplicaFailure | undefined> {
  const draft = podDraft(options.set);
  const { failure } = await pods.createPods({ ...options, owner: options.set }, count, () => draft);
  return failure === undefined ? undefined : { reason: 'FailedCreate', error: failure };
}

async function deletePods(options: ManageOptions, count: number): Promise<ReplicaFailure | undefined> {
  const victims = podsToDelete(options.pods, options.relatedPods(), count, options.now);
  const { failure } = await pods.deletePods({ ...options, owner: options.set }, victims);
  return failure === undefined ? undefined : { reason: 'FailedDelete', error: failure };
}
