// What a controller has asked for and not yet seen in its informer, so that it does not ask twice.
import type { Clock } from '../../clock/clock.js';

/**
 * Creations and deletions under way, by the key of the object whose controller waits. A controller sets them before it writes,
 * its handlers observe them, and it does not reconcile numbers until they are satisfied (or 5 minutes old).
 */
export interface Expectations {
  /** Expects this many creations of new objects. */
  expectCreations(key: string, count: number): void;
  /** Expects deletions of the objects with these uids. */
  expectDeletions(key: string, uids: readonly string[]): void;
  /** One creation was seen in the informer, or failed. */
  creationObserved(key: string): void;
  /** A deletion was seen (or a deletionTimestamp), or failed. Each uid counts once. */
  deletionObserved(key: string, uid: string): void;
  satisfied(key: string): boolean;
  /** Forgets the key: its object is gone. */
  delete(key: string): void;
}

/** Milliseconds after which expectations count as satisfied: what was expected has been missed. */
export const expectationsExpiry = 5 * 60_000;

interface Expected {
  creations: number;
  readonly deletions: Set<string>;
  readonly since: number;
}

/** Makes an empty set of expectations. */
export function createExpectations(clock: Clock): Expectations {
  const byKey = new Map<string, Expected>();
  const entry = (key: string): Expected => {
    const known = byKey.get(key);
    const fresh = { creations: known?.creations ?? 0, deletions: known?.deletions ?? new Set<string>(), since: clock.now() };
    byKey.set(key, fresh);
    return fresh;
  };
  const tidy = (key: string, expected: Expected): void => {
    if (expected.creations <= 0 && expected.deletions.size === 0) byKey.delete(key);
  };
  return {
    expectCreations(key, count) {
      if (count > 0) entry(key).creations += count;
    },
    expectDeletions(key, uids) {
      if (uids.length === 0) return;
      const { deletions } = entry(key);
      for (const uid of uids) deletions.add(uid);
    },
    creationObserved(key) {
      const expected = byKey.get(key);
      if (!expected) return;
      if (expected.creations > 0) expected.creations--;
      tidy(key, expected);
    },
    deletionObserved(key, uid) {
      const expected = byKey.get(key);
      if (expected?.deletions.delete(uid)) tidy(key, expected);
    },
    satisfied(key) {
      const expected = byKey.get(key);
      return expected === undefined || clock.now() - expected.since > expectationsExpiry;
    },
    delete: (key) => void byKey.delete(key),
  };
}
