// What the workers of one node's pods share.
import type { Container, ObjectReference, Pod } from '../../openapi/types/core.v1.js';
import type { Client } from '../client/client.js';
import type { EventRecorder, EventType } from '../client/events/recorder.js';
import type { Logger } from '../client/logger.js';
import type { Clock } from '../clock/clock.js';
import type { PodNetwork } from '../network/pod-network.js';
import type { ImageService, RuntimeService } from '../runtime/cri.js';
import type { ContainerRecord } from './pod-record.js';
import type { ProbeManager } from './probes.js';

export interface NodeContext {
  readonly name: string;
  /** The node's InternalIP. */
  readonly address: string;
  readonly client: Client;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly recorder: EventRecorder;
  readonly runtime: RuntimeService;
  readonly images: ImageService;
  readonly network: PodNetwork;
  readonly probes: ProbeManager;
  /** Aborted when the node is turned off: nothing may be done or said after that. */
  readonly signal: AbortSignal;
  /** Resolves when the network has its ranges. */
  readonly networkReady: () => Promise<void>;
}

/** Records events about one pod and its containers. */
export interface PodEvents {
  pod(type: EventType, reason: string, message: string): void;
  container(container: Pick<ContainerRecord, 'kind' | 'name'>, type: EventType, reason: string, message: string): void;
}

const fields = { init: 'initContainers', sidecar: 'initContainers', regular: 'containers', ephemeral: 'ephemeralContainers' } as const;

/** Events name the version of the pod with which the kubelet took it on, so that repeated ones raise one count. */
export function podEvents(recorder: EventRecorder, { metadata }: Pod): PodEvents {
  const { namespace, name, uid, resourceVersion } = metadata;
  const reference: ObjectReference = {
    kind: 'Pod',
    apiVersion: 'v1',
    name,
    uid,
    resourceVersion,
    ...(namespace === undefined ? {} : { namespace }),
  };
  return {
    pod: (type, reason, message) => recorder.event(reference, type, reason, message),
    container: (container, type, reason, message) =>
      recorder.event({ ...reference, fieldPath: `spec.${fields[container.kind]}{${container.name}}` }, type, reason, message),
  };
}

/** `name_namespace(uid)`, as the kubelet names pods in its messages. */
export function podText({ metadata: { name, namespace = '', uid } }: Pod): string {
  return `${name}_${namespace}(${uid})`;
}

/** The pull policy that counts: the API server fills it in, but not in every double of it. */
export function pullPolicy({
  image = '',
  imagePullPolicy,
}: Pick<Container, 'image' | 'imagePullPolicy'>): 'Always' | 'IfNotPresent' | 'Never' {
  return imagePullPolicy ?? (image.endsWith(':latest') ? 'Always' : 'IfNotPresent');
}
