// Records what happened to objects as Events, for `kubectl describe` and `kubectl get events`.
// https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/
import type { Event, ObjectReference } from '../../../openapi/types/core.v1.js';
import { ApiError, isReason } from '../../apimachinery/errors/api-error.js';
import type { Draft, KubeObject } from '../../apimachinery/object.js';
import { formatMicroTime, formatTime, sleep, type Clock } from '../../clock/clock.js';
import type { Random } from '../../clock/random.js';
import type { Client } from '../client.js';
import { errorText, silentLogger, type Logger } from '../logger.js';
import { EVENTS } from '../resources.js';
import { createBoundedMap } from './bounded-map.js';
import { createCorrelator } from './correlator.js';
import { draftEvent, eventNames, referenceTo } from './draft.js';

export type EventType = 'Normal' | 'Warning';

export interface EventRecorderOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger?: Logger;
  /** `source.component` and `reportingComponent`: `default-scheduler`, `kubelet`. */
  readonly component: string;
  /** `source.host` and `reportingInstance`: the kubelet's node; absent for controllers. */
  readonly host?: string;
  /**
   * How events look: `count` (absent) with first and last time, as controllers and kubelets write them; `series` with `eventTime`,
   * `action` and `reportingInstance`, as the scheduler does.
   */
  readonly style?: 'count' | 'series';
  /** `reportingInstance` of the series style. */
  readonly instance?: string;
}

export interface EventRecorder {
  /**
   * Records an event. Returns at once and never throws: the event is written later, repeated ones raise the count of the first,
   * and too many of one object are dropped.
   * @param object the object, or a reference to a part of it (`fieldPath`)
   * @param reason short, in CamelCase: `Scheduled`
   * @param action what was done or tried (series style only): `Binding`
   */
  event(object: KubeObject | ObjectReference, type: EventType, reason: string, message: string, action?: string): void;
  /** Resolves when everything recorded so far has been written or given up. */
  flush(): Promise<void>;
  /** Records nothing more; resolves when what is being written has ended. */
  stop(): Promise<void>;
}

/** Events that wait to be written; more are dropped. */
const waitingLimit = 10_000;
const writers = 4;
const tries = 12;
const pause = 10_000;
const seriesPause = 6 * 60_000;
const seriesRefresh = 30 * 60_000;

/** One Event in the API, and how often it is to have happened. */
interface Tracked {
  /** As it is to be written first; then as the API has it, of which the client keeps a copy anyway. */
  event: Draft<Event>;
  count: number;
  last: number;
  /** When it was written last, in milliseconds since the epoch. */
  writtenAt: number | undefined;
  busy: boolean;
  /** There is news since the last write began. */
  dirty: boolean;
}

/** Makes a recorder for one component. */
export function createEventRecorder(options: EventRecorderOptions): EventRecorder {
  const { client, clock, random, logger = silentLogger, component, host, style = 'count' } = options;
  const source = { style, component, host, instance: options.instance ?? component };
  const correlator = createCorrelator<Tracked>(clock);
  /** Of the series style. */
  const known = createBoundedMap<string, Tracked>(4096);
  const waiting = new Set<Tracked>();
  const ending = new AbortController();
  const flushes: (() => void)[] = [];
  let running = 0;

  const nextName = eventNames(clock, random);
  const nameFor = (reference: Draft<ObjectReference> | undefined): string => nextName(reference?.name ?? '');
  const changeOf = (tracked: Tracked): unknown =>
    style === 'series'
      ? { series: { count: tracked.count, lastObservedTime: formatMicroTime(tracked.last) } }
      : { count: tracked.count, lastTimestamp: formatTime(tracked.last), message: tracked.event.message };

  const create = async (tracked: Tracked): Promise<void> => {
    const counts = style === 'series' ? (tracked.count > 1 ? changeOf(tracked) : {}) : changeOf(tracked);
    const written = tracked.event;
    const created = await client.create(EVENTS, { ...written, ...(counts as Draft<Event>) });
    // It may have happened again meanwhile, with another message.
    tracked.event = tracked.event === written ? created : { ...created, message: tracked.event.message };
    tracked.writtenAt = clock.now();
  };
  const write = async (tracked: Tracked): Promise<void> => {
    if (tracked.writtenAt === undefined) return create(tracked);
    const { name = '', namespace = 'default' } = tracked.event.metadata ?? {};
    try {
      await client.patch(EVENTS, { name, namespace }, 'strategic', changeOf(tracked));
      tracked.writtenAt = clock.now();
    } catch (error) {
      if (!isReason(error, 'NotFound')) throw error;
      // It has expired on the server: the count goes on in a new one.
      tracked.event = { ...tracked.event, metadata: { name: nameFor(tracked.event.involvedObject), namespace } };
      await create(tracked);
    }
  };
  const persist = async (tracked: Tracked): Promise<void> => {
    for (let attempt = 1; attempt <= tries && !ending.signal.aborted; attempt++) {
      try {
        return await write(tracked);
      } catch (error) {
        const final = error instanceof ApiError && error.code < 500 && error.code !== 429;
        if (final || attempt === tries)
          return logger.debug('an event was not written', { reason: tracked.event.reason, error: errorText(error) });
        await sleep(clock, attempt === 1 ? pause * random.next() : pause, ending.signal);
      }
    }
  };
  const work = async (): Promise<void> => {
    running++;
    // Never within the caller's own turn.
    await Promise.resolve();
    for (const tracked of waiting) {
      if (ending.signal.aborted) break;
      waiting.delete(tracked);
      if (tracked.busy) continue;
      tracked.busy = true;
      while (tracked.dirty && !ending.signal.aborted) {
        tracked.dirty = false;
        await persist(tracked);
      }
      tracked.busy = false;
    }
    running--;
    if (running === 0) for (const resolve of flushes.splice(0)) resolve();
  };
  const queue = (tracked: Tracked): void => {
    tracked.dirty = true;
    if (tracked.busy) return;
    if (waiting.size >= waitingLimit)
      return logger.warn('too many events wait to be written: one was dropped', { reason: tracked.event.reason });
    waiting.add(tracked);
    if (running < writers) void work();
  };
  const recordCount = (event: Event): void => {
    const correlated = correlator.correlate(event);
    if (!correlated) return;
    const now = clock.now();
    const tracked = correlated.known;
    if (tracked) {
      tracked.count++;
      tracked.last = now;
      tracked.event = { ...tracked.event, message: correlated.message };
      queue(tracked);
    } else {
      const fresh: Tracked = {
        event: correlated.message === event.message ? event : { ...event, message: correlated.message },
        count: 1,
        last: now,
        writtenAt: undefined,
        busy: false,
        dirty: false,
      };
      correlated.keep(fresh);
      queue(fresh);
    }
  };
  const recordSeries = (event: Event): void => {
    const { involvedObject, type, reason, action } = event;
    const key = JSON.stringify([involvedObject, type, reason, action]);
    const now = clock.now();
    const tracked = known.get(key);
    if (tracked && now - tracked.last < seriesPause) {
      tracked.count++;
      tracked.last = now;
      // The first repetition makes it a series; further ones are written now and then.
      if (tracked.count === 2 || (tracked.writtenAt !== undefined && now - tracked.writtenAt >= seriesRefresh)) queue(tracked);
    } else {
      const fresh: Tracked = { event, count: 1, last: now, writtenAt: undefined, busy: false, dirty: false };
      known.set(key, fresh);
      queue(fresh);
    }
  };

  return {
    event(object, type, reason, message, action) {
      if (ending.signal.aborted) return;
      try {
        const reference = referenceTo(object);
        const event = draftEvent({ ...source, reference, name: nameFor(reference), now: clock.now(), type, reason, message, action });
        if (style === 'series') recordSeries(event);
        else recordCount(event);
      } catch (error) {
        logger.error('an event could not be recorded', { reason, error: errorText(error) });
      }
    },
    flush() {
      if (running === 0) return Promise.resolve();
      return new Promise((resolve) => flushes.push(resolve));
    },
    async stop() {
      ending.abort();
      waiting.clear();
      if (running > 0) await new Promise<void>((resolve) => flushes.push(resolve));
    },
  };
}
