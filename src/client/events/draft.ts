// The Event that is first written for something that happened.
import type { Event, ObjectReference } from '../../../openapi/types/core.v1.js';
import type { KubeObject } from '../../apimachinery/object.js';
import { formatMicroTime, formatTime, type Clock } from '../../clock/clock.js';
import type { Random } from '../../clock/random.js';

/** The longest message of an event in the series style. */
const noteLimit = 1024;

/** A reference to an object; a reference is returned as it is. */
export function referenceTo(object: KubeObject | ObjectReference): ObjectReference {
  if (!('metadata' in object)) return object;
  const { namespace, name, uid, resourceVersion } = object.metadata;
  return {
    kind: object.kind,
    apiVersion: object.apiVersion,
    name,
    uid,
    resourceVersion,
    ...(namespace === undefined ? {} : { namespace }),
  };
}

/**
 * Names events `<object>.<hex>`: the time in nanoseconds, made unique by chance below the millisecond. Later names are greater, so that
 * events of one moment are listed in the order in which they happened.
 */
export function eventNames(clock: Clock, random: Random): (object: string) => string {
  let last = 0n;
  return (object) => {
    // Room is left above for more events of the same millisecond.
    const chance = BigInt(Math.floor(random.next() * 10_000) + 1);
    const now = BigInt(clock.now()) * 1_000_000n;
    last = (now > last ? now : last) + chance;
    return `${object}.${last.toString(16)}`;
  };
}

export interface EventFacts {
  readonly style: 'count' | 'series';
  readonly component: string;
  readonly host: string | undefined;
  readonly instance: string;
  readonly reference: ObjectReference;
  readonly name: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly type: string;
  readonly reason: string;
  readonly message: string;
  readonly action: string | undefined;
}

/** The Event without what the server sets. Its metadata has a name and a namespace only. */
export function draftEvent({ style, component, host, instance, reference, name, now, type, reason, message, action }: EventFacts): Event {
  const metadata = { name, namespace: reference.namespace ?? 'default' } as Event['metadata'];
  const common = { apiVersion: 'v1', kind: 'Event', metadata, involvedObject: reference, type, reason, reportingComponent: component };
  if (style === 'series') {
    const note = message.slice(0, noteLimit);
    return { ...common, message: note, eventTime: formatMicroTime(now), action: action ?? reason, reportingInstance: instance, source: {} };
  }
  const times = { firstTimestamp: formatTime(now), lastTimestamp: formatTime(now), count: 1 };
  return { ...common, message, ...times, reportingInstance: host ?? '', source: { component, ...(host === undefined ? {} : { host }) } };
}
