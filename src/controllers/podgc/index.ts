// Deletes pods that nobody else will: those of nodes that are gone, those deleted before they had a node, and finished ones beyond a limit.
// https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-garbage-collection
import type { Node, Pod } from '../../../openapi/types/core.v1.js';
import { isReason } from '../../apimachinery/errors/api-error.js';
import { errorText } from '../../client/logger.js';
import { NODES, PODS } from '../../client/resources.js';
import type { Timer } from '../../clock/clock.js';
import type { ControllerContext, ControllerDefinition, RunningController } from '../definition.js';
import { forEachBounded } from '../shared/all.js';
import { addDisruptionTarget } from '../shared/disruption.js';
import { isPodTerminal } from '../shared/pods.js';
import { byCreation } from '../shared/sort.js';

export const podGcController: ControllerDefinition = {
  name: 'pod-garbage-collector-controller',
  account: 'pod-garbage-collector',
  create: createPodGcController,
};

const period = 20_000;
/** How long a node must be missing, in milliseconds: it may be on its way. */
const quarantine = 40_000;
const terminatedLimit = 12_500;
const outOfService = 'node.kubernetes.io/out-of-service';
const width = 16;

export function createPodGcController({ client, clock, logger, informers }: ControllerContext): RunningController {
  const pods = informers.informer(PODS);
  const nodes = informers.informer(NODES);
  /** Since when nodes that pods name are missing. */
  const missing = new Map<string, number>();
  let timer: Timer | undefined;
  let running: Promise<void> = Promise.resolve();

  const remove = async (pod: Pod, why?: string): Promise<void> => {
    try {
      if (why !== undefined)
        await addDisruptionTarget(client, pod, 'DeletionByPodGC', why, clock.now(), isPodTerminal(pod) ? undefined : 'Failed');
      await client.delete(PODS, pod.metadata, { gracePeriodSeconds: 0, preconditions: { uid: pod.metadata.uid } });
    } catch (error) {
      if (!isReason(error, 'NotFound')) throw error;
    }
  };
  const removeAll = async (chosen: readonly Pod[], why?: string): Promise<void> => {
    const failures = await forEachBounded(chosen, width, (pod) => remove(pod, why));
    for (const failure of failures) logger.warn('a pod could not be removed', { error: errorText(failure) });
  };
  /** Nodes that pods have been on, missing long enough, and missing on the server too. */
  const goneNodes = async (names: ReadonlySet<string>): Promise<ReadonlySet<string>> => {
    const now = clock.now();
    for (const name of missing.keys()) if (!names.has(name)) missing.delete(name);
    const gone = new Set<string>();
    for (const name of names) {
      const since = missing.get(name) ?? now;
      missing.set(name, since);
      if (now - since < quarantine) continue;
      try {
        await client.get(NODES, { name });
      } catch (error) {
        if (isReason(error, 'NotFound')) gone.add(name);
        else logger.warn('a node could not be read', { node: name, error: errorText(error) });
      }
    }
    return gone;
  };
  const collect = async (): Promise<void> => {
    const all = pods.store.list();
    const finished = all.filter((pod) => isPodTerminal(pod));
    const surplus = finished.length - terminatedLimit;
    if (surplus > 0) await removeAll(finished.sort(byCreation).slice(0, surplus));

    const onMissing = all.filter(
      ({ spec }) => spec.nodeName !== undefined && spec.nodeName !== '' && nodes.store.get(spec.nodeName) === undefined,
    );
    const gone = await goneNodes(new Set(onMissing.map(({ spec }) => spec.nodeName!)));
    await removeAll(onMissing.filter(({ spec }) => gone.has(spec.nodeName!)), 'PodGC: node no longer exists'); // prettier-ignore

    const deleting = all.filter(({ metadata }) => metadata.deletionTimestamp !== undefined);
    await removeAll(deleting.filter(({ spec }) => spec.nodeName === undefined || spec.nodeName === ''));
    const out = deleting.filter(({ spec }) => isOutOfService(nodes.store.get(spec.nodeName ?? '')));
    await removeAll(out, 'PodGC: node has out-of-service taint');
  };

  return {
    start() {
      timer ??= clock.every(period, () => {
        if (!pods.hasSynced() || !nodes.hasSynced()) return;
        running = running.then(collect).catch((error: unknown) => logger.error('collecting pods failed', { error: errorText(error) }));
      });
    },
    async stop() {
      timer?.cancel();
      await running;
    },
  };
}

function isOutOfService(node: Node | undefined): boolean {
  if (node === undefined || !(node.spec.taints ?? []).some(({ key }) => key === outOfService)) return false;
  return node.status.conditions?.find(({ type }) => type === 'Ready')?.status !== 'True';
}
