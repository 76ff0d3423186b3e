// The pods that wait for a node, in parts: active ones are tried next, those in back-off a little later, unschedulable ones when something
// happens that the plugins which rejected them say could help, and gated ones when they may enter at all.
// https://kubernetes.io/docs/concepts/scheduling-eviction/scheduling-framework/#queue-sort
import type { Clock, Timer } from '../../clock/clock.js';
import type { ClusterEvent, EventResource, HintPlugin, PodInfo, QueueSortPlugin } from '../framework.js';
import { createHeap, type Heap } from './heap.js';

/** Nothing stays unschedulable longer than this without another try. */
const longestWait = 5 * 60_000;
const lookForLongest = 30_000;

/** The plugins that rejected a pod, by what they listen to. */
export type Rejectors = readonly HintPlugin[];

interface Entry {
  info: PodInfo;
  attempts: number;
  order: number;
  /** When it was last found unschedulable. */
  since: number;
  rejectors: Rejectors;
  /** `trying`: handed out by `next`. */
  part: Part | 'trying';
  timer: Timer | undefined;
}

type Part = 'active' | 'backoff' | 'unschedulable' | 'gated';

export interface SchedulingQueue {
  /** Adds a pod, or takes in a new version of one; `changed`: in something that may let it be scheduled now. A gated one waits until it is updated. */
  set(info: PodInfo, changed: boolean, gated: boolean): void;
  /** Takes a pod out for good. */
  remove(key: string): void;
  has(key: string): boolean;
  /** The pod to try next, by the queueSort plugin; without any, one whose back-off ends soonest. It stays known until `retry` or `remove`. */
  next(): PodInfo | undefined;
  /** A pod that was tried in vain waits for an event that helps one of those that rejected it. Without any it waits for its longest time alone. */
  wait(key: string, rejectors: Rejectors): void;
  /** A pod whose try failed for another reason waits for its back-off alone. */
  retry(key: string): void;
  /** Lets unschedulable pods be tried again which the event could help. */
  wake(event: ClusterEvent): void;
  /** Lets an unschedulable pod be tried again in any case. */
  reconsider(key: string): void;
  /** Looks again whether gated pods may enter. */
  ungate(isGated: (pod: PodInfo) => boolean): void;
  /** How many events there were: whoever tries a pod for long sees whether one came meanwhile. */
  readonly events: number;
  /** Pods in each part. */
  readonly counts: Readonly<Record<Part, number>>;
  /** Called whenever a pod becomes active. */
  onActive(run: () => void): void;
  stop(): void;
}

export interface SchedulingQueueOptions {
  readonly clock: Clock;
  readonly sort: QueueSortPlugin;
  /** A pod's first back-off and the longest, in milliseconds; it doubles with every try. */
  readonly initialBackoff: number;
  readonly maxBackoff: number;
}

export function createSchedulingQueue({ clock, sort, initialBackoff, maxBackoff }: SchedulingQueueOptions): SchedulingQueue {
  const entries = new Map<string, Entry>();
  const unschedulable = new Set<Entry>();
  const gatedPods = new Set<Entry>();
  /** The unschedulable pods with a rejector that listens. */
  const listening = new Map<EventResource, Set<Entry>>();
  const active = createHeap<{ entry: Entry; order: number }>((one, other) =>
    sort.before({ pod: one.entry.info, since: one.order }, { pod: other.entry.info, since: other.order }),
  );
  /** In back-off, but not for an error: when nothing else is to do, they are tried early. */
  const early = createHeap<{ entry: Entry; order: number; due: number }>((one, other) => one.due < other.due);
  const counts = { active: 0, backoff: 0, unschedulable: 0, gated: 0 };
  let order = 0;
  let events = 0;
  let notify = (): void => {};
  let stopped = false;

  const listen = (entry: Entry, on: boolean): void => {
    for (const { listens } of entry.rejectors) {
      for (const resource of listens) {
        if (!on) listening.get(resource)?.delete(entry);
        else if (listening.get(resource)?.add(entry) === undefined) listening.set(resource, new Set([entry]));
      }
    }
  };
  const place = (entry: Entry, part: Entry['part']): void => {
    entry.timer?.cancel();
    entry.timer = undefined;
    if (entry.part !== 'trying') counts[entry.part]--;
    if (entry.part === 'gated') gatedPods.delete(entry);
    if (entry.part === 'unschedulable') {
      unschedulable.delete(entry);
      listen(entry, false);
    }
    entry.part = part;
    if (part !== 'trying') counts[part]++;
    if (part === 'gated') gatedPods.add(entry);
    if (part === 'unschedulable') {
      unschedulable.add(entry);
      listen(entry, true);
    }
  };
  const activate = (entry: Entry): void => {
    place(entry, 'active');
    entry.order = ++order;
    active.push({ entry, order });
    notify();
  };
  const backoff = (entry: Entry, mayBeEarly: boolean): void => {
    const whole = Math.min(initialBackoff * 2 ** Math.min(Math.max(entry.attempts - 1, 0), 30), maxBackoff);
    const left = entry.since + whole - clock.now();
    if (left <= 0) return activate(entry);
    place(entry, 'backoff');
    entry.timer = clock.after(left, () => activate(entry));
    if (!mayBeEarly) return;
    entry.order = ++order;
    early.push({ entry, order, due: entry.since + whole });
    notify();
  };
  /** The first of a heap that is still in this part; others are left over from entries that were moved or removed meanwhile. */
  const take = (heap: Heap<{ entry: Entry; order: number }>, part: Part): PodInfo | undefined => {
    for (let item = heap.pop(); item !== undefined; item = heap.pop()) {
      const { entry } = item;
      if (entry.part !== part || entry.order !== item.order) continue;
      place(entry, 'trying');
      entry.attempts++;
      return entry.info;
    }
    return undefined;
  };
  const sweep = clock.every(lookForLongest, () => {
    for (const entry of [...unschedulable]) if (clock.now() - entry.since >= longestWait) backoff(entry, true);
  });
  const tried = (key: string): Entry | undefined => {
    const entry = entries.get(key);
    if (!entry || entry.part !== 'trying' || stopped) return undefined;
    entry.since = clock.now();
    return entry;
  };

  return {
    counts,
    set(info, changed, gated) {
      if (stopped) return;
      const known = entries.get(info.key);
      if (!known) {
        const entry: Entry = { info, attempts: 0, order: 0, since: 0, rejectors: [], part: 'trying', timer: undefined };
        entries.set(info.key, entry);
        return gated ? place(entry, 'gated') : activate(entry);
      }
      const repriced = known.info.priority !== info.priority;
      known.info = info;
      if (known.part === 'gated') {
        if (!gated) activate(known);
      } else if (known.part === 'unschedulable' && changed) backoff(known, true);
      else if (known.part === 'active' && repriced) activate(known);
    },
    remove(key) {
      const entry = entries.get(key);
      if (!entry) return;
      place(entry, 'trying');
      entries.delete(key);
    },
    has: (key) => entries.has(key),
    next: () => take(active, 'active') ?? take(early, 'backoff'),
    wait(key, rejectors) {
      const entry = tried(key);
      if (!entry) return;
      entry.rejectors = rejectors;
      place(entry, 'unschedulable');
    },
    retry(key) {
      const entry = tried(key);
      if (entry) backoff(entry, false);
    },
    get events() {
      return events;
    },
    wake(event) {
      events++;
      const waiting = listening.get(event.resource);
      if (waiting === undefined || waiting.size === 0) return;
      for (const entry of [...waiting]) {
        if (entry.rejectors.some(({ listens, helps }) => listens.includes(event.resource) && helps(event, entry.info)))
          backoff(entry, true);
      }
    },
    reconsider(key) {
      const entry = entries.get(key);
      if (entry?.part === 'unschedulable') backoff(entry, true);
    },
    ungate(isGated) {
      for (const entry of [...gatedPods]) if (!isGated(entry.info)) activate(entry);
    },
    onActive(run) {
      notify = run;
    },
    stop() {
      stopped = true;
      sweep.cancel();
      for (const entry of entries.values()) entry.timer?.cancel();
      for (const all of [entries, unschedulable, gatedPods, listening]) all.clear();
    },
  };
}
