// The nodes and what their pods hold, kept from informers' events, and the pods that were assigned a moment ago and are not yet seen so.
import type { Node } from '../../../openapi/types/core.v1.js';
import { deepEqual } from '../../apimachinery/equality.js';
import type { NodeInfo, NodeList, PodInfo } from '../framework.js';
import { labelOf } from '../topology/tally.js';
import type { MutableTopologyIndex } from '../topology/topology-index.js';
import { MutableNodeInfo } from './node-info.js';
import { arrangeByZone, zoneOf } from './node-order.js';
import type { ResourceReader } from './resources.js';

export interface NodeCache extends NodeList {
  /** Returns whether anything that scheduling looks at has changed. */
  setNode(node: Node): boolean;
  removeNode(name: string): void;
  /** Counts the pod on this node; if it was counted before (assumed, or an earlier version), that one is taken off. */
  setPod(pod: PodInfo, nodeName: string): void;
  /** Takes the pod off its node; returns what was counted, and where. */
  removePod(key: string): { readonly pod: PodInfo; readonly node: NodeInfo } | undefined;
  nodeOf(key: string): NodeInfo | undefined;
}

export function createNodeCache(reader: ResourceReader, topology: MutableTopologyIndex): NodeCache {
  const byName = new Map<string, MutableNodeInfo>();
  const nodeOf = new Map<string, MutableNodeInfo>();
  const images = new Map<string, number>();
  let nodes: readonly MutableNodeInfo[] = [];
  /** Nodes have come, gone or moved to another zone since they were put in order. */
  let disordered = false;
  let softTaints = 0;
  const labelValues = new Map<string, ReadonlySet<string>>();
  const users = new Map<string, number>();

  const at = (name: string): MutableNodeInfo => {
    const known = byName.get(name);
    if (known) return known;
    const fresh = new MutableNodeInfo(name);
    byName.set(name, fresh);
    return fresh;
  };
  /** Forgets a name that stands for nothing any more. */
  const tidy = (node: MutableNodeInfo): void => {
    if (node.node === undefined && node.pods.size === 0) byName.delete(node.name);
  };
  /** Counts a pod on its node and in what is summed over all nodes. */
  const countPod = (pod: PodInfo, node: MutableNodeInfo, by: 1 | -1): void => {
    node.count(pod, by);
    if (by === 1) topology.add(pod, node);
    else topology.remove(pod, node);
    for (const { key } of pod.claims) {
      const left = (users.get(key) ?? 0) + by;
      if (left === 0) users.delete(key);
      else users.set(key, left);
    }
  };
  /** Counts what is summed over all nodes. */
  const countNode = (node: Pick<NodeInfo, 'softTaints' | 'images'>, by: 1 | -1): void => {
    if (node.softTaints.length > 0) softTaints += by;
    for (const image of node.images.keys()) {
      const left = (images.get(image) ?? 0) + by;
      if (left === 0) images.delete(image);
      else images.set(image, left);
    }
  };

  return {
    get nodes() {
      if (disordered) {
        nodes = arrangeByZone([...byName.values()].filter(({ node }) => node !== undefined));
        disordered = false;
      }
      return nodes;
    },
    get: (name) => byName.get(name),
    nodeOf: (key) => nodeOf.get(key),
    usersOf: (claim) => users.get(claim) ?? 0,
    labelValues(key) {
      let values = labelValues.get(key);
      if (values === undefined) {
        values = new Set([...byName.values()].flatMap(({ node, labels }) => (node === undefined ? [] : (labelOf(labels, key) ?? []))));
        labelValues.set(key, values);
      }
      return values;
    },
    imageNodes: (image) => images.get(image) ?? 0,
    get softTaints() {
      return softTaints > 0;
    },
    setNode(node) {
      const info = at(node.metadata.name);
      const isNew = info.node === undefined;
      const { labels: labelsBefore, softTaints: taintsBefore, images: imagesBefore } = info;
      if (!info.read(node, reader)) return false;
      if (!isNew) countNode({ softTaints: taintsBefore, images: imagesBefore }, -1);
      countNode(info, 1);
      topology.relabel(info, labelsBefore);
      if (isNew || !deepEqual(labelsBefore, info.labels)) labelValues.clear();
      // Most often it is an image that has come.
      if (isNew || zoneOf({ labels: labelsBefore }) !== zoneOf(info)) disordered = true;
      return true;
    },
    removeNode(name) {
      const info = byName.get(name);
      if (!info?.node) return;
      const before = info.labels;
      countNode(info, -1);
      info.leave();
      topology.relabel(info, before);
      labelValues.clear();
      disordered = true;
      tidy(info);
    },
    setPod(pod, nodeName) {
      const before = nodeOf.get(pod.key);
      const known = before?.pods.get(pod.key);
      if (before && known) {
        countPod(known, before, -1);
      }
      const info = at(nodeName);
      countPod(pod, info, 1);
      nodeOf.set(pod.key, info);
      if (before && before !== info) tidy(before);
    },
    removePod(key) {
      const node = nodeOf.get(key);
      const pod = node?.pods.get(key);
      if (!node || !pod) return undefined;
      countPod(pod, node, -1);
      nodeOf.delete(key);
      tidy(node);
      return { pod, node };
    },
  };
}
