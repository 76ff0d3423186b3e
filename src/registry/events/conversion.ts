// events.k8s.io/v1 and core/v1 are two views of one stored event. https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/
import type { Event as CoreEvent } from '../../../openapi/types/core.v1.js';
import type { Event } from '../../../openapi/types/events.v1.js';
import type { Draft, KubeObject, Mutable } from '../../apimachinery/object.js';

/** Copies what is there: `[field there, value]`. */
function present(fields: readonly (readonly [string, unknown])[]): Mutable {
  const object: Mutable = {};
  for (const [name, value] of fields) if (value !== undefined && value !== '') object[name] = value;
  return object;
}

/** The events.k8s.io view of a stored core event. */
export function fromStored(stored: KubeObject): KubeObject {
  const event = stored as Draft<CoreEvent>;
  return {
    kind: 'Event',
    apiVersion: 'events.k8s.io/v1',
    metadata: stored.metadata,
    eventTime: event.eventTime ?? null,
    ...present([
      ['series', event.series],
      ['reportingController', event.reportingComponent],
      ['reportingInstance', event.reportingInstance],
      ['action', event.action],
      ['reason', event.reason],
    ]),
    regarding: event.involvedObject ?? {},
    ...present([
      ['related', event.related],
      ['note', event.message],
      ['type', event.type],
    ]),
    deprecatedSource: event.source ?? {},
    deprecatedFirstTimestamp: event.firstTimestamp ?? null,
    deprecatedLastTimestamp: event.lastTimestamp ?? null,
    ...present([['deprecatedCount', event.count]]),
  } as KubeObject;
}

/** The core event to store for an events.k8s.io one. */
export function toStored(object: Mutable): Mutable {
  const event = object as Draft<Event>;
  return {
    kind: 'Event',
    apiVersion: 'v1',
    metadata: object.metadata,
    involvedObject: event.regarding ?? {},
    ...present([
      ['reason', event.reason],
      ['message', event.note],
    ]),
    source: event.deprecatedSource ?? {},
    firstTimestamp: event.deprecatedFirstTimestamp ?? null,
    lastTimestamp: event.deprecatedLastTimestamp ?? null,
    ...present([
      ['count', event.deprecatedCount],
      ['type', event.type],
    ]),
    eventTime: event.eventTime ?? null,
    ...present([
      ['series', event.series],
      ['action', event.action],
      ['related', event.related],
    ]),
    reportingComponent: event.reportingController ?? '',
    reportingInstance: event.reportingInstance ?? '',
  };
}
