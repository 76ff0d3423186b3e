// The conditions of a namespace that is being deleted.
import type { NamespaceCondition } from '../../../openapi/types/core.v1.js';
import { formatTime } from '../../clock/clock.js';
import { compareText } from '../shared/sort.js';
import type { ContentLeft } from './content.js';

type Told = readonly [type: string, failed: boolean, goodReason: string, goodMessage: string, badReason: string, badMessage: string];

/** The five conditions for what is left; one that says what it said keeps its time. */
export function deletionConditions(known: readonly NamespaceCondition[], left: ContentLeft, now: number): NamespaceCondition[] {
  const { remaining, finalizers, discoveryFailure, failures } = left;
  const told: readonly Told[] = [
    [
      'NamespaceDeletionDiscoveryFailure',
      discoveryFailure !== undefined,
      'ResourcesDiscovered',
      'All resources successfully discovered',
      'DiscoveryFailed',
      `Discovery failed for some groups, 1 failing: ${discoveryFailure ?? ''}`,
    ],
    [
      'NamespaceDeletionGroupVersionParsingFailure',
      false,
      'ParsedGroupVersions',
      'All legacy kube types successfully parsed',
      'GroupVersionParsingFailed',
      '',
    ],
    [
      'NamespaceDeletionContentFailure',
      failures.length > 0,
      'ContentDeleted',
      'All content successfully deleted, may be waiting on finalization',
      'ContentDeletionFailed',
      `Failed to delete all resource types, ${failures.length} remaining: ${[...failures].sort(compareText).join(', ')}`,
    ],
    [
      'NamespaceContentRemaining',
      remaining.size > 0,
      'ContentRemoved',
      'All content successfully removed',
      'SomeResourcesRemain',
      `Some resources are remaining: ${list(remaining, ' has ')}`,
    ],
    [
      'NamespaceFinalizersRemaining',
      finalizers.size > 0,
      'ContentHasNoFinalizers',
      'All content-preserving finalizers finished',
      'SomeFinalizersRemain',
      `Some content in the namespace has finalizers remaining: ${list(finalizers, ' in ')}`,
    ],
  ];
  const time = formatTime(now);
  const made = told.map(([type, failed, goodReason, goodMessage, badReason, badMessage]): NamespaceCondition => {
    const status = failed ? 'True' : 'False';
    const reason = failed ? badReason : goodReason;
    const message = failed ? badMessage : goodMessage;
    const old = known.find((condition) => condition.type === type);
    if (old?.status === status && old.reason === reason && old.message === message) return old;
    return { type, status, lastTransitionTime: time, reason, message };
  });
  return [...known.filter(({ type }) => !told.some(([own]) => own === type)), ...made];
}

/** `configmaps. has 2 resource instances, secrets. has 1 resource instances`. */
function list(counts: ReadonlyMap<string, number>, verb: string): string {
  const sorted = [...counts].sort(([a], [b]) => compareText(a, b));
  return sorted.map(([what, count]) => `${what}${verb}${count} resource instances`).join(', ');
}
