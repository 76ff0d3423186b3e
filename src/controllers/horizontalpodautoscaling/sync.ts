// One look at one autoscaler: its target, its metrics, and what follows.
import type { HorizontalPodAutoscaler, MetricStatus } from '../../../openapi/types/autoscaling.v2.js';
import type { Pod } from '../../../openapi/types/core.v1.js';
import { deepEqual } from '../../apimachinery/equality.js';
import { parseQuantity } from '../../apimachinery/quantity/quantity.js';
import type { LabelSelectorMatcher } from '../../apimachinery/selectors/labels.js';
import type { EventRecorder } from '../../client/events/recorder.js';
import { errorText } from '../../client/logger.js';
import type { Clock } from '../../clock/clock.js';
import { unlessGone } from '../shared/gone.js';
import { bound, recordScaling, type ScalingHistory } from './behavior.js';
import { evaluate, MetricError, type MetricContext } from './metric-sources.js';
import type { MetricsClient } from './metrics-client.js';
import type { Overlaps } from './overlap.js';
import type { ScaleTarget, ScaleTargets } from './scale-target.js';
import { statusOf, type StatusDraft } from './status.js';

export interface AutoscalerParts {
  readonly clock: Clock;
  readonly events: EventRecorder;
  readonly metrics: MetricsClient;
  readonly targets: ScaleTargets;
  readonly overlaps: Overlaps;
  podsOf(namespace: string, matches: (labels: Readonly<Record<string, string>> | undefined) => boolean): readonly Pod[];
  writeStatus(autoscaler: HorizontalPodAutoscaler): Promise<unknown>;
}

/** Ratios this near to 1 change nothing: --horizontal-pod-autoscaler-tolerance. */
const usualTolerance = 0.1;

/** What the metrics propose together. */
interface Computed {
  readonly replicas: number;
  readonly name: string;
}

/** Makes the function that does it; it rejects when the status cannot be written. */
export function createAutoscaler(parts: AutoscalerParts): (autoscaler: HorizontalPodAutoscaler, history: ScalingHistory) => Promise<void> {
  const { clock, events, targets } = parts;

  /** Throws what an event FailedComputeMetricsReplicas tells. */
  const compute = async (autoscaler: HorizontalPodAutoscaler, { scale }: ScaleTarget, draft: StatusDraft): Promise<Computed> => {
    const { namespace = '', name } = autoscaler.metadata;
    const inactive = (reason: string, message: string): Error => {
      draft.conditions.set('ScalingActive', { type: 'ScalingActive', status: 'False', reason, message });
      return new Error(message);
    };
    const selector = scale.status?.selector ?? '';
    if (selector === '') {
      events.event(autoscaler, 'Warning', 'SelectorRequired', 'selector is required');
      throw inactive('InvalidSelector', "the HPA target's scale is missing a selector");
    }
    let matcher: LabelSelectorMatcher;
    try {
      matcher = parts.overlaps.remember(namespace, name, selector);
    } catch (error) {
      const text = `couldn't convert selector into a corresponding internal selector object: ${errorText(error)}`;
      events.event(autoscaler, 'Warning', 'InvalidSelector', text);
      throw inactive('InvalidSelector', text);
    }
    const pods = parts.podsOf(namespace, (labels) => matcher.matches(labels));
    const others = parts.overlaps.of(namespace, name, pods);
    if (others.length > 0) {
      const text = `pods by selector ${selector} are controlled by multiple HPAs: [${others.join(' ')}]`;
      events.event(autoscaler, 'Warning', 'AmbiguousSelector', text);
      throw inactive('AmbiguousSelector', text);
    }
    const { behavior, metrics = [] } = autoscaler.spec;
    const replicas = scale.spec?.replicas ?? 0;
    const context: MetricContext = {
      namespace,
      selector,
      replicas,
      running: scale.status?.replicas ?? 0,
      pods,
      now: clock.now(),
      tolerances: { up: toleranceOf(behavior?.scaleUp?.tolerance), down: toleranceOf(behavior?.scaleDown?.tolerance) },
      metrics: parts.metrics,
      resourceOf: (apiVersion, kind) => targets.resourceOf(apiVersion, kind),
    };
    const statuses: MetricStatus[] = [];
    const failed: MetricError[] = [];
    let best: Computed | undefined;
    for (const spec of metrics) {
      try {
        const { replicas: proposed, name: metric, status } = await evaluate(spec, context);
        statuses.push(status);
        if (best === undefined || proposed > best.replicas) best = { replicas: proposed, name: metric };
      } catch (error) {
        if (!(error instanceof MetricError)) throw error;
        statuses.push({ type: '' });
        failed.push(error);
        events.event(autoscaler, 'Warning', error.reason, error.text);
      }
    }
    draft.currentMetrics = statuses;
    // What is not known might want more: nothing goes down as long as something is missing.
    if (failed[0] !== undefined && (best === undefined || best.replicas < replicas)) {
      inactive(failed[0].reason, `the HPA was unable to compute the replica count: ${failed[0].text}`);
      throw new Error(`invalid metrics (${failed.length} invalid out of ${metrics.length}), first error is: ${failed[0].message}`);
    }
    const found = best ?? { replicas: 0, name: '' };
    const message = `the HPA was able to successfully calculate a replica count from ${found.name}`;
    draft.conditions.set('ScalingActive', { type: 'ScalingActive', status: 'True', reason: 'ValidMetricFound', message });
    return found;
  };

  /** The number wanted, and why; undefined when it cannot be told. */
  const decide = async (
    autoscaler: HorizontalPodAutoscaler,
    target: ScaleTarget,
    draft: StatusDraft,
    history: ScalingHistory,
  ): Promise<{ readonly replicas: number; readonly reason: string } | undefined> => {
    const { spec } = autoscaler;
    const { minReplicas = 1, maxReplicas } = spec;
    const current = target.scale.spec?.replicas ?? 0;
    if (current === 0 && minReplicas !== 0) {
      const message = 'scaling is disabled since the replica count of the target is zero';
      draft.conditions.set('ScalingActive', { type: 'ScalingActive', status: 'False', reason: 'ScalingDisabled', message });
      return { replicas: 0, reason: '' };
    }
    if (current > maxReplicas) return { replicas: maxReplicas, reason: 'Current number of replicas above Spec.MaxReplicas' };
    if (current < minReplicas) return { replicas: minReplicas, reason: 'Current number of replicas below Spec.MinReplicas' };
    // The first recommendation is what there is, so that nothing goes down at once.
    if (history.recommendations.length === 0) history.recommendations.push({ at: clock.now(), count: current });
    let computed: Computed;
    try {
      computed = await compute(autoscaler, target, draft);
    } catch (error) {
      events.event(autoscaler, 'Warning', 'FailedComputeMetricsReplicas', messageOf(error));
      return undefined;
    }
    const { replicas, conditions } = bound(spec, history, current, computed.replicas, clock.now());
    for (const condition of conditions) draft.conditions.set(condition.type, condition);
    if (replicas > current) return { replicas, reason: `${computed.name} above target` };
    return { replicas, reason: replicas < current ? 'All metrics below target' : '' };
  };

  const scaleTo = async (
    autoscaler: HorizontalPodAutoscaler,
    target: ScaleTarget,
    { replicas, reason }: { readonly replicas: number; readonly reason: string },
    draft: StatusDraft,
    history: ScalingHistory,
  ): Promise<void> => {
    const current = target.scale.spec?.replicas ?? 0;
    const able = (status: 'True' | 'False', why: string, message: string): void =>
      void draft.conditions.set('AbleToScale', { type: 'AbleToScale', status, reason: why, message });
    try {
      await targets.set(target, replicas);
    } catch (error) {
      const text = messageOf(error);
      events.event(autoscaler, 'Warning', 'FailedRescale', `New size: ${replicas}; reason: ${reason}; error: ${text}`);
      able('False', 'FailedUpdateScale', `the HPA controller was unable to update the target scale: ${text}`);
      return;
    }
    able('True', 'SucceededRescale', `the HPA controller was able to update the target scale to ${replicas}`);
    events.event(autoscaler, 'Normal', 'SuccessfulRescale', `New size: ${replicas}; reason: ${reason}`);
    recordScaling(history, current, replicas, clock.now());
    draft.desiredReplicas = replicas;
    draft.rescaled = true;
  };

  const look = async (autoscaler: HorizontalPodAutoscaler, draft: StatusDraft, history: ScalingHistory): Promise<void> => {
    const { namespace = '' } = autoscaler.metadata;
    let target: ScaleTarget;
    try {
      target = await targets.get(namespace, autoscaler.spec.scaleTargetRef);
    } catch (error) {
      const text = messageOf(error);
      events.event(autoscaler, 'Warning', 'FailedGetScale', text);
      const message = `the HPA controller was unable to get the target's current scale: ${text}`;
      draft.conditions.set('AbleToScale', { type: 'AbleToScale', status: 'False', reason: 'FailedGetScale', message });
      return;
    }
    const message = "the HPA controller was able to get the target's current scale";
    draft.conditions.set('AbleToScale', { type: 'AbleToScale', status: 'True', reason: 'SucceededGetScale', message });
    const current = target.scale.spec?.replicas ?? 0;
    draft.currentReplicas = current;
    const decided = await decide(autoscaler, target, draft, history);
    if (decided === undefined) return;
    if (decided.replicas !== current) await scaleTo(autoscaler, target, decided, draft, history);
    else draft.desiredReplicas = current;
  };

  return async (autoscaler, history) => {
    const { status } = autoscaler;
    const draft: StatusDraft = {
      conditions: new Map(),
      currentReplicas: status?.currentReplicas,
      desiredReplicas: status?.desiredReplicas ?? 0,
      currentMetrics: status?.currentMetrics,
      rescaled: false,
    };
    await look(autoscaler, draft, history);
    const next = statusOf(status, draft, clock.now());
    const before = { ...status, desiredReplicas: status?.desiredReplicas ?? 0, currentMetrics: status?.currentMetrics ?? null };
    if (!deepEqual(before, next)) await unlessGone(parts.writeStatus({ ...autoscaler, status: next }));
  };
}

function toleranceOf(quantity: string | number | undefined): number {
  return quantity === undefined ? usualTolerance : Number(parseQuantity(quantity).nano) / 1e9;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
