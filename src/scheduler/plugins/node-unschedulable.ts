// NodeUnschedulable: cordoned nodes take only pods that tolerate it.
// https://kubernetes.io/docs/concepts/nodes/node/#manual-node-administration
import type { Taint } from '../../../openapi/types/core.v1.js';
import type { NodeInfo, Plugin, PodInfo, Rejection } from '../framework.js';
import { toleratedByAny } from '../../apimachinery/placement/tolerations.js';

const rejection: Rejection = { reasons: ['node(s) were unschedulable'], resolvable: false };
const taint: Taint = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' };
const check = { filter: (node: NodeInfo) => (node.unschedulable ? rejection : undefined) };

const tolerated = ({ tolerations }: PodInfo): boolean => tolerations.length > 0 && toleratedByAny(tolerations, taint);

export function nodeUnschedulable(): Plugin {
  return {
    name: 'NodeUnschedulable',
    preFilter: (pod) => (tolerated(pod) ? undefined : check),
    listens: ['node'],
    helps: ({ node }) => node?.unschedulable === false,
  };
}
