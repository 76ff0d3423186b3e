// What simulated containers are taken to use: what a test says, what the pod's annotations say, or a tenth of what they request.
import type { Container, Pod } from '../../../openapi/types/core.v1.js';
import { addQuantities, formatQuantity, parseQuantity, QuantityError, type Quantity } from '../../apimachinery/quantity/quantity.js';

/** Amounts as Kubernetes writes them: `250m`, `64Mi`. */
export interface UsageAmounts {
  readonly cpu?: string;
  readonly memory?: string;
}

/** Which pods: those that fit all that is named. */
export interface UsageTarget {
  readonly namespace?: string;
  readonly name?: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** One container of the pods; each of them when absent. */
  readonly container?: string;
}

/** What the containers of simulated pods use. */
export interface UsageBook {
  /**
   * From now on each container of these pods uses so much; what is not named stays as it was. What was said last counts.
   * Throws QuantityError for what is no quantity.
   */
  set(target: UsageTarget, amounts: UsageAmounts): void;
  /** Forgets all that was set. */
  clear(): void;
}

export interface MeasuredContainer {
  readonly name: string;
  readonly usage: { readonly cpu: Quantity; readonly memory: Quantity };
}

/** Reads the book, for the metrics API. */
export interface UsageReader {
  /** The running containers of a pod. */
  containersOf(pod: Pod): readonly MeasuredContainer[];
}

type Resource = 'cpu' | 'memory';

const annotationOf: Readonly<Record<Resource, string>> = { cpu: 'kubedouble.dev/cpu-usage', memory: 'kubedouble.dev/memory-usage' };
/** Of a container that requests nothing. */
const least: Readonly<Record<Resource, Quantity>> = { cpu: parseQuantity('1m'), memory: parseQuantity('10Mi') };
/** More rules than this are more than anybody meant; the oldest goes. */
const mostRules = 1000;

export function createUsageBook(): UsageBook & UsageReader {
  const rules: { readonly target: UsageTarget; readonly amounts: Partial<Record<Resource, Quantity>> }[] = [];

  const told = ({ metadata }: Pod, container: string, resource: Resource): Quantity | undefined => {
    for (let index = rules.length - 1; index >= 0; index--) {
      const { target, amounts } = rules[index]!;
      if (amounts[resource] !== undefined && fits(target, metadata, container)) return amounts[resource];
    }
    return undefined;
  };
  const usageOf = (pod: Pod, container: Container, resource: Resource): Quantity =>
    told(pod, container.name, resource) ?? annotated(pod, resource) ?? aTenth(container, resource);

  return {
    set(target, { cpu, memory }) {
      const amounts = {
        ...(cpu === undefined ? {} : { cpu: parseQuantity(cpu) }),
        ...(memory === undefined ? {} : { memory: parseQuantity(memory) }),
      };
      rules.push({ target: { ...target, ...(target.labels === undefined ? {} : { labels: { ...target.labels } }) }, amounts });
      if (rules.length > mostRules) rules.shift();
    },
    clear: () => void rules.splice(0),
    containersOf(pod) {
      const statuses = [...(pod.status?.containerStatuses ?? []), ...(pod.status?.initContainerStatuses ?? [])];
      const running = new Set(statuses.filter(({ state }) => state?.running !== undefined).map(({ name }) => name));
      const containers = [...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? [])].filter(({ name }) => running.has(name));
      return containers.map((container) => ({
        name: container.name,
        usage: { cpu: usageOf(pod, container, 'cpu'), memory: usageOf(pod, container, 'memory') },
      }));
    },
  };
}

function fits({ namespace, name, labels, container }: UsageTarget, metadata: Pod['metadata'], of: string): boolean {
  if (namespace !== undefined && namespace !== metadata.namespace) return false;
  if (name !== undefined && name !== metadata.name) return false;
  if (container !== undefined && container !== of) return false;
  return Object.entries(labels ?? {}).every(([key, value]) => metadata.labels?.[key] === value);
}

/** The annotations are of each container; what is no quantity says nothing. */
function annotated({ metadata }: Pod, resource: Resource): Quantity | undefined {
  const text = metadata.annotations?.[annotationOf[resource]];
  if (text === undefined) return undefined;
  try {
    const amount = parseQuantity(text);
    return amount.nano < 0n ? undefined : amount;
  } catch (error) {
    if (error instanceof QuantityError) return undefined;
    throw error;
  }
}

function aTenth({ resources: asked }: Container, resource: Resource): Quantity {
  const request = asked?.requests?.[resource];
  if (request === undefined) return least[resource];
  const { nano, format } = parseQuantity(request);
  // Whole thousandths of CPU, whole KiB of memory.
  const unit = resource === 'cpu' ? 1_000_000n : 1024n * 1_000_000_000n;
  const tenth = (nano / 10n / unit) * unit;
  return tenth > 0n ? { nano: tenth, format } : least[resource];
}

/** `{cpu: '250m', memory: '64Mi'}`. */
export function usageText(amounts: readonly MeasuredContainer['usage'][], base?: MeasuredContainer['usage']): Record<Resource, string> {
  const sum = (resource: Resource): string => {
    const start: Quantity = base?.[resource] ?? { nano: 0n, format: resource === 'cpu' ? 'DecimalSI' : 'BinarySI' };
    return formatQuantity(amounts.reduce((total, amount) => addQuantities(total, amount[resource]), start));
  };
  return { cpu: sum('cpu'), memory: sum('memory') };
}
