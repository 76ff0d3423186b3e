// What a namespace's limit ranges forbid. https://kubernetes.io/docs/concepts/policy/limit-range/
import type { LimitRange, LimitRangeItem, PersistentVolumeClaim, Pod, PodSpec } from '../../../../openapi/types/core.v1.js';
import { compareQuantities, formatQuantity, type Quantity } from '../../../apimachinery/quantity/quantity.js';
import { parseAmounts, podTotals, type ResourceAmounts } from '../../../registry/core/usage/index.js';

/** What one thing (a container, a pod, a claim) asks for, and the most that it may use. */
interface Asked {
  readonly requests: ResourceAmounts;
  readonly limits: ResourceAmounts;
}

/** Why the pod may not be, in words; empty when it may. */
export function podProblems({ spec }: LimitRange, pod: Pod): string[] {
  const podSpec = pod.spec ?? ({} as PodSpec);
  return (spec?.limits ?? []).flatMap((item) => {
    if (item.type === 'Container') {
      return [...(podSpec.containers ?? []), ...(podSpec.initContainers ?? [])].flatMap(({ resources }) =>
        problems(item, { requests: parseAmounts(resources?.requests), limits: parseAmounts(resources?.limits) }),
      );
    }
    if (item.type !== 'Pod') return [];
    return problems(item, { requests: podTotals(podSpec, 'requests'), limits: podTotals(podSpec, 'limits') });
  });
}

/** Why the claim may not be, in words; empty when it may. */
export function claimProblems({ spec }: LimitRange, claim: PersistentVolumeClaim): string[] {
  const requests = parseAmounts(claim.spec?.resources?.requests);
  return (spec?.limits ?? []).flatMap((item) => {
    if (item.type !== 'PersistentVolumeClaim') return [];
    const asked = { requests, limits: new Map<string, Quantity>() };
    return [...each(item.min, (name, least) => belowMinimum(item, name, least, asked)), ...each(item.max, (name, most) => storageAbove(item, name, most, asked))]; // prettier-ignore
  });
}

function problems(item: LimitRangeItem, asked: Asked): string[] {
  return [
    ...each(item.min, (name, least) => belowMinimum(item, name, least, asked)),
    ...each(item.max, (name, most) => aboveMaximum(item, name, most, asked)),
    ...each(item.maxLimitRequestRatio, (name, ratio) => aboveRatio(item, name, ratio, asked)),
  ];
}

/** What a rule says of each amount, in the order of names. */
function each(amounts: LimitRangeItem['min'], rule: (name: string, amount: Quantity) => string | undefined): string[] {
  const parsed = parseAmounts(amounts);
  return [...parsed.keys()].sort().flatMap((name) => rule(name, parsed.get(name)!) ?? []);
}

function belowMinimum({ type }: LimitRangeItem, name: string, least: Quantity, { requests, limits }: Asked): string | undefined {
  const minimum = `minimum ${name} usage per ${type} is ${formatQuantity(least)}`;
  const request = requests.get(name);
  if (request === undefined) return `${minimum}.  No request is specified`;
  if (compareQuantities(request, least) < 0) return `${minimum}, but request is ${formatQuantity(request)}`;
  const limit = limits.get(name);
  if (limit !== undefined && compareQuantities(limit, least) < 0) return `${minimum}, but limit is ${formatQuantity(limit)}`;
  return undefined;
}

function aboveMaximum({ type }: LimitRangeItem, name: string, most: Quantity, { requests, limits }: Asked): string | undefined {
  const maximum = `maximum ${name} usage per ${type} is ${formatQuantity(most)}`;
  const limit = limits.get(name);
  if (limit === undefined) return `${maximum}.  No limit is specified`;
  if (compareQuantities(limit, most) > 0) return `${maximum}, but limit is ${formatQuantity(limit)}`;
  const request = requests.get(name);
  if (request !== undefined && compareQuantities(request, most) > 0) return `${maximum}, but request is ${formatQuantity(request)}`;
  return undefined;
}

/** A claim has a request and no limit. */
function storageAbove({ type }: LimitRangeItem, name: string, most: Quantity, { requests }: Asked): string | undefined {
  const request = requests.get(name);
  const maximum = `maximum ${name} usage per ${type} is ${formatQuantity(most)}`;
  if (request === undefined) return `${maximum}.  No request is specified`;
  return compareQuantities(request, most) > 0 ? `${maximum}, but request is ${formatQuantity(request)}` : undefined;
}

function aboveRatio({ type }: LimitRangeItem, name: string, ratio: Quantity, { requests, limits }: Asked): string | undefined {
  const rule = `${name} max limit to request ratio per ${type} is ${formatQuantity(ratio)}`;
  const request = requests.get(name)?.nano ?? 0n;
  const limit = limits.get(name)?.nano ?? 0n;
  if (request <= 0n) return `${rule}, but no request is specified or request is 0`;
  if (limit <= 0n) return `${rule}, but no limit is specified or limit is 0`;
  // Exact, whatever the size of the numbers.
  if (limit * 1_000_000_000n <= ratio.nano * request) return undefined;
  return `${rule}, but provided ratio is ${(Number(limit) / Number(request)).toFixed(6)}`;
}
