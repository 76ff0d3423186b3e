// Finds a deployment's new and old replica sets, makes the new one, and scales.
import type { Deployment, DeploymentStatus, ReplicaSet } from '../../../openapi/types/apps.v1.js';
import type { PodTemplateSpec } from '../../../openapi/types/core.v1.js';
import { deepEqual } from '../../apimachinery/equality.js';
import { isReason } from '../../apimachinery/errors/api-error.js';
import type { Client } from '../../client/client.js';
import { controllerReference, isControlledBy } from '../../client/controller/owner-references.js';
import type { EventRecorder } from '../../client/events/recorder.js';
import { errorText } from '../../client/logger.js';
import { DEPLOYMENTS, REPLICA_SETS } from '../../client/resources.js';
import { isTerminatingNamespace } from '../replicaset/replicas.js';
import { byCreation } from '../shared/sort.js';
import { annotationsOfKnownSet, annotationsOfNewSet, maxRevision, revisionAnnotation, sizeAnnotations } from './annotations.js';
import { conditionOf, makeCondition, progressDeadline, reasons, setCondition } from './conditions.js';
import { hashLabel, templateHash } from './hash.js';
import { newSetReplicas, replicasOf } from './strategy.js';

export interface DeploymentTools {
  readonly client: Client;
  readonly recorder: EventRecorder;
  now(): number;
}

/** A template without the label that makes it one set's own. */
function withoutHash(template: PodTemplateSpec): PodTemplateSpec {
  const labels = template.metadata?.labels;
  if (labels === undefined || !(hashLabel in labels)) return template;
  const { [hashLabel]: _, ...others } = labels;
  return { ...template, metadata: { ...template.metadata, labels: others } };
}

function sameTemplate(a: PodTemplateSpec, b: PodTemplateSpec): boolean {
  const { metadata: left, ...specOfA } = withoutHash(a);
  const { metadata: right, ...specOfB } = withoutHash(b);
  return (
    deepEqual(specOfA, specOfB) &&
    deepEqual(left?.labels ?? {}, right?.labels ?? {}) &&
    deepEqual(left?.annotations ?? {}, right?.annotations ?? {})
  );
}

/** The set with the deployment's template, the oldest when there are several; undefined when none has it. */
export function findNewSet(deployment: Deployment, sets: readonly ReplicaSet[]): ReplicaSet | undefined {
  return [...sets].sort(byCreation).find((set) => sameTemplate(set.spec.template, deployment.spec.template));
}

/** A deployment's sets, as a sync works with them. `all` has the old ones first, then the new one. */
export interface Sets {
  readonly deployment: Deployment;
  readonly newSet: ReplicaSet | undefined;
  readonly old: readonly ReplicaSet[];
  readonly all: readonly ReplicaSet[];
}

/** Thrown after a status was written that asks for another try at once. */
export class TryAgain extends Error {}

/** Brings the new set's annotations up to date, and makes it when it is missing and `create` says so. */
export async function newAndOldSets(
  tools: DeploymentTools,
  deployment: Deployment,
  sets: readonly ReplicaSet[],
  create: boolean,
): Promise<Sets> {
  const known = findNewSet(deployment, sets);
  const old = sets.filter((set) => set.metadata.uid !== known?.metadata.uid);
  const revision = maxRevision(old) + 1n;
  if (known === undefined && !create) return { deployment, newSet: undefined, old, all: old };
  const found =
    known === undefined ? await createNewSet(tools, deployment, old, revision) : await refreshNewSet(tools, deployment, known, revision);
  return { ...found, old, all: [...old, found.newSet] };
}

interface Found {
  readonly deployment: Deployment;
  readonly newSet: ReplicaSet;
}

/** What is known of `set` changes first: only then the deployment, which shows its revision. */
async function refreshNewSet(tools: DeploymentTools, deployment: Deployment, set: ReplicaSet, revision: bigint): Promise<Found> {
  const annotations = annotationsOfKnownSet(deployment, set, revision);
  const minReadySeconds = deployment.spec.minReadySeconds ?? 0;
  const changed = !deepEqual(annotations, set.metadata.annotations ?? {}) || (set.spec.minReadySeconds ?? 0) !== minReadySeconds;
  const newSet = changed
    ? await tools.client.update(REPLICA_SETS, {
        ...set,
        metadata: { ...set.metadata, annotations },
        spec: { ...set.spec, minReadySeconds },
      })
    : set;
  if (changed) return { deployment: await announce(tools, deployment, newSet, undefined), newSet };
  const found = conditionOf(deployment.status.conditions, 'Progressing') === undefined;
  return {
    deployment: await announce(
      tools,
      deployment,
      newSet,
      found ? [reasons.found, `Found new replica set "${newSet.metadata.name}"`] : undefined,
    ),
    newSet,
  };
}

/** Writes the set's revision, and a reason of progress, into the deployment. */
async function announce(
  tools: DeploymentTools,
  deployment: Deployment,
  set: ReplicaSet,
  progress: readonly [string, string] | undefined,
): Promise<Deployment> {
  const revision = set.metadata.annotations?.[revisionAnnotation];
  const before = deployment.status.conditions ?? [];
  const conditions =
    progress === undefined || progressDeadline(deployment) === undefined
      ? before
      : setCondition(before, makeCondition('Progressing', 'True', progress[0], progress[1], tools.now()));
  const annotations = { ...deployment.metadata.annotations, ...(revision === undefined ? {} : { [revisionAnnotation]: revision }) };
  const same = conditions === before && deployment.metadata.annotations?.[revisionAnnotation] === revision;
  if (same) return deployment;
  return tools.client.update(
    DEPLOYMENTS,
    { ...deployment, metadata: { ...deployment.metadata, annotations }, status: { ...deployment.status, conditions } },
    { subresource: 'status' },
  );
}

function newSetDraft(deployment: Deployment, old: readonly ReplicaSet[], revision: bigint): ReplicaSet {
  const { template, selector, minReadySeconds } = deployment.spec;
  const hash = templateHash(template, deployment.status.collisionCount);
  const labels = { ...template.metadata?.labels, [hashLabel]: hash };
  const draft = {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `${deployment.metadata.name}-${hash}`,
      namespace: deployment.metadata.namespace,
      labels,
      annotations: annotationsOfNewSet(deployment, revision),
      ownerReferences: [controllerReference(deployment)],
    },
    spec: {
      replicas: 0,
      ...(minReadySeconds === undefined ? {} : { minReadySeconds }),
      selector: { ...selector, matchLabels: { ...selector.matchLabels, [hashLabel]: hash } },
      template: { ...template, metadata: { ...template.metadata, labels } },
    },
  } as unknown as ReplicaSet;
  return { ...draft, spec: { ...draft.spec, replicas: newSetReplicas(deployment, [...old, draft], draft) } };
}

async function createNewSet(tools: DeploymentTools, deployment: Deployment, old: readonly ReplicaSet[], revision: bigint): Promise<Found> {
  const { client, recorder } = tools;
  const draft = newSetDraft(deployment, old, revision);
  try {
    const newSet = await client.create(REPLICA_SETS, draft);
    const { name } = newSet.metadata;
    const replicas = replicasOf(newSet);
    if (replicas > 0) recorder.event(deployment, 'Normal', 'ScalingReplicaSet', `Scaled up replica set ${name} from 0 to ${replicas}`);
    return { deployment: await announce(tools, deployment, newSet, [reasons.created, `Created new replica set "${name}"`]), newSet };
  } catch (error) {
    if (isReason(error, 'AlreadyExists')) return useOrAvoid(tools, deployment, draft);
    if (!isTerminatingNamespace(error)) await reportCreateError(tools, deployment, draft.metadata.name, error);
    throw error;
  }
}

/** The name is taken: by our own set that the informer has not seen yet, or by another one, which the next hash avoids. */
async function useOrAvoid(tools: DeploymentTools, deployment: Deployment, draft: ReplicaSet): Promise<Found> {
  const existing = await tools.client.get(REPLICA_SETS, draft.metadata);
  if (isControlledBy(existing, deployment) && sameTemplate(existing.spec.template, deployment.spec.template)) {
    return {
      deployment: await announce(tools, deployment, existing, [reasons.found, `Found new replica set "${existing.metadata.name}"`]),
      newSet: existing,
    };
  }
  const collisionCount = (deployment.status.collisionCount ?? 0) + 1;
  await writeStatus(tools, deployment, { ...deployment.status, collisionCount });
  throw new TryAgain(`replica set "${draft.metadata.name}" exists with another template: the next name is tried`);
}

async function reportCreateError(tools: DeploymentTools, deployment: Deployment, name: string, error: unknown): Promise<void> {
  const message = `Failed to create new replica set "${name}": ${errorText(error)}`;
  if (progressDeadline(deployment) !== undefined) {
    const condition = makeCondition('Progressing', 'False', reasons.createError, message, tools.now());
    const conditions = setCondition(deployment.status.conditions ?? [], condition);
    await writeStatus(tools, deployment, { ...deployment.status, conditions });
  }
  tools.recorder.event(deployment, 'Warning', reasons.createError, message);
}

/** Writes the status unless it is the same. */
export async function writeStatus({ client }: DeploymentTools, deployment: Deployment, status: DeploymentStatus): Promise<Deployment> {
  if (deepEqual(deployment.status, status)) return deployment;
  return client.update(DEPLOYMENTS, { ...deployment, status }, { subresource: 'status' });
}

/** Gives a set its size, and writes down for which size of the deployment. */
export async function scaleSet(
  { client, recorder }: DeploymentTools,
  deployment: Deployment,
  set: ReplicaSet,
  replicas: number,
): Promise<ReplicaSet> {
  const before = replicasOf(set);
  const annotations = { ...set.metadata.annotations, ...sizeAnnotations(deployment) };
  if (before === replicas && deepEqual(annotations, set.metadata.annotations)) return set;
  const scaled = await client.update(REPLICA_SETS, { ...set, metadata: { ...set.metadata, annotations }, spec: { ...set.spec, replicas } });
  if (before !== replicas) {
    const direction = before < replicas ? 'up' : 'down';
    recorder.event(
      deployment,
      'Normal',
      'ScalingReplicaSet',
      `Scaled ${direction} replica set ${set.metadata.name} from ${before} to ${replicas}`,
    );
  }
  return scaled;
}
