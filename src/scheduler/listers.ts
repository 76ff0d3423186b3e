// What the plugins read beside pods and nodes: copies of the API's objects, kept by informers.
import type { Namespace, PersistentVolume, PersistentVolumeClaim, ReplicationController, Service } from '../../openapi/types/core.v1.js';
import type { ReplicaSet, StatefulSet } from '../../openapi/types/apps.v1.js';
import type { LabelSelector } from '../../openapi/types/meta.v1.js';
import type { PodDisruptionBudget } from '../../openapi/types/policy.v1.js';
import type { DeviceClass, ResourceClaim, ResourceSlice } from '../../openapi/types/resource.v1.js';
import type { CSIDriver, CSINode, CSIStorageCapacity, StorageClass, VolumeAttachment } from '../../openapi/types/storage.v1.js';
import type { InformerFactory } from '../client/informer/factory.js';
import type { Informer } from '../client/informer/types.js';
import { makeKey } from '../client/keys.js';
import * as resources from '../client/resources.js';
import { labelText } from './topology/pod-selector.js';

/** The informers, for those who hear of changes. */
export interface SchedulerInformers {
  readonly namespaces: Informer<Namespace>;
  readonly services: Informer<Service>;
  readonly replicationControllers: Informer<ReplicationController>;
  readonly replicaSets: Informer<ReplicaSet>;
  readonly statefulSets: Informer<StatefulSet>;
  readonly disruptionBudgets: Informer<PodDisruptionBudget>;
  readonly persistentVolumes: Informer<PersistentVolume>;
  readonly persistentVolumeClaims: Informer<PersistentVolumeClaim>;
  readonly storageClasses: Informer<StorageClass>;
  readonly csiNodes: Informer<CSINode>;
  readonly csiDrivers: Informer<CSIDriver>;
  readonly csiStorageCapacities: Informer<CSIStorageCapacity>;
  readonly volumeAttachments: Informer<VolumeAttachment>;
  readonly resourceClaims: Informer<ResourceClaim>;
  readonly resourceSlices: Informer<ResourceSlice>;
  readonly deviceClasses: Informer<DeviceClass>;
}

export interface Listers extends SchedulerInformers {
  /** The services whose selector chooses a pod with these labels. */
  servicesOf(namespace: string, labels: Readonly<Record<string, string>> | undefined): readonly Service[];
  /** How the controller of this name chooses its pods; undefined: it is none of those known here, or not there. */
  selectorOf(apiVersion: string, kind: string, namespace: string, name: string): LabelSelector | undefined;
}

const byFirstLabel = 'scheduler/first-label-of-selector';
const byStorageClass = 'scheduler/storage-class';
/** The volume attachments of each node. */
export const attachmentIndex = 'scheduler/node';

/** The resource slices of each node; '' has those that are not of one node. */
export const sliceIndex = 'scheduler/node';
/** The resource slices of each pool, by its key. */
export const poolIndex = 'scheduler/pool';
/** The device classes that stand for an extended resource, by its name. */
export const extendedResourceIndex = 'scheduler/extended-resource';
/** `driver/pool`. */
export function poolKey({ spec }: ResourceSlice): string {
  return `${spec.driver}/${spec.pool.name}`;
}

/** The claims and volumes of each storage class. */
export const storageClassIndex = byStorageClass;

/** Adds what is needed to the factory; the caller starts it. */
export function createListers(factory: InformerFactory): Listers {
  const services = factory.informer(resources.SERVICES, {
    indexers: {
      [byFirstLabel]: ({ metadata, spec }) =>
        Object.entries(spec?.selector ?? {})
          .slice(0, 1)
          .map(([key, value]) => `${metadata.namespace} ${labelText(key, value)}`),
    },
  });
  const replicationControllers = factory.informer(resources.REPLICATION_CONTROLLERS);
  const replicaSets = factory.informer(resources.REPLICA_SETS);
  const statefulSets = factory.informer(resources.STATEFUL_SETS);
  return {
    namespaces: factory.informer(resources.NAMESPACES),
    services,
    replicationControllers,
    replicaSets,
    statefulSets,
    disruptionBudgets: factory.informer(resources.POD_DISRUPTION_BUDGETS),
    persistentVolumes: factory.informer(resources.PERSISTENT_VOLUMES, {
      indexers: { [byStorageClass]: ({ spec }) => [spec?.storageClassName ?? ''] },
    }),
    persistentVolumeClaims: factory.informer(resources.PERSISTENT_VOLUME_CLAIMS),
    storageClasses: factory.informer(resources.STORAGE_CLASSES),
    csiNodes: factory.informer(resources.CSI_NODES),
    csiDrivers: factory.informer(resources.CSI_DRIVERS),
    csiStorageCapacities: factory.informer(resources.CSI_STORAGE_CAPACITIES, {
      indexers: { [byStorageClass]: ({ storageClassName }) => [storageClassName] },
    }),
    volumeAttachments: factory.informer(resources.VOLUME_ATTACHMENTS, { indexers: { [attachmentIndex]: ({ spec }) => [spec.nodeName] } }),
    resourceClaims: factory.informer(resources.RESOURCE_CLAIMS),
    resourceSlices: factory.informer(resources.RESOURCE_SLICES, {
      indexers: { [sliceIndex]: ({ spec }) => [spec.nodeName ?? ''], [poolIndex]: (slice) => [poolKey(slice)] },
    }),
    deviceClasses: factory.informer(resources.DEVICE_CLASSES, {
      indexers: { [extendedResourceIndex]: ({ spec }) => (spec?.extendedResourceName ? [spec.extendedResourceName] : []) },
    }),
    servicesOf(namespace, labels = {}) {
      if (services.store.size === 0) return [];
      return Object.entries(labels).flatMap(([key, value]) =>
        services.store
          .byIndex(byFirstLabel, `${namespace} ${labelText(key, value)}`)
          .filter(({ spec }) => Object.entries(spec?.selector ?? {}).every(([one, wanted]) => labels[one] === wanted)),
      );
    },
    selectorOf(apiVersion, kind, namespace, name) {
      const key = makeKey(namespace, name);
      switch (`${apiVersion} ${kind}`) {
        case 'v1 ReplicationController': {
          const matchLabels = replicationControllers.store.get(key)?.spec?.selector;
          return matchLabels && { matchLabels };
        }
        case 'apps/v1 ReplicaSet':
          return replicaSets.store.get(key)?.spec?.selector;
        case 'apps/v1 StatefulSet':
          return statefulSets.store.get(key)?.spec?.selector;
        default:
          return undefined;
      }
    },
  };
}
