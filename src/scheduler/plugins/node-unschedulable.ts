// NodeUnschedulable: cordoned nodes take only pods that tolerate it.
// https://kubernetes.io/docs/concepts/nodes/node/#manual-node-administration
import type { Taint } from '../../../openapi/types/core.v1.js';
import type { FilterPlugin, Rejection } from '../framework.js';
import { toleratedByAny } from './tolerations.js';

const rejection: Rejection = { reasons: ['node(s) were unschedulable'], resolvable: false };
const taint: Taint = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' };

export const nodeUnschedulable: FilterPlugin = {
  name: 'NodeUnschedulable',
  filter: (pod, node) => (node.unschedulable && !toleratedByAny(pod.tolerations, taint) ? rejection : undefined),
};
