// Finds the entries whose selector could choose a pod by the pod's labels, without a look at all entries.
import type { PodInfo } from '../framework.js';
import { labelText, type NamespaceLabels, type PodSelector } from './pod-selector.js';

export interface Selecting {
  readonly selector: PodSelector;
}

export class SelectorDirectory<T extends Selecting> {
  readonly #byLabel = new Map<string, Set<T>>();
  /** Those whose selectors name no label with its values. */
  readonly #others = new Set<T>();

  constructor(private readonly namespaceLabels: NamespaceLabels) {}

  add(entry: T): void {
    const { anyOf } = entry.selector;
    if (anyOf === undefined) this.#others.add(entry);
    for (const text of anyOf ?? []) {
      const known = this.#byLabel.get(text);
      if (known) known.add(entry);
      else this.#byLabel.set(text, new Set([entry]));
    }
  }

  remove(entry: T): void {
    this.#others.delete(entry);
    for (const text of entry.selector.anyOf ?? []) {
      const known = this.#byLabel.get(text);
      known?.delete(entry);
      if (known?.size === 0) this.#byLabel.delete(text);
    }
  }

  /** Calls `found` with every entry that chooses the pod. */
  choosing({ pod }: PodInfo, found: (entry: T) => void): void {
    const { namespace = '', labels } = pod.metadata;
    const look = (entries: ReadonlySet<T>): void => {
      for (const entry of entries) if (entry.selector.matches(namespace, labels, this.namespaceLabels)) found(entry);
    };
    if (this.#others.size > 0) look(this.#others);
    if (this.#byLabel.size === 0) return;
    for (const key in labels) {
      const entries = this.#byLabel.get(labelText(key, labels[key]!));
      if (entries) look(entries);
    }
  }
}
