// One node as scheduling sees it, and the sums over its pods.
import type { Node, Taint } from '../../../openapi/types/core.v1.js';
import { quantityValue } from '../../apimachinery/quantity/quantity.js';
import type { NodeInfo, PodInfo } from '../framework.js';
import { portKey } from '../plugins/node-ports.js';
import { add, copyAmounts, noAmounts, type Amounts, type ResourceReader } from './resources.js';

const noLabels: Readonly<Record<string, string>> = Object.freeze({});
const noTaints: readonly Taint[] = Object.freeze([]);
const noImages: ReadonlyMap<string, number> = new Map();

/** The parts of a node that scheduling looks at; heartbeats change none of them. */
function nodeFacts({ metadata, spec, status }: Node): string {
  return JSON.stringify([
    metadata.labels,
    spec?.taints,
    spec?.unschedulable ?? false,
    status?.allocatable,
    status?.images,
    status?.declaredFeatures,
  ]);
}

export class MutableNodeInfo implements NodeInfo {
  node: Node | undefined = undefined;
  labels = noLabels;
  allocatable: Amounts = noAmounts();
  allowedPods = 0;
  requested: Amounts = noAmounts();
  scoredCpu = 0;
  scoredMemory = 0;
  pods = new Map<string, PodInfo>();
  usedPorts = new Map<string, Map<string, number>>();
  unschedulable = false;
  hardTaints = noTaints;
  softTaints = noTaints;
  images = noImages;
  /** The parts of `node` that were read, as a text. */
  facts = '';

  freePods = 0;
  freeCpu = 0;
  freeMemory = 0;
  freeEphemeralStorage = 0;

  constructor(readonly name: string) {}

  /** Takes in what the API says of the node; returns whether anything has changed that scheduling looks at. */
  read(node: Node, reader: ResourceReader): boolean {
    const facts = nodeFacts(node);
    const isKnown = this.node !== undefined && facts === this.facts;
    this.node = node;
    if (isKnown) return false;
    this.facts = facts;
    const { allocatable, images } = node.status ?? {};
    this.labels = node.metadata.labels ?? noLabels;
    this.allocatable = reader.amounts(allocatable);
    this.allowedPods = quantityValue(allocatable?.['pods'] ?? 0);
    this.unschedulable = node.spec?.unschedulable === true;
    const taints = node.spec?.taints ?? noTaints;
    this.hardTaints = taints.length === 0 ? noTaints : taints.filter(({ effect }) => effect !== 'PreferNoSchedule');
    this.softTaints = taints.length === 0 ? noTaints : taints.filter(({ effect }) => effect === 'PreferNoSchedule');
    this.images = images?.length
      ? new Map(images.flatMap(({ names = [], sizeBytes = 0 }) => names.map((name) => [name, Number(sizeBytes)] as const)))
      : noImages;
    this.#settle();
    return true;
  }

  /** What is left, after a change of what there is or what is asked for. */
  #settle(): void {
    const { allocatable, requested } = this;
    this.freePods = this.allowedPods - this.pods.size;
    this.freeCpu = allocatable.cpu - requested.cpu;
    this.freeMemory = allocatable.memory - requested.memory;
    this.freeEphemeralStorage = allocatable.ephemeralStorage - requested.ephemeralStorage;
  }

  /** The node is gone; its pods are counted until they go too. */
  leave(): void {
    this.node = undefined;
    this.labels = noLabels;
  }

  /** Counts the pod on the node (1) or takes it off (-1). */
  count(pod: PodInfo, factor: 1 | -1): void {
    add(this.requested, pod.requests, factor);
    this.scoredCpu += factor * pod.requests.scoredCpu;
    this.scoredMemory += factor * pod.requests.scoredMemory;
    if (factor === 1) this.pods.set(pod.key, pod);
    else this.pods.delete(pod.key);
    this.#settle();
    for (const port of pod.hostPorts) {
      const key = portKey(port);
      const addresses = this.usedPorts.get(key) ?? new Map<string, number>();
      const holders = (addresses.get(port.ip) ?? 0) + factor;
      if (holders > 0) addresses.set(port.ip, holders);
      else addresses.delete(port.ip);
      if (addresses.size > 0) this.usedPorts.set(key, addresses);
      else this.usedPorts.delete(key);
    }
  }

  /** A copy on which pods can be counted without a change of this one. */
  static copyOf(other: NodeInfo): MutableNodeInfo {
    const copy = Object.assign(new MutableNodeInfo(other.name), other);
    copy.requested = copyAmounts(other.requested);
    copy.pods = new Map(other.pods);
    copy.usedPorts = new Map([...other.usedPorts].map(([key, addresses]) => [key, new Map(addresses)]));
    return copy;
  }
}
