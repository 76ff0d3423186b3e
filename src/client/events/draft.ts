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

const nanosecondsOfMillisecond = 1_000_000;
/** Five digits of sixteen. */
const lowDigits = 5;
const lowRange = 16 ** lowDigits;

/**
 * Names events `<object>.<hex>`: the time in nanoseconds, made unique by chance below the millisecond. Later names are greater, so that
 * events of one moment are listed in the order in which they happened.
 */
export function eventNames(clock: Clock, random: Random): (object: string) => string {
  let millisecond = 0;
  let nanosecond = 0;
  return (object) => {
    const now = clock.now();
    if (now > millisecond) {
      millisecond = now;
      nanosecond = 0;
    }
    // Room is left above for more events of the same millisecond.
    nanosecond += Math.floor(random.next() * 10_000) + 1;
    if (nanosecond >= nanosecondsOfMillisecond) {
      millisecond++;
      nanosecond -= nanosecondsOfMillisecond;
    }
    return `${object}.${nanosecondsText(millisecond, nanosecond)}`;
  };
}

/** The sum as a hexadecimal number. It is beyond what a number holds exactly, so its last digits are made apart. */
function nanosecondsText(millisecond: number, nanosecond: number): string {
  const low = (millisecond % lowRange) * nanosecondsOfMillisecond + nanosecond;
  const high = Math.floor(millisecond / lowRange) * nanosecondsOfMillisecond + Math.floor(low / lowRange);
  return high.toString(16) + (low % lowRange).toString(16).padStart(lowDigits, '0');
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
  if (style === 'series') {
    return {
      apiVersion: 'v1',
      kind: 'Event',
      metadata,
      involvedObject: reference,
      type,
      reason,
      reportingComponent: component,
      message: message.slice(0, noteLimit),
      eventTime: formatMicroTime(now),
      action: action ?? reason,
      reportingInstance: instance,
      source: {},
    };
  }
  const time = formatTime(now);
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata,
    involvedObject: reference,
    type,
    reason,
    reportingComponent: component,
    message,
    firstTimestamp: time,
    lastTimestamp: time,
    count: 1,
    reportingInstance: host ?? '',
    source: host === undefined ? { component } : { component, host },
  };
}
