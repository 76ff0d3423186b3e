// The kinds of the group, one file each.
import type { KindDefinition } from '../kind.js';
import { podDisruptionBudget } from './pod-disruption-budget.js';

export const policyKinds: readonly KindDefinition[] = [podDisruptionBudget];
