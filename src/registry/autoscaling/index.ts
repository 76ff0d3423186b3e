// The kinds of the group, one file each.
import type { KindDefinition } from '../kind.js';
import { horizontalPodAutoscalerV1 } from './horizontal-pod-autoscaler-v1.js';
import { horizontalPodAutoscaler } from './horizontal-pod-autoscaler.js';

export const autoscalingKinds: readonly KindDefinition[] = [horizontalPodAutoscaler, horizontalPodAutoscalerV1];
