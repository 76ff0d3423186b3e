// Deletes pods whose devices have NoExecute taints that their claims do not tolerate, or no longer.
// https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/#device-taints-and-tolerations
import type { Pod, Toleration } from '../../../openapi/types/core.v1.js';
import type { DeviceTaint, ResourceClaim, ResourceSlice } from '../../../openapi/types/resource.v1.js';
import { createController } from '../../client/controller/controller.js';
import { keyOf, makeKey, splitKey } from '../../client/keys.js';
import { PODS, RESOURCE_CLAIMS, RESOURCE_SLICES } from '../../client/resources.js';
import type { ControllerContext, ControllerDefinition, RunningController } from '../definition.js';
import { addDisruptionTarget } from '../shared/disruption.js';
import { unlessGone } from '../shared/gone.js';
import { toleratedFor } from '../tainteviction/tolerance.js';

const name = 'device-taint-eviction-controller';

export const deviceTaintEvictionController: ControllerDefinition = {
  name,
  account: 'device-taint-eviction-controller',
  create: createDeviceTaintEvictionController,
};

const deviceKey = (driver: string, pool: string, device: string): string => `${driver}/${pool}/${device}`;

function evicting(taints: readonly DeviceTaint[] | undefined): readonly DeviceTaint[] {
  return (taints ?? []).filter(({ effect }) => effect === 'NoExecute');
}

/** The devices of a slice that somebody is to leave: rarely any. */
function taintedDevices({ spec }: ResourceSlice): readonly string[] {
  return (spec.devices ?? [])
    .filter(({ taints }) => evicting(taints).length > 0)
    .map((device) => deviceKey(spec.driver, spec.pool.name, device.name));
}

function allocatedDevices({ status }: ResourceClaim): readonly string[] {
  return (status?.allocation?.devices?.results ?? []).map(({ driver, pool, device }) => deviceKey(driver, pool, device));
}

function reservingPods({ metadata, status }: ResourceClaim): readonly string[] {
  return (status?.reservedFor ?? [])
    .filter(({ apiGroup, resource }) => (apiGroup ?? '') === '' && resource === 'pods')
    .map((consumer) => makeKey(metadata.namespace, consumer.name));
}

export function createDeviceTaintEvictionController(context: ControllerContext): RunningController {
  const { client, clock, logger, informers } = context;
  const slices = informers.informer(RESOURCE_SLICES, { indexers: { taintedDevice: taintedDevices } });
  const claims = informers.informer(RESOURCE_CLAIMS, { indexers: { allocatedDevice: allocatedDevices, reservingPod: reservingPods } });
  const pods = informers.informer(PODS);
  const recorder = context.recorder(name);
  /** Pods that are to go some time. */
  const planned = new Set<string>();

  const say = (key: string, uid: string, message: string): void => {
    const { namespace = '', name: pod } = splitKey(key);
    recorder.event({ apiVersion: 'v1', kind: 'Pod', namespace, name: pod, uid }, 'Normal', 'DeviceTaintManagerEviction', message);
  };
  /** When the pod has to go for this claim, in milliseconds since the epoch; undefined when it may stay. */
  const endFor = ({ status }: ResourceClaim): number | undefined => {
    let end: number | undefined;
    for (const { driver, pool, device, tolerations = [] } of status?.allocation?.devices?.results ?? []) {
      for (const slice of slices.store.byIndex('taintedDevice', deviceKey(driver, pool, device))) {
        const taints = evicting(slice.spec.devices?.find((one) => one.name === device)?.taints);
        for (const taint of taints) {
          const tolerated = toleratedFor(tolerations as readonly Toleration[], [{ ...taint, effect: 'NoExecute' }]);
          if (tolerated === undefined) continue;
          const added = taint.timeAdded === undefined ? clock.now() : Date.parse(taint.timeAdded);
          const time = tolerated === 0 ? 0 : added + tolerated;
          if (end === undefined || time < end) end = time;
        }
      }
    }
    return end;
  };
  const evict = async (key: string, pod: Pod): Promise<void> => {
    planned.delete(key);
    const { generation: _, ...metadata } = pod.metadata;
    const message = 'Device Taint manager: deleting due to NoExecute taint';
    await unlessGone(addDisruptionTarget(client, { ...pod, metadata }, 'DeletionByDeviceTaintManager', message, clock.now()));
    await unlessGone(client.delete(PODS, metadata, { preconditions: { uid: metadata.uid } }));
    say(key, metadata.uid, 'Marking for deletion');
  };

  const controller = createController({
    name,
    clock,
    logger,
    workers: 8,
    informers: [slices, claims, pods],
    async reconcile(key) {
      const pod = pods.store.get(key);
      if (pod === undefined || pod.metadata.deletionTimestamp !== undefined || pod.spec.nodeName === undefined)
        return void planned.delete(key);
      let end: number | undefined;
      for (const claim of claims.store.byIndex('reservingPod', key)) {
        if (!(claim.status?.reservedFor ?? []).some(({ uid }) => uid === pod.metadata.uid)) continue;
        const time = endFor(claim);
        if (time !== undefined && (end === undefined || time < end)) end = time;
      }
      if (end === undefined) {
        if (planned.delete(key)) say(key, pod.metadata.uid, 'Cancelling deletion');
        return;
      }
      const wait = end - clock.now();
      if (wait <= 0) return evict(key, pod);
      planned.add(key);
      return { requeueAfter: wait };
    },
  });
  const enqueueFor = (claim: ResourceClaim): void => {
    for (const key of reservingPods(claim)) controller.enqueue(key);
  };
  const concerns = (claim: ResourceClaim): boolean =>
    allocatedDevices(claim).some((device) => slices.store.byIndex('taintedDevice', device).length > 0);
  const enqueueUsers = (...versions: readonly ResourceSlice[]): void => {
    for (const device of new Set(versions.flatMap(taintedDevices)))
      for (const claim of claims.store.byIndex('allocatedDevice', device)) enqueueFor(claim);
  };
  slices.addHandler({
    add: (slice) => enqueueUsers(slice),
    update: (previous, current) => enqueueUsers(previous, current),
    delete: (slice) => enqueueUsers(slice),
  });
  claims.addHandler({
    add: (claim) => {
      if (concerns(claim)) enqueueFor(claim);
    },
    update: (previous, current) => {
      if (previous.status === current.status || !(concerns(previous) || concerns(current))) return;
      enqueueFor(previous);
      enqueueFor(current);
    },
    delete: (claim) => {
      if (concerns(claim)) enqueueFor(claim);
    },
  });
  pods.addHandler({
    add: (pod) => {
      if ((pod.spec.resourceClaims ?? []).length > 0 && claims.store.byIndex('reservingPod', keyOf(pod)).some(concerns))
        controller.enqueueObject(pod);
    },
    delete: (pod) => void planned.delete(keyOf(pod)),
  });
  return controller;
}
