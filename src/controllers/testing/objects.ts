// Objects for the controllers' tests, with the defaults that a server fills in.
import type { DaemonSet, Deployment, ReplicaSet, StatefulSet } from '../../../openapi/types/apps.v1.js';
import type { Node, Pod, Service } from '../../../openapi/types/core.v1.js';

type Fields = Readonly<Record<string, unknown>>;

const template = (app: string, image: string): Fields => ({ metadata: { labels: { app } }, spec: { containers: [{ name: 'c', image }] } });

/** @param spec fields of the spec to add or replace */
export function deployment(name: string, replicas: number, spec: Fields = {}, image = 'nginx:1'): Deployment {
  return {
    metadata: { name, namespace: 'default' },
    spec: {
      replicas,
      selector: { matchLabels: { app: name } },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } },
      revisionHistoryLimit: 10,
      progressDeadlineSeconds: 600,
      template: template(name, image),
      ...spec,
    },
    status: {},
  } as unknown as Deployment;
}

export function replicaSet(
  name: string,
  replicas: number,
  more: { readonly metadata?: Fields; readonly spec?: Fields; readonly status?: Fields } = {},
): ReplicaSet {
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name,
      namespace: 'default',
      uid: `uid-${name}`,
      creationTimestamp: '2026-01-01T00:00:00Z',
      generation: 1,
      ...more.metadata,
    },
    spec: { replicas, selector: { matchLabels: { app: name } }, template: template(name, 'nginx:1'), ...more.spec },
    status: { replicas: 0, ...more.status },
  } as unknown as ReplicaSet;
}

const created = (name: string): Fields => ({
  name,
  namespace: 'default',
  uid: `uid-${name}`,
  creationTimestamp: '2026-01-01T00:00:00Z',
  generation: 1,
});

/** @param spec fields of the spec to add or replace */
export function statefulSet(name: string, replicas: number, spec: Fields = {}, image = 'nginx:1'): StatefulSet {
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: created(name),
    spec: {
      replicas,
      serviceName: 'svc',
      selector: { matchLabels: { app: name } },
      podManagementPolicy: 'OrderedReady',
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } },
      revisionHistoryLimit: 10,
      template: template(name, image),
      ...spec,
    },
    status: { replicas: 0, availableReplicas: 0 },
  } as unknown as StatefulSet;
}

/** @param podSpec fields of the template's spec to add or replace */
export function daemonSet(name: string, spec: Fields = {}, podSpec: Fields = {}, image = 'nginx:1'): DaemonSet {
  const { metadata, spec: pod } = template(name, image);
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { ...created(name), annotations: { 'deprecated.daemonset.template.generation': '1' } },
    spec: {
      selector: { matchLabels: { app: name } },
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } },
      revisionHistoryLimit: 10,
      template: { metadata, spec: { ...(pod as Fields), ...podSpec } },
      ...spec,
    },
    status: { currentNumberScheduled: 0, desiredNumberScheduled: 0, numberMisscheduled: 0, numberReady: 0 },
  } as unknown as DaemonSet;
}

export interface PodOptions {
  readonly labels?: Fields;
  readonly ready?: boolean;
  readonly ip?: string;
  readonly node?: string;
  readonly metadata?: Fields;
  readonly spec?: Fields;
  readonly status?: Fields;
}

export function pod(name: string, { labels = {}, ready = true, ip, node, metadata, spec, status }: PodOptions = {}): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: 'default',
      uid: `uid-${name}`,
      creationTimestamp: '2026-01-01T00:00:00Z',
      labels,
      generation: 1,
      ...metadata,
    },
    spec: { containers: [{ name: 'c', image: 'i' }], ...(node === undefined ? {} : { nodeName: node }), ...spec },
    status: {
      phase: ready ? 'Running' : 'Pending',
      conditions: [{ type: 'Ready', status: ready ? 'True' : 'False', lastTransitionTime: '2026-01-01T00:00:00Z' }],
      ...(ip === undefined ? {} : { podIP: ip, podIPs: [{ ip }] }),
      ...status,
    },
  } as unknown as Pod;
}

export function service(name: string, spec: Fields, metadata: Fields = {}): Service {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'default', uid: `uid-${name}`, creationTimestamp: '2026-01-01T00:00:00Z', ...metadata },
    spec: { type: 'ClusterIP', clusterIP: '10.96.0.10', ipFamilies: ['IPv4'], ...spec },
    status: {},
  } as unknown as Service;
}

/** @param ready the status of the condition Ready; null leaves all conditions out */
export function node(name: string, ready: string | null = 'True', more: { readonly metadata?: Fields; readonly spec?: Fields } = {}): Node {
  const condition = (type: string, status: string): Fields => ({
    type,
    status,
    reason: 'Test',
    message: '',
    lastHeartbeatTime: '2026-01-01T00:00:00Z',
    lastTransitionTime: '2026-01-01T00:00:00Z',
  });
  const conditions =
    ready === null
      ? []
      : [condition('Ready', ready), ...['MemoryPressure', 'DiskPressure', 'PIDPressure'].map((type) => condition(type, 'False'))];
  return {
    metadata: { name, uid: `uid-${name}`, creationTimestamp: '2026-01-01T00:00:00Z', ...more.metadata },
    spec: { ...more.spec },
    status: { conditions },
  } as unknown as Node;
}
