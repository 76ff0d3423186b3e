// From what one look has found to the status that is written.
import type {
  HorizontalPodAutoscalerCondition,
  HorizontalPodAutoscalerStatus,
  MetricStatus,
} from '../../../openapi/types/autoscaling.v2.js';
import { formatTime } from '../../clock/clock.js';
import type { ConditionDraft } from './behavior.js';

/** What an autoscaler says of itself after a look. */
export interface StatusDraft {
  readonly conditions: Map<string, ConditionDraft>;
  currentReplicas: number | undefined;
  desiredReplicas: number;
  currentMetrics: readonly MetricStatus[] | undefined;
  rescaled: boolean;
}

/** The status after a look; conditions that the look says nothing of stay. */
export function statusOf(
  before: HorizontalPodAutoscalerStatus | undefined,
  draft: StatusDraft,
  now: number,
): HorizontalPodAutoscalerStatus {
  const { currentReplicas, desiredReplicas, currentMetrics = null, rescaled } = draft;
  const lastScaleTime = rescaled ? formatTime(now) : before?.lastScaleTime;
  return {
    ...(before?.observedGeneration === undefined ? {} : { observedGeneration: before.observedGeneration }),
    ...(lastScaleTime === undefined ? {} : { lastScaleTime }),
    ...(currentReplicas === undefined || currentReplicas === 0 ? {} : { currentReplicas }),
    desiredReplicas,
    currentMetrics: currentMetrics as readonly MetricStatus[],
    conditions: merged(before?.conditions ?? [], draft.conditions, now),
  };
}

function merged(
  before: readonly HorizontalPodAutoscalerCondition[],
  drafts: ReadonlyMap<string, ConditionDraft>,
  now: number,
): HorizontalPodAutoscalerCondition[] {
  const kept = before.map((condition) => {
    const draft = drafts.get(condition.type);
    if (draft === undefined) return condition;
    return { ...draft, lastTransitionTime: draft.status === condition.status ? condition.lastTransitionTime : formatTime(now) };
  });
  const known = new Set(before.map(({ type }) => type));
  const added = [...drafts.values()]
    .filter(({ type }) => !known.has(type))
    .map((draft) => ({ ...draft, lastTransitionTime: formatTime(now) }));
  return [...kept, ...added] as HorizontalPodAutoscalerCondition[];
}
