// Which event becomes a new one, which raises the count of an earlier one, and which is dropped.
// The limits are those of real components: https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/
import type { Event } from '../../../openapi/types/core.v1.js';
import type { Clock } from '../../clock/clock.js';
import { createBoundedMap } from './bounded-map.js';

/** More distinct messages than this of one object, type and reason within the interval are combined. */
const similarMessages = 10;
const similarInterval = 10 * 60_000;
/** Events of one component about one object: so many at once, then one in five minutes. */
const burst = 25;
const refill = 5 * 60_000;
const remembered = 4096;

/** What was decided for one event. `key` is the same for all events that raise one count. */
export interface Correlated {
  readonly key: string;
  readonly message: string;
}

export interface Correlator {
  /** Undefined: dropped, there were too many about this object. */
  correlate(event: Event): Correlated | undefined;
}

export function createCorrelator(clock: Clock): Correlator {
  const groups = createBoundedMap<string, { messages: Set<string>; last: number }>(remembered);
  const buckets = createBoundedMap<string, { tokens: number; last: number }>(remembered);

  const allowed = (about: string): boolean => {
    const now = clock.now();
    const bucket = buckets.get(about) ?? { tokens: burst, last: now };
    const tokens = Math.min(burst, bucket.tokens + (now - bucket.last) / refill);
    const allow = tokens >= 1;
    buckets.set(about, { tokens: allow ? tokens - 1 : tokens, last: now });
    return allow;
  };

  return {
    correlate(event) {
      const { involvedObject: object, source, type = '', reason = '', message = '' } = event;
      const about = JSON.stringify([
        source.component,
        source.host,
        object.apiVersion,
        object.kind,
        object.namespace,
        object.name,
        object.uid,
        object.fieldPath,
      ]);
      const group = JSON.stringify([about, type, reason]);
      const now = clock.now();
      const known = groups.get(group);
      const messages = known && now - known.last <= similarInterval ? known.messages : new Set<string>();
      const combined = messages.size >= similarMessages && !messages.has(message);
      if (!combined) messages.add(message);
      groups.set(group, { messages, last: now });
      if (!allowed(about)) return undefined;
      return combined
        ? { key: group, message: `(combined from similar events): ${message}` }
        : { key: JSON.stringify([group, message]), message };
    },
  };
}
