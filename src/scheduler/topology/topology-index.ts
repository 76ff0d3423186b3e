// Which pods are where, counted as affinity and spreading ask for it. The counts follow the events of pods and nodes, so that a pod is
// scheduled without a look at all the others.
import type { NodeInfo, PodInfo } from '../framework.js';
import type { NamespaceLabels, PodSelector } from './pod-selector.js';
import type { PodTerm } from './pod-terms.js';
import { SelectorDirectory } from './selector-directory.js';
import { Tally } from './tally.js';

/** So many selectors are counted at most; the one that was not asked for longest is given up. */
const mostGroups = 4096;

interface Group {
  readonly selector: PodSelector;
  /** Pods that are being deleted are not counted. */
  readonly live: boolean;
  readonly tally: Tally;
}

/** Pods that have the same term, by where they are. */
export interface TermEntry {
  readonly term: PodTerm;
  readonly selector: PodSelector;
  readonly tally: Tally;
}

export interface TopologyIndex {
  /** Where the pods are that a selector chooses; `live`: without those that are being deleted. */
  count(selector: PodSelector, live: boolean): Tally;
  /** The required terms of anti-affinity of pods on nodes that are about this pod. */
  refusals(pod: PodInfo): readonly TermEntry[];
  /** The other terms of pods on nodes that are about this pod: preferred ones and required affinity. */
  wishes(pod: PodInfo): readonly TermEntry[];
  readonly namespaceLabels: NamespaceLabels;
}

export interface MutableTopologyIndex extends TopologyIndex {
  add(pod: PodInfo, node: NodeInfo): void;
  remove(pod: PodInfo, node: NodeInfo): void;
  relabel(node: NodeInfo, before: Readonly<Record<string, string>>): void;
  /** The labels of a namespace have changed. */
  namespaceChanged(): void;
}

function isLeaving({ pod }: PodInfo): boolean {
  return pod.metadata.deletionTimestamp !== undefined;
}

export function createTopologyIndex(namespaceLabels: NamespaceLabels): MutableTopologyIndex {
  const placed = new Map<string, Map<string, { readonly pod: PodInfo; readonly node: NodeInfo }>>();
  const groups = new Map<string, Group>();
  const groupsByLabel = new SelectorDirectory<Group>(namespaceLabels);
  const terms = new Map<string, TermEntry>();
  const refusing = new SelectorDirectory<TermEntry>(namespaceLabels);
  const wishing = new SelectorDirectory<TermEntry>(namespaceLabels);

  const forget = (id: string, group: Group): void => {
    groups.delete(id);
    groupsByLabel.remove(group);
  };
  const countAll = ({ selector, live, tally }: Group): void => {
    const namespaces = selector.namespaceSelector === undefined ? selector.namespaces : [...placed.keys()];
    for (const namespace of namespaces) {
      for (const { pod, node } of placed.get(namespace)?.values() ?? []) {
        if (live && isLeaving(pod)) continue;
        if (selector.matches(namespace, pod.pod.metadata.labels, namespaceLabels)) tally.add(node, 1);
      }
    }
  };
  const countTerms = (pod: PodInfo, node: NodeInfo, by: 1 | -1): void => {
    for (const term of pod.terms?.all ?? []) {
      const directory = term.kind === 'requiredAntiAffinity' ? refusing : wishing;
      let entry = terms.get(term.id);
      if (entry === undefined) {
        entry = { term, selector: term.selector, tally: new Tally() };
        terms.set(term.id, entry);
        directory.add(entry);
      }
      entry.tally.add(node, by);
      if (entry.tally.total === 0) {
        terms.delete(term.id);
        directory.remove(entry);
      }
    }
  };
  const change = (pod: PodInfo, node: NodeInfo, by: 1 | -1): void => {
    if (groups.size > 0) {
      const leaving = isLeaving(pod);
      groupsByLabel.choosing(pod, ({ live, tally }) => {
        if (!live || !leaving) tally.add(node, by);
      });
    }
    if (pod.terms !== undefined) countTerms(pod, node, by);
  };
  const choosing = (directory: SelectorDirectory<TermEntry>, pod: PodInfo): readonly TermEntry[] => {
    const found: TermEntry[] = [];
    directory.choosing(pod, (entry) => void found.push(entry));
    return found;
  };

  return {
    namespaceLabels,
    count(selector, live) {
      const id = `${live} ${selector.id}`;
      let group = groups.get(id);
      if (group === undefined) {
        group = { selector, live, tally: new Tally() };
        countAll(group);
        groupsByLabel.add(group);
        const oldest = groups.size >= mostGroups ? groups.entries().next().value : undefined;
        if (oldest !== undefined) forget(...oldest);
      } else groups.delete(id);
      groups.set(id, group);
      return group.tally;
    },
    refusals: (pod) => choosing(refusing, pod),
    wishes: (pod) => choosing(wishing, pod),
    add(pod, node) {
      const { namespace = '' } = pod.pod.metadata;
      const there = placed.get(namespace);
      if (there) there.set(pod.key, { pod, node });
      else placed.set(namespace, new Map([[pod.key, { pod, node }]]));
      change(pod, node, 1);
    },
    remove(pod, node) {
      const { namespace = '' } = pod.pod.metadata;
      const there = placed.get(namespace);
      if (there?.delete(pod.key) && there.size === 0) placed.delete(namespace);
      change(pod, node, -1);
    },
    relabel(node, before) {
      for (const { tally } of groups.values()) tally.relabel(node, before);
      for (const { tally } of terms.values()) tally.relabel(node, before);
    },
    namespaceChanged() {
      for (const [id, group] of groups) if (group.selector.namespaceSelector !== undefined) forget(id, group);
    },
  };
}
