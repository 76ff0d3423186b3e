// The logs of a node's containers, for the API server. https://kubernetes.io/docs/concepts/cluster-administration/logging/
import type { ContainerStatus, Pod } from '../../openapi/types/core.v1.js';
import { badRequest, notFound } from '../apimachinery/errors/api-error.js';
import type { KubeletEndpoint } from '../client/kubelet-endpoint.js';
import { PODS } from '../client/resources.js';
import type { Clock } from '../clock/clock.js';
import type { RuntimeService } from '../runtime/cri.js';
import { readLog } from '../runtime/log-reader.js';
import { specOf, type PodRecord } from './pod-record.js';

export interface PodLogsOptions {
  readonly runtime: RuntimeService;
  readonly clock: Clock;
  /** What the kubelet knows of the pod with this uid. */
  readonly record: (uid: string) => PodRecord | undefined;
}

/** What the API server asks of this node's kubelet. */
export function createPodLogs({ runtime, clock, record }: PodLogsOptions): KubeletEndpoint {
  return {
    async containerLogs(pod, options, sink) {
      const known = record(pod.uid);
      if (!known) throw notFound(PODS, pod.name);
      const { container: name, previous = false } = options;
      if (!specOf(known.pod, name)) throw badRequest(`container ${name} is not valid for pod ${pod.name}`);
      const container = known.containers.get(name);
      const id = previous ? container?.previousId : container?.id;
      const log = id === undefined ? undefined : runtime.containerLog(id);
      if (log) return readLog(log, options, sink, clock);
      const lost = known.past ? statusOf(known.pod, name)?.containerID : undefined;
      if (lost !== undefined && !previous) {
        sink.write(Buffer.from(`unable to retrieve container logs for ${lost}`));
        sink.end();
        return { stop: () => {} };
      }
      if (previous) throw badRequest(`previous terminated container "${name}" in pod "${pod.name}" not found`);
      throw badRequest(`container "${name}" in pod "${pod.name}" is waiting to start: ${waitingText(known, container?.waiting?.reason)}`);
    },
  };
}

function statusOf({ status }: Pod, name: string): ContainerStatus | undefined {
  return [...(status.containerStatuses ?? []), ...(status.initContainerStatuses ?? [])].find((one) => one.name === name);
}

function waitingText({ pod, initialized }: PodRecord, reason: string | undefined): string {
  if (reason === 'ErrImagePull') return "image can't be pulled";
  if (reason === 'ImagePullBackOff') return 'trying and failing to pull image';
  return reason ?? (!initialized && (pod.spec.initContainers?.length ?? 0) > 0 ? 'PodInitializing' : 'ContainerCreating');
}
