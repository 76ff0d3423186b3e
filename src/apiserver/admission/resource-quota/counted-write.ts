// A write as quotas see it, and its refusal.
import type { KubeObject } from '../../../apimachinery/object.js';
import type { UsageEvaluator } from '../../../registry/core/usage/index.js';
import type { LimitedResource } from './configuration.js';

export interface CountedWrite {
  readonly evaluator: UsageEvaluator;
  readonly object: KubeObject;
  /** What is there before an update. */
  readonly old: KubeObject | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** What of its kind may be used only where a quota allows it. */
  readonly limited?: readonly LimitedResource[];
}

/** The write is refused; the text comes after `… is forbidden: `. */
export class QuotaRefusal extends Error {}
