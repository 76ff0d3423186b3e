// How a node is scored by what its pods and the new one take of its resources.
// https://kubernetes.io/docs/concepts/scheduling-eviction/resource-bin-packing/
import { amountOf } from '../cycle/resources.js';
import type { NodeInfo, PodInfo } from '../framework.js';
import { ConfigurationError } from '../profile/configuration-error.js';

export interface WeightedResource {
  readonly name: string;
  readonly weight: number;
}

export const defaultResources: readonly WeightedResource[] = [
  { name: 'cpu', weight: 1 },
  { name: 'memory', weight: 1 },
];

/** From 0 to 100, for one resource of which `used` of `capacity` is taken. */
type Curve = (used: number, capacity: number) => number;

const leastAllocated: Curve = (used, capacity) => (used > capacity ? 0 : Math.floor(((capacity - used) * 100) / capacity));
const mostAllocated: Curve = (used, capacity) => Math.floor((Math.min(used, capacity) * 100) / capacity);

/** LeastAllocated as it is by default: nearly every pod is scored by it. */
function leastAllocatedOfTwo({ requests }: PodInfo, { allocatable: { cpu, memory }, scoredCpu, scoredMemory }: NodeInfo): number {
  if (cpu === 0 && memory === 0) return 0;
  const ofCpu = cpu === 0 ? 0 : leastAllocated(scoredCpu + requests.scoredCpu, cpu);
  const ofMemory = memory === 0 ? 0 : leastAllocated(scoredMemory + requests.scoredMemory, memory);
  return Math.floor((ofCpu + ofMemory) / (cpu === 0 || memory === 0 ? 1 : 2));
}

/** What the pod and those on the node ask for; CPU and memory count where a container does not say. */
function usedWith(pod: PodInfo, node: NodeInfo, resource: string): number {
  if (resource === 'cpu') return node.scoredCpu + pod.requests.scoredCpu;
  if (resource === 'memory') return node.scoredMemory + pod.requests.scoredMemory;
  return amountOf(node.requested, resource) + amountOf(pod.requests, resource);
}

/** The score of a node, from 0 to 100. @param value `scoringStrategy` of the arguments; undefined: LeastAllocated of CPU and memory */
export function scoringStrategy(value: unknown): (pod: PodInfo, node: NodeInfo) => number {
  const strategy = recordOf(value, 'scoringStrategy');
  const resources = resourcesOf('NodeResourcesFit', strategy['resources']);
  const curve = curveOf(strategy);
  const rounded = strategy['type'] === 'RequestedToCapacityRatio' ? Math.round : Math.floor;
  const [first, second] = resources;
  if (
    curve === leastAllocated &&
    resources.length === 2 &&
    first!.name === 'cpu' &&
    second!.name === 'memory' &&
    first!.weight === second!.weight
  )
    return leastAllocatedOfTwo;
  return (pod, node) => {
    let sum = 0;
    let weights = 0;
    for (const { name, weight } of resources) {
      const capacity = amountOf(node.allocatable, name);
      // A resource that the pod does not want and that is not CPU or memory says nothing.
      if (capacity === 0 || (name !== 'cpu' && name !== 'memory' && amountOf(pod.requests, name) === 0)) continue;
      sum += weight * curve(usedWith(pod, node, name), capacity);
      weights += weight;
    }
    return weights === 0 ? 0 : rounded(sum / weights);
  };
}

function curveOf({ type = 'LeastAllocated', requestedToCapacityRatio }: Readonly<Record<string, unknown>>): Curve {
  switch (type) {
    case 'LeastAllocated':
      return leastAllocated;
    case 'MostAllocated':
      return mostAllocated;
    case 'RequestedToCapacityRatio':
      return brokenLine(recordOf(requestedToCapacityRatio, 'requestedToCapacityRatio')['shape']);
    default:
      throw new ConfigurationError(
        `NodeResourcesFit: scoringStrategy.type must be LeastAllocated, MostAllocated or RequestedToCapacityRatio, not ${JSON.stringify(type)}`,
      );
  }
}

/** Scores 0 to 10 of the shape become 0 to 100; between its points the line is straight. */
function brokenLine(shape: unknown): Curve {
  if (!Array.isArray(shape) || shape.length === 0)
    throw new ConfigurationError('NodeResourcesFit: requestedToCapacityRatio.shape must be a list of points {utilization, score}');
  const points = shape.map((point: unknown) => {
    const { utilization, score } = recordOf(point, 'a point of shape');
    if (!isWhole(utilization, 0, 100) || !isWhole(score, 0, 10))
      throw new ConfigurationError('NodeResourcesFit: a point of shape has a utilization from 0 to 100 and a score from 0 to 10');
    return { at: utilization, score: score * 10 };
  });
  if (points.some(({ at }, index) => index > 0 && at <= points[index - 1]!.at))
    throw new ConfigurationError('NodeResourcesFit: the utilizations of shape must increase');
  return (used, capacity) => {
    const utilization = used > capacity ? 100 : Math.floor((used * 100) / capacity);
    const next = points.findIndex(({ at }) => utilization <= at);
    if (next < 0) return points.at(-1)!.score;
    if (next === 0) return points[0]!.score;
    const from = points[next - 1]!;
    const to = points[next]!;
    return from.score + Math.trunc(((to.score - from.score) * (utilization - from.at)) / (to.at - from.at));
  };
}

/** The resources of a scoring, each with a weight of 1 to 100. */
export function resourcesOf(plugin: string, value: unknown): readonly WeightedResource[] {
  if (value === undefined || value === null) return defaultResources;
  if (!Array.isArray(value)) throw new ConfigurationError(`${plugin}: resources must be a list of {name, weight}`);
  const resources = value.map((one: unknown) => {
    const { name, weight } = recordOf(one, 'an entry of resources');
    const number = weight === undefined || weight === 0 ? 1 : weight;
    if (typeof name !== 'string' || name === '' || !isWhole(number, 1, 100))
      throw new ConfigurationError(`${plugin}: an entry of resources has a name and a weight from 1 to 100`);
    return { name, weight: number };
  });
  return resources.length === 0 ? defaultResources : resources;
}

function isWhole(value: unknown, least: number, most: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most;
}

function recordOf(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (value === undefined || value === null) return {};
  if (typeof value !== 'object' || Array.isArray(value)) throw new ConfigurationError(`NodeResourcesFit: ${what} must be a map of fields`);
  return value as Readonly<Record<string, unknown>>;
}
