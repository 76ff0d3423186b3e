// Autoscalers that would scale the same pods.
import type { Pod } from '../../../openapi/types/core.v1.js';
import { parseLabelSelector, type LabelSelectorMatcher } from '../../apimachinery/selectors/labels.js';

export interface Overlaps {
  /** The selector of an autoscaler as it was last seen; throws SelectorError for a text that is none. */
  remember(namespace: string, name: string, selector: string): LabelSelectorMatcher;
  forget(namespace: string, name: string): void;
  /** The keys of all autoscalers that select one of these pods, when there is another one than this; empty otherwise. */
  of(namespace: string, name: string, pods: readonly Pod[]): readonly string[];
}

export function createOverlaps(): Overlaps {
  const namespaces = new Map<string, Map<string, LabelSelectorMatcher>>();
  return {
    remember(namespace, name, selector) {
      const parsed = parseLabelSelector(selector);
      const known = namespaces.get(namespace);
      if (known === undefined) namespaces.set(namespace, new Map([[name, parsed]]));
      else known.set(name, parsed);
      return parsed;
    },
    forget(namespace, name) {
      const known = namespaces.get(namespace);
      known?.delete(name);
      if (known?.size === 0) namespaces.delete(namespace);
    },
    of(namespace, name, pods) {
      const known = namespaces.get(namespace);
      if (known === undefined || known.size < 2) return [];
      const others = [...known].filter(
        ([other, selector]) => other !== name && pods.some(({ metadata }) => selector.matches(metadata.labels)),
      );
      return others.length === 0 ? [] : [name, ...others.map(([other]) => other)].sort().map((one) => `${namespace}/${one}`);
    },
  };
}
