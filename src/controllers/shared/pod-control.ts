// Creates and deletes the pods of an owner: with expectations, events, and few tries while they are refused.
import type { Pod } from '../../../openapi/types/core.v1.js';
import { ApiError, isReason } from '../../apimachinery/errors/api-error.js';
import type { Draft, KubeObject } from '../../apimachinery/object.js';
import type { Client } from '../../client/client.js';
import type { Expectations } from '../../client/controller/expectations.js';
import type { EventRecorder } from '../../client/events/recorder.js';
import { errorText, type Logger } from '../../client/logger.js';
import { PODS } from '../../client/resources.js';
import { forEachBounded } from './all.js';

const width = 64;

/** Whose pods, and with what. */
export interface PodControl {
  readonly client: Client;
  readonly recorder: EventRecorder;
  readonly expectations: Expectations;
  readonly logger: Logger;
  /** The owner's key in the expectations. */
  readonly key: string;
  /** What the events are about. */
  readonly owner: KubeObject;
}

/** What was done, and the first error; a namespace that is going is no error. */
export interface PodsDone {
  readonly done: readonly Pod[];
  readonly failure?: Error;
}

/**
 * Creates `count` pods, in batches of 1, 2, 4, …: when pods are refused, only a few requests are spent on it. Never rejects.
 * @param draft the pod with this number, counted from 0
 */
export async function createPods(control: PodControl, count: number, draft: (number: number) => Draft<Pod>): Promise<PodsDone> {
  const { client, recorder, expectations, key, owner } = control;
  expectations.expectCreations(key, count);
  const created: Pod[] = [];
  let failure: Error | undefined;
  const createOne = async (number: number): Promise<boolean> => {
    try {
      const pod = await client.create(PODS, draft(number));
      created.push(pod);
      recorder.event(owner, 'Normal', 'SuccessfulCreate', `Created pod: ${pod.metadata.name}`);
      return true;
    } catch (error) {
      expectations.creationObserved(key);
      // The namespace is going: there is nothing to complain about.
      if (isTerminatingNamespace(error)) return false;
      failure ??= error instanceof Error ? error : new Error(errorText(error));
      recorder.event(owner, 'Warning', 'FailedCreate', `Error creating: ${errorText(error)}`);
      return false;
    }
  };
  let tried = 0;
  for (let batch = 1; tried < count; batch *= 2) {
    const first = tried;
    const size = Math.min(batch, count - tried);
    const made = await Promise.all(Array.from({ length: size }, (_, offset) => createOne(first + offset)));
    tried += size;
    if (made.includes(false)) break;
  }
  for (let i = tried; i < count; i++) expectations.creationObserved(key);
  return { done: created, ...(failure === undefined ? {} : { failure }) };
}

/**
 * Deletes pods, several at once. Never rejects; a pod that is gone already counts as deleted.
 * @param prepare what must succeed before each deletion
 */
export async function deletePods(control: PodControl, pods: readonly Pod[], prepare?: (pod: Pod) => Promise<unknown>): Promise<PodsDone> {
  const { client, recorder, expectations, key, owner, logger } = control;
  expectations.expectDeletions(key, pods.map(({ metadata }) => metadata.uid)); // prettier-ignore
  const deleted: Pod[] = [];
  const failures = await forEachBounded(pods, width, async (pod) => {
    try {
      await prepare?.(pod);
      await client.delete(PODS, pod.metadata, { preconditions: { uid: pod.metadata.uid } });
      deleted.push(pod);
      recorder.event(owner, 'Normal', 'SuccessfulDelete', `Deleted pod: ${pod.metadata.name}`);
    } catch (error) {
      expectations.deletionObserved(key, pod.metadata.uid);
      if (isReason(error, 'NotFound')) {
        deleted.push(pod);
        return logger.debug('a pod to delete is gone already', { pod: pod.metadata.name });
      }
      recorder.event(owner, 'Warning', 'FailedDelete', `Error deleting: ${errorText(error)}`);
      throw error;
    }
  });
  return { done: deleted, ...(failures.length === 0 ? {} : { failure: failures[0]! }) };
}

/** Whether an object was refused because its namespace is being deleted. */
export function isTerminatingNamespace(error: unknown): boolean {
  return error instanceof ApiError && (error.status.details?.causes?.some(({ reason }) => reason === 'NamespaceTerminating') ?? false);
}

/** Resolves with undefined when the work was refused only because the namespace is being deleted: nothing is left to be done then. */
export async function unlessTerminatingNamespace<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (isTerminatingNamespace(error)) return undefined;
    throw error;
  }
}
