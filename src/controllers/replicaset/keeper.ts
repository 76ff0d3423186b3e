// What an object that keeps pods looks like, and in what its kinds differ.
import type { ReplicaSetCondition, ReplicaSetStatus } from '../../../openapi/types/apps.v1.js';
import type { PodTemplateSpec } from '../../../openapi/types/core.v1.js';
import type { KubeObject } from '../../apimachinery/object.js';
import type { ResourceType } from '../../client/client.js';

/** A replica set or a replication controller. */
export interface PodKeeper extends KubeObject {
  readonly spec: { readonly replicas?: number; readonly minReadySeconds?: number; readonly template?: PodTemplateSpec };
  readonly status: PodKeeperStatus;
}

/** Replication controllers have the same but for `terminatingReplicas`. */
export type PodKeeperStatus = ReplicaSetStatus;
export type PodKeeperCondition = ReplicaSetCondition;

export interface PodKeeperKind<T extends PodKeeper> {
  readonly type: ResourceType<T>;
  /** The controller's name. */
  readonly name: string;
  /** Whom its events come from. */
  readonly component: string;
  /** Whether its status says how many pods are being deleted. */
  readonly countsTerminating: boolean;
  /** Whether labels are those of a pod that the object selects. */
  selects(object: T): (labels: Readonly<Record<string, string>> | undefined) => boolean;
}
