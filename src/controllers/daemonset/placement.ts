// On which nodes a daemon pod belongs, and what it tolerates to be there.
// https://kubernetes.io/docs/concepts/workloads/controllers/daemonset/#how-daemon-pods-are-scheduled
import type { DaemonSet } from '../../../openapi/types/apps.v1.js';
import type { Node, Pod, PodSpec, Toleration } from '../../../openapi/types/core.v1.js';
import { compileRequired, type NodeMatcher } from '../../apimachinery/placement/node-affinity.js';
import { toleratedByAny } from '../../apimachinery/placement/tolerations.js';

const always: NodeMatcher = () => true;

/** Whether a node should have a pod, and whether one that is there may stay. */
export interface Placement {
  readonly shouldRun: boolean;
  readonly mayStay: boolean;
}

export type NodeRule = (node: Node) => Placement;

const noschedule = (key: string): Toleration => ({ key: `node.kubernetes.io/${key}`, operator: 'Exists', effect: 'NoSchedule' });
const noexecute = (key: string): Toleration => ({ key: `node.kubernetes.io/${key}`, operator: 'Exists', effect: 'NoExecute' });

/** Daemons are there before their node is well, and stay when it is not. */
const added: readonly Toleration[] = [
  noexecute('not-ready'),
  noexecute('unreachable'),
  noschedule('disk-pressure'),
  noschedule('memory-pressure'),
  noschedule('pid-pressure'),
  noschedule('unschedulable'),
];

/** The template's tolerations and those that every daemon pod has; one of the same key, effect and value is replaced. */
export function tolerationsOf(spec: PodSpec): readonly Toleration[] {
  const more = spec.hostNetwork === true ? [...added, noschedule('network-unavailable')] : added;
  const own = (spec.tolerations ?? []).filter(
    (toleration) => !more.some(({ key, effect }) => key === toleration.key && effect === toleration.effect && !toleration.value),
  );
  return [...own, ...more];
}

/** The rule of a daemon set's template, compiled. */
export function nodeRule({ spec }: DaemonSet): NodeRule {
  const pod = spec.template.spec;
  const matches = compileRequired(pod) ?? always;
  const tolerations = tolerationsOf(pod);
  const nodeName = pod.nodeName ?? '';
  return ({ metadata, spec: { taints = [] } = {} }) => {
    if (nodeName !== '' && nodeName !== metadata.name) return { shouldRun: false, mayStay: false };
    if (!matches(metadata.name, metadata.labels ?? {})) return { shouldRun: false, mayStay: false };
    const untolerated = taints.filter((taint) => taint.effect !== 'PreferNoSchedule' && !toleratedByAny(tolerations, taint));
    return { shouldRun: untolerated.length === 0, mayStay: untolerated.every(({ effect }) => effect !== 'NoExecute') };
  };
}

/** The affinity to one node by its name, in the place of whatever the template required of nodes. */
export function affinityTo(spec: PodSpec, node: string): PodSpec['affinity'] {
  const nodeSelectorTerms = [{ matchFields: [{ key: 'metadata.name', operator: 'In' as const, values: [node] }] }];
  const nodeAffinity = { ...spec.affinity?.nodeAffinity, requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } };
  return { ...spec.affinity, nodeAffinity };
}

/** The node that a daemon pod is on, or was made for. */
export function targetNode({ spec }: Pod): string | undefined {
  if (spec.nodeName !== undefined && spec.nodeName !== '') return spec.nodeName;
  const terms = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  for (const { matchFields = [] } of terms) {
    for (const { key, operator, values = [] } of matchFields) if (key === 'metadata.name' && operator === 'In') return values[0];
  }
  return undefined;
}
