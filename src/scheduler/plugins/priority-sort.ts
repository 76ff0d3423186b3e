// PrioritySort: the pod of the highest priority is tried first, among equals the one that waits longest.
import type { Plugin } from '../framework.js';

export function prioritySort(): Plugin {
  return {
    name: 'PrioritySort',
    before: (one, other) => (one.pod.priority === other.pod.priority ? one.since < other.since : one.pod.priority > other.pod.priority),
  };
}
