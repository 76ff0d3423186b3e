// How far and how fast an autoscaler may go: stabilization windows, policies and bounds.
// https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#configurable-scaling-behavior
import type { HorizontalPodAutoscalerSpec, HPAScalingRules } from '../../../openapi/types/autoscaling.v2.js';

interface Dated {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly count: number;
}

/** What is remembered of one autoscaler between two looks. */
export interface ScalingHistory {
  recommendations: Dated[];
  ups: Dated[];
  downs: Dated[];
}

export function newHistory(): ScalingHistory {
  return { recommendations: [], ups: [], downs: [] };
}

export interface ConditionDraft {
  readonly type: 'AbleToScale' | 'ScalingActive' | 'ScalingLimited';
  readonly status: 'True' | 'False';
  readonly reason: string;
  readonly message: string;
}

export interface Bounded {
  readonly replicas: number;
  readonly conditions: readonly ConditionDraft[];
}

/** Seconds: --horizontal-pod-autoscaler-downscale-stabilization. */
const usualDownWindow = 300;
/** The longest window that a spec may have, in milliseconds. */
const longestWindow = 3_600_000;
const lower = 'recent recommendations were lower than current one, applying the lowest recent recommendation';
const higher = 'recent recommendations were higher than current one, applying the highest recent recommendation';

/**
 * What becomes of a proposal: it is kept steady by those before it, and bound by policies and by the least and most replicas. Remembers it.
 * @param now milliseconds since the epoch
 */
export function bound(spec: HorizontalPodAutoscalerSpec, history: ScalingHistory, current: number, proposed: number, now: number): Bounded {
  const steady = stabilize(spec, history, current, proposed, now);
  const able: ConditionDraft =
    steady.replicas === proposed
      ? { type: 'AbleToScale', status: 'True', reason: 'ReadyForNewScale', message: 'recommended size matches current size' }
      : { type: 'AbleToScale', status: 'True', reason: steady.reason, message: steady.message };
  const limited = limit(spec, history, current, steady.replicas, now);
  const within = limited.replicas === steady.replicas;
  const condition: ConditionDraft = {
    type: 'ScalingLimited',
    status: within ? 'False' : 'True',
    reason: limited.reason,
    message: limited.message,
  };
  return { replicas: limited.replicas, conditions: [able, condition] };
}

interface Reasoned {
  readonly replicas: number;
  readonly reason: string;
  readonly message: string;
}

function stabilize(
  { behavior }: HorizontalPodAutoscalerSpec,
  history: ScalingHistory,
  current: number,
  proposed: number,
  now: number,
): Reasoned {
  const downFrom = now - (behavior?.scaleDown?.stabilizationWindowSeconds ?? usualDownWindow) * 1000;
  const upFrom = now - (behavior?.scaleUp?.stabilizationWindowSeconds ?? 0) * 1000;
  history.recommendations = history.recommendations.filter(({ at }) => at > now - longestWindow);
  let least = proposed;
  let most = proposed;
  for (const { at, count } of history.recommendations) {
    if (at > upFrom) least = Math.min(least, count);
    if (at > downFrom) most = Math.max(most, count);
  }
  history.recommendations.push({ at: now, count: proposed });
  // Without rules of its own, an autoscaler follows the highest recommendation in all cases.
  const replicas = behavior === undefined ? most : Math.min(Math.max(current, least), most);
  const up = behavior !== undefined && proposed >= current;
  return { replicas, reason: up ? 'ScaleUpStabilized' : 'ScaleDownStabilized', message: up ? lower : higher };
}

const within: Omit<Reasoned, 'replicas'> = { reason: 'DesiredWithinRange', message: 'the desired count is within the acceptable range' };
const tooMany = { reason: 'TooManyReplicas', message: 'the desired replica count is more than the maximum replica count' };
const tooFew = { reason: 'TooFewReplicas', message: 'the desired replica count is less than the minimum replica count' };
const tooFast = { reason: 'ScaleUpLimit', message: 'the desired replica count is increasing faster than the maximum scale rate' };
const tooFastDown = { reason: 'ScaleDownLimit', message: 'the desired replica count is decreasing faster than the maximum scale rate' };

function limit(spec: HorizontalPodAutoscalerSpec, history: ScalingHistory, current: number, wanted: number, now: number): Reasoned {
  const { behavior, maxReplicas, minReplicas = 1 } = spec;
  if (behavior === undefined) {
    const fastest = Math.max(2 * current, 4);
    if (wanted < minReplicas) return { replicas: minReplicas, ...tooFew };
    if (wanted > Math.min(maxReplicas, fastest))
      return maxReplicas > fastest ? { replicas: fastest, ...tooFast } : { replicas: maxReplicas, ...tooMany };
    return { replicas: wanted, ...within };
  }
  const before = (rules: HPAScalingRules | undefined, dated: readonly Dated[], seconds: number): number =>
    rules === undefined ? 0 : dated.filter(({ at }) => at > now - seconds * 1000).reduce((sum, { count }) => sum + count, 0);
  history.ups = history.ups.filter(({ at }) => at > now - longestWindow);
  history.downs = history.downs.filter(({ at }) => at > now - longestWindow);
  if (wanted > current) {
    const most = Math.max(current, upLimit(current, behavior.scaleUp, (seconds) => ({ added: before(behavior.scaleUp, history.ups, seconds), removed: before(behavior.scaleUp, history.downs, seconds) }))); // prettier-ignore
    if (wanted > Math.min(maxReplicas, most))
      return maxReplicas > most ? { replicas: most, ...tooFast } : { replicas: maxReplicas, ...tooMany };
  } else if (wanted < current) {
    const least = Math.min(current, downLimit(current, behavior.scaleDown, (seconds) => ({ added: before(behavior.scaleDown, history.ups, seconds), removed: before(behavior.scaleDown, history.downs, seconds) }))); // prettier-ignore
    if (wanted < Math.max(minReplicas, least))
      return minReplicas < least ? { replicas: least, ...tooFastDown } : { replicas: minReplicas, ...tooFew };
  }
  return { replicas: wanted, ...within };
}

type Changes = (seconds: number) => { readonly added: number; readonly removed: number };

/** The most replicas that the policies allow now. */
function upLimit(current: number, rules: HPAScalingRules | undefined, changes: Changes): number {
  if (rules?.selectPolicy === 'Disabled') return current;
  const limits = (rules?.policies ?? []).map(({ type, value, periodSeconds }) => {
    const { added, removed } = changes(periodSeconds);
    const start = current - added + removed;
    return type === 'Pods' ? start + value : Math.ceil((start * (100 + value)) / 100);
  });
  if (limits.length === 0) return Number.MAX_SAFE_INTEGER;
  return rules?.selectPolicy === 'Min' ? Math.min(...limits) : Math.max(...limits);
}

/** The least replicas that the policies allow now. */
function downLimit(current: number, rules: HPAScalingRules | undefined, changes: Changes): number {
  if (rules?.selectPolicy === 'Disabled') return current;
  const limits = (rules?.policies ?? []).map(({ type, value, periodSeconds }) => {
    const { added, removed } = changes(periodSeconds);
    const start = current - added + removed;
    return type === 'Pods' ? start - value : Math.trunc((start * (100 - value)) / 100);
  });
  if (limits.length === 0) return 0;
  return rules?.selectPolicy === 'Min' ? Math.max(...limits) : Math.min(...limits);
}

/** Remembers that the replicas were changed. */
export function recordScaling(history: ScalingHistory, from: number, to: number, now: number): void {
  if (to > from) history.ups.push({ at: now, count: to - from });
  else history.downs.push({ at: now, count: from - to });
}
