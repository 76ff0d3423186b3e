// What pods ask for and nodes offer, as whole numbers: CPU in thousandths, everything else in its unit.
// https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/
import type { Container, ContainerStatus, PodSpec, PodStatus } from '../../../openapi/types/core.v1.js';
import type { Quantity } from '../../../openapi/types/meta.v1.js';
import { milliValue, quantityValue } from '../../apimachinery/quantity/quantity.js';

export type ResourceList = Readonly<Record<string, Quantity>>;

/** Amounts by resource; the three that nearly every pod and node has are plain fields. */
export interface Amounts {
  cpu: number;
  memory: number;
  ephemeralStorage: number;
  /** The others: huge pages, attached volumes and extended resources. Undefined: none. */
  others: Map<string, number> | undefined;
}

/** A pod's requests, and what scoring takes instead when containers ask for nothing. */
export interface PodRequests extends Amounts {
  readonly scoredCpu: number;
  readonly scoredMemory: number;
}

/** What scoring assumes for a container that does not say: a tenth of a CPU and 200 MiB. */
const assumedCpu = 100;
const assumedMemory = 200 * 1024 * 1024;

const none: readonly ContainerStatus[] = [];

/** Whether the kubelet has said that a resize can never be. */
function isInfeasible(status: PodStatus | undefined): boolean {
  return (
    status?.conditions?.some(
      ({ type, status: holds, reason }) => type === 'PodResizePending' && holds === 'True' && reason === 'Infeasible',
    ) ?? false
  );
}

export function copyAmounts({ cpu, memory, ephemeralStorage, others }: Readonly<Amounts>): Amounts {
  return { cpu, memory, ephemeralStorage, others: others === undefined ? undefined : new Map(others) };
}

/** The amount of one resource. */
export function amountOf(amounts: Readonly<Amounts>, resource: string): number {
  switch (resource) {
    case 'cpu':
      return amounts.cpu;
    case 'memory':
      return amounts.memory;
    case 'ephemeral-storage':
      return amounts.ephemeralStorage;
    default:
      return amounts.others?.get(resource) ?? 0;
  }
}

export function noAmounts(): Amounts {
  return { cpu: 0, memory: 0, ephemeralStorage: 0, others: undefined };
}

const rememberedLimit = 10_000;

/** The same few texts come again and again: each is parsed once. */
function remembering(parse: (text: Quantity) => number): (text: Quantity) => number {
  const known = new Map<Quantity, number>();
  return (text) => {
    let value = known.get(text);
    if (value === undefined) {
      value = parse(text);
      if (known.size >= rememberedLimit) known.clear();
      known.set(text, value);
    }
    return value;
  };
}

/** Turns resource lists into amounts; holds the memory of texts, one for each scheduler. */
export interface ResourceReader {
  amounts(list: ResourceList | undefined): Amounts;
  /** What the pod asks for; during a resize in place, the most of what it asks for, was promised and holds. */
  requests(spec: PodSpec, status?: PodStatus): PodRequests;
}

export function createResourceReader(): ResourceReader {
  const milli = remembering(milliValue);
  const whole = remembering(quantityValue);

  const amounts = (list: ResourceList | undefined): Amounts => {
    const sum = noAmounts();
    for (const name in list) {
      const text = list[name]!;
      if (name === 'cpu') sum.cpu = milli(text);
      else if (name === 'memory') sum.memory = whole(text);
      else if (name === 'ephemeral-storage') sum.ephemeralStorage = whole(text);
      else if (name !== 'pods') (sum.others ??= new Map()).set(name, whole(text));
    }
    return sum;
  };
  /** https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#resize-resources */
  const requested = (container: Container, status: PodStatus | undefined): ResourceList | undefined => {
    const asked = container.resources?.requests;
    const known = status?.containerStatuses ?? none;
    const one =
      known.find(({ name }) => name === container.name) ?? status?.initContainerStatuses?.find(({ name }) => name === container.name);
    if (one?.resources === undefined) return asked;
    const held = mostOf(one.allocatedResources, one.resources.requests);
    return isInfeasible(status) ? held : mostOf(asked, held);
  };
  const mostOf = (one: ResourceList | undefined, other: ResourceList | undefined): ResourceList | undefined => {
    if (one === undefined || other === undefined) return one ?? other;
    const most: Record<string, Quantity> = { ...one };
    for (const name in other) {
      const text = other[name]!;
      const known = Object.hasOwn(most, name) ? most[name] : undefined;
      if (known === undefined || (known !== text && milli(text) > milli(known))) most[name] = text;
    }
    return most;
  };
  const scoredOf = (requests: ResourceList | undefined, sum: Amounts): Amounts => ({
    ...sum,
    cpu: requests?.['cpu'] === undefined ? assumedCpu : sum.cpu,
    memory: requests?.['memory'] === undefined ? assumedMemory : sum.memory,
  });

  return {
    amounts,
    requests(spec, status) {
      const sum = total(spec, (container) => amounts(requested(container, status)));
      const forScore = total(spec, (container) => {
        const requests = requested(container, status);
        return scoredOf(requests, amounts(requests));
      });
      const podLevel = spec.resources?.requests;
      if (podLevel !== undefined) {
        // Requests of the whole pod stand in for the sum over its containers.
        const whole = amounts(podLevel);
        if (podLevel['cpu'] !== undefined) sum.cpu = forScore.cpu = whole.cpu;
        if (podLevel['memory'] !== undefined) sum.memory = forScore.memory = whole.memory;
        if (whole.others) for (const [name, amount] of whole.others) (sum.others ??= new Map()).set(name, amount);
      }
      if (spec.overhead !== undefined) {
        const overhead = amounts(spec.overhead);
        add(sum, overhead, 1);
        add(forScore, overhead, 1);
      }
      return { ...sum, scoredCpu: forScore.cpu, scoredMemory: forScore.memory };
    },
  };
}

/**
 * Containers and sidecars run together; each init container runs with the sidecars before it, alone otherwise.
 * https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/#resource-sharing-within-containers
 */
function total(spec: PodSpec, of: (container: Container) => Amounts): Amounts {
  const together = noAmounts();
  for (const container of spec.containers) add(together, of(container), 1);
  if (spec.initContainers === undefined || spec.initContainers.length === 0) return together;
  const sidecars = noAmounts();
  const most = noAmounts();
  for (const container of spec.initContainers) {
    const amounts = of(container);
    if (container.restartPolicy === 'Always') {
      add(sidecars, amounts, 1);
      raise(most, sidecars);
    } else {
      add(amounts, sidecars, 1);
      raise(most, amounts);
    }
  }
  add(together, sidecars, 1);
  raise(together, most);
  return together;
}

/** Adds `factor` times `more` to `sum`. */
export function add(sum: Amounts, more: Amounts, factor: 1 | -1): void {
  sum.cpu += factor * more.cpu;
  sum.memory += factor * more.memory;
  sum.ephemeralStorage += factor * more.ephemeralStorage;
  if (more.others === undefined) return;
  sum.others ??= new Map();
  for (const [name, amount] of more.others) {
    const left = (sum.others.get(name) ?? 0) + factor * amount;
    if (left === 0) sum.others.delete(name);
    else sum.others.set(name, left);
  }
}

function raise(most: Amounts, other: Amounts): void {
  most.cpu = Math.max(most.cpu, other.cpu);
  most.memory = Math.max(most.memory, other.memory);
  most.ephemeralStorage = Math.max(most.ephemeralStorage, other.ephemeralStorage);
  if (other.others === undefined) return;
  most.others ??= new Map();
  for (const [name, amount] of other.others) most.others.set(name, Math.max(most.others.get(name) ?? 0, amount));
}
