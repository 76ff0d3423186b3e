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
const rememberedObjects = 4096;
/** Of one object: types and reasons; and messages of one of these. */
const rememberedGroups = 64;
const rememberedMessages = 64;

/** What was said of one object with one type and reason. */
interface Group<T> {
  readonly type: string;
  readonly reason: string;
  messages: string[];
  last: number;
  /** What is kept for events with one message, in the order of first use; the key of combined ones is undefined. */
  readonly kept: { readonly message: string | undefined; value: T }[];
}

/** What one component said of one object. Few things are said of most: lists are searched faster than maps, and smaller. */
interface Subject<T> {
  tokens: number;
  last: number;
  readonly groups: Group<T>[];
}

/** What was decided for one event. `kept` is the same for all events that raise one count. */
export interface Correlated<T> {
  readonly message: string;
  /** What was kept for this event before. */
  readonly known: T | undefined;
  keep(value: T): void;
}

export interface Correlator<T> {
  /** Undefined: dropped, there were too many about this object. */
  correlate(event: Event): Correlated<T> | undefined;
}

export function createCorrelator<T>(clock: Clock): Correlator<T> {
  const subjects = createBoundedMap<string, Subject<T>>(rememberedObjects);

  const allowed = (subject: Subject<T>, now: number): boolean => {
    const tokens = Math.min(burst, subject.tokens + (now - subject.last) / refill);
    const allow = tokens >= 1;
    subject.tokens = allow ? tokens - 1 : tokens;
    subject.last = now;
    return allow;
  };
  const groupOf = ({ groups }: Subject<T>, type: string, reason: string, now: number): Group<T> => {
    let group = groups.find((one) => one.type === type && one.reason === reason);
    if (group === undefined) {
      if (groups.length === rememberedGroups) groups.shift();
      groups.push((group = { type, reason, messages: [], last: now, kept: [] }));
    }
    return group;
  };

  return {
    correlate(event) {
      const { type = '', reason = '', message = '' } = event;
      const now = clock.now();
      const about = textOf(event);
      let subject = subjects.get(about);
      if (subject === undefined) subjects.set(about, (subject = { tokens: burst, last: now, groups: [] }));
      const group = groupOf(subject, type, reason, now);
      if (now - group.last > similarInterval) group.messages = [];
      group.last = now;
      const combined = group.messages.length >= similarMessages && !group.messages.includes(message);
      if (!combined && !group.messages.includes(message)) group.messages.push(message);
      if (!allowed(subject, now)) return undefined;
      const key = combined ? undefined : message;
      const { kept } = group;
      return {
        message: combined ? `(combined from similar events): ${message}` : message,
        known: kept.find((one) => one.message === key)?.value,
        keep: (value) => {
          if (kept.length === rememberedMessages) kept.shift();
          kept.push({ message: key, value });
        },
      };
    },
  };
}

/** The same text for events of one component about one object, or one part of it. No part has a line's end in it. */
function textOf({ source, involvedObject: object }: Event): string {
  const part = `${object.name ?? ''}\n${object.uid ?? ''}\n${object.fieldPath ?? ''}`;
  return `${object.kind ?? ''}\n${object.namespace ?? ''}\n${part}\n${object.apiVersion ?? ''}\n${source.component ?? ''}\n${source.host ?? ''}`;
}
