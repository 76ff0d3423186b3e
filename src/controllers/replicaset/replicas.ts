// Creates the pods that are missing and deletes those too many.
import type { ReplicaSet } from '../../../openapi/types/apps.v1.js';
import type { Pod } from '../../../openapi/types/core.v1.js';
import { ApiError, isReason } from '../../apimachinery/errors/api-error.js';
import type { Draft } from '../../apimachinery/object.js';
import type { Client } from '../../client/client.js';
import type { Expectations } from '../../client/controller/expectations.js';
import { controllerReference } from '../../client/controller/owner-references.js';
import type { EventRecorder } from '../../client/events/recorder.js';
import { errorText, type Logger } from '../../client/logger.js';
import { PODS } from '../../client/resources.js';
import { forEachBounded } from '../shared/all.js';
import { podsToDelete } from './ranking.js';

/** Pods created or deleted in one go; the rest follows in the next. */
const burst = 500;
const width = 64;

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
  readonly set: ReplicaSet;
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

function podDraft(set: ReplicaSet): Draft<Pod> {
  const { labels, annotations, finalizers } = set.spec.template.metadata ?? {};
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
    spec: set.spec.template.spec,
  };
}

/** In batches of 1, 2, 4, …: when pods are refused, only a few requests are spent on it. */
async function createPods({ client, recorder, expectations, key, set }: ManageOptions, count: number): Promise<ReplicaFailure | undefined> {
  expectations.expectCreations(key, count);
  const draft = podDraft(set);
  let failure: unknown;
  const createOne = async (): Promise<boolean> => {
    try {
      const pod = await client.create(PODS, draft);
      recorder.event(set, 'Normal', 'SuccessfulCreate', `Created pod: ${pod.metadata.name}`);
      return true;
    } catch (error) {
      expectations.creationObserved(key);
      // The namespace is going: there is nothing to complain about.
      if (isTerminatingNamespace(error)) return false;
      failure ??= error;
      recorder.event(set, 'Warning', 'FailedCreate', `Error creating: ${errorText(error)}`);
      return false;
    }
  };
  let done = 0;
  for (let batch = 1; done < count; batch *= 2) {
    const size = Math.min(batch, count - done);
    const made = await Promise.all(Array.from({ length: size }, createOne));
    done += size;
    if (made.includes(false)) break;
  }
  for (let i = done; i < count; i++) expectations.creationObserved(key);
  return failure === undefined ? undefined : { reason: 'FailedCreate', error: failure };
}

async function deletePods(options: ManageOptions, count: number): Promise<ReplicaFailure | undefined> {
  const { client, recorder, expectations, key, set, logger } = options;
  const victims = podsToDelete(options.pods, options.relatedPods(), count, options.now);
  expectations.expectDeletions(key, victims.map(({ metadata }) => metadata.uid)); // prettier-ignore
  const failures = await forEachBounded(victims, width, async (pod) => {
    try {
      await client.delete(PODS, pod.metadata, { preconditions: { uid: pod.metadata.uid } });
      recorder.event(set, 'Normal', 'SuccessfulDelete', `Deleted pod: ${pod.metadata.name}`);
    } catch (error) {
      expectations.deletionObserved(key, pod.metadata.uid);
      if (isReason(error, 'NotFound')) return logger.debug('a pod to delete is gone already', { pod: pod.metadata.name });
      recorder.event(set, 'Warning', 'FailedDelete', `Error deleting: ${errorText(error)}`);
      throw error;
    }
  });
  return failures.length === 0 ? undefined : { reason: 'FailedDelete', error: failures[0] };
}

/** Whether an object was refused because its namespace is being deleted. */
export function isTerminatingNamespace(error: unknown): boolean {
  return error instanceof ApiError && (error.status.details?.causes?.some(({ reason }) => reason === 'NamespaceTerminating') ?? false);
}
