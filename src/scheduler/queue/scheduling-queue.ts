// The pods that wait for a node, in three parts: active ones are tried next, those in back-off a little later, and unschedulable
// ones when something happens that could help.
// https://kubernetes.io/docs/concepts/scheduling-eviction/scheduling-framework/#queue-sort
import type { Clock, Timer } from '../../clock/clock.js';
import type { PodInfo } from '../framework.js';
import { createHeap } from './heap.js';

/** A pod's first back-off and the longest, in milliseconds; it doubles with every try. */
const firstBackoff = 1000;
const longestBackoff = 10_000;
/** Nothing stays unschedulable longer than this without another try. */
const longestWait = 5 * 60_000;
const lookForLongest = 30_000;

/** A pod in the queue or being tried. */
export interface QueuedPod {
  readonly info: PodInfo;
  /** How often it was tried. */
  readonly attempts: number;
}

interface Entry {
  info: PodInfo;
  attempts: number;
  order: number;
  /** When it was last found unschedulable. */
  since: number;
  /** `trying`: handed out by `next`. */
  part: 'active' | 'backoff' | 'unschedulable' | 'gated' | 'trying';
  timer: Timer | undefined;
}

export interface SchedulingQueue {
  /** Adds a pod, or takes in a new version of one; `changed`: in something that may let it be scheduled now. A gated one waits until it is updated. */
  set(info: PodInfo, changed: boolean, gated: boolean): void;
  /** Takes a pod out for good. */
  remove(key: string): void;
  /** The pod to try next: the highest priority, then the one that waits longest. It stays known until `retry` or `remove`. */
  next(): QueuedPod | undefined;
  /** A pod that was tried in vain waits for an event (`unschedulable`), or only its back-off (`error`). */
  retry(key: string, why: 'unschedulable' | 'error'): void;
  /** Lets unschedulable pods be tried again for which `helps` is true. */
  wake(helps: (pod: PodInfo) => boolean): void;
  /** Pods in each part. */
  readonly counts: { readonly active: number; readonly backoff: number; readonly unschedulable: number; readonly gated: number };
  /** Called whenever a pod becomes active. */
  onActive(run: () => void): void;
  stop(): void;
}

export function createSchedulingQueue(clock: Clock): SchedulingQueue {
  const entries = new Map<string, Entry>();
  const unschedulable = new Map<string, Entry>();
  const active = createHeap<{ entry: Entry; order: number }>((one, other) =>
    one.entry.info.priority === other.entry.info.priority ? one.order < other.order : one.entry.info.priority > other.entry.info.priority,
  );
  const counts = { active: 0, backoff: 0, unschedulable: 0, gated: 0 };
  let order = 0;
  let notify = (): void => {};
  let stopped = false;

  const place = (entry: Entry, part: Entry['part']): void => {
    entry.timer?.cancel();
    entry.timer = undefined;
    if (entry.part !== 'trying') counts[entry.part]--;
    if (entry.part === 'unschedulable') unschedulable.delete(entry.info.key);
    entry.part = part;
    if (part !== 'trying') counts[part]++;
    if (part === 'unschedulable') unschedulable.set(entry.info.key, entry);
  };
  const activate = (entry: Entry): void => {
    place(entry, 'active');
    entry.order = ++order;
    active.push({ entry, order });
    notify();
  };
  const backoff = (entry: Entry): void => {
    const whole = Math.min(firstBackoff * 2 ** Math.max(entry.attempts - 1, 0), longestBackoff);
    const left = entry.since + whole - clock.now();
    if (left <= 0) return activate(entry);
    place(entry, 'backoff');
    entry.timer = clock.after(left, () => activate(entry));
  };
  const sweep = clock.every(lookForLongest, () => {
    for (const entry of [...unschedulable.values()]) if (clock.now() - entry.since >= longestWait) backoff(entry);
  });

  return {
    counts,
    set(info, changed, gated) {
      if (stopped) return;
      const known = entries.get(info.key);
      if (!known) {
        const entry: Entry = { info, attempts: 0, order: 0, since: 0, part: 'trying', timer: undefined };
        entries.set(info.key, entry);
        return gated ? place(entry, 'gated') : activate(entry);
      }
      const repriced = known.info.priority !== info.priority;
      known.info = info;
      if (known.part === 'gated') {
        if (!gated) activate(known);
      } else if (known.part === 'unschedulable' && changed) backoff(known);
      else if (known.part === 'active' && repriced) activate(known);
    },
    remove(key) {
      const entry = entries.get(key);
      if (!entry) return;
      place(entry, 'trying');
      entries.delete(key);
    },
    next() {
      for (let item = active.pop(); item !== undefined; item = active.pop()) {
        const { entry } = item;
        // Left over from an entry that was moved or removed meanwhile.
        if (entry.part !== 'active' || entry.order !== item.order) continue;
        place(entry, 'trying');
        entry.attempts++;
        return { info: entry.info, attempts: entry.attempts };
      }
      return undefined;
    },
    retry(key, why) {
      const entry = entries.get(key);
      if (!entry || entry.part !== 'trying' || stopped) return;
      entry.since = clock.now();
      if (why === 'unschedulable') place(entry, 'unschedulable');
      else backoff(entry);
    },
    wake(helps) {
      for (const entry of [...unschedulable.values()]) if (helps(entry.info)) backoff(entry);
    },
    onActive(run) {
      notify = run;
    },
    stop() {
      stopped = true;
      sweep.cancel();
      for (const entry of entries.values()) entry.timer?.cancel();
      entries.clear();
      unschedulable.clear();
    },
  };
}
