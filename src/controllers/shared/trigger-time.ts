// Since when a change of pods or of a service waits to be seen in its endpoints: the annotation
// `endpoints.kubernetes.io/last-change-trigger-time`, by which the delay of the whole chain is measured.
import type { Pod, Service } from '../../../openapi/types/core.v1.js';
import { podCondition } from './pods.js';

export const triggerTimeAnnotation = 'endpoints.kubernetes.io/last-change-trigger-time';

export interface TriggerTimes {
  /** The oldest change since the last call for this service; undefined when nothing that has a time has changed. */
  next(key: string, service: Service, pods: readonly Pod[]): string | undefined;
  forget(key: string): void;
}

export function createTriggerTimes(): TriggerTimes {
  const states = new Map<string, { readonly service: string; readonly pods: ReadonlyMap<string, string> }>();
  return {
    next(key, service, pods) {
      const before = states.get(key);
      const after = new Map<string, string>();
      let oldest: string | undefined;
      const consider = (time: string): void => {
        if (oldest === undefined || time < oldest) oldest = time;
      };
      for (const pod of pods) {
        const time = podCondition(pod, 'Ready')?.lastTransitionTime;
        if (time === undefined) continue;
        after.set(pod.metadata.name, time);
        const known = before?.pods.get(pod.metadata.name);
        if (known === undefined || time > known) consider(time);
      }
      const { creationTimestamp } = service.metadata;
      if (before === undefined || creationTimestamp > before.service) consider(creationTimestamp);
      states.set(key, { service: creationTimestamp, pods: after });
      return oldest;
    },
    forget: (key) => void states.delete(key),
  };
}
