// Where we answer otherwise than the real server on purpose: what we answer, and why. docs/supported.md lists them.
import type { Answer } from './exchange.js';

export interface Divergence {
  readonly reason: string;
  /** What we answer instead of the recorded answer. */
  answer(recorded: Answer): Answer;
}

/** The body's status with these fields more. */
function withStatus(recorded: Answer, status: Readonly<Record<string, unknown>>): Answer {
  const body = recorded.body as { status: object };
  return { ...recorded, body: { ...body, status: { ...body.status, ...status } } };
}

/** By case file and number of the answer: `lists 12`. */
export const divergences: ReadonlyMap<string, Divergence> = new Map<string, Divergence>([
  [
    'workloads 60',
    {
      reason:
        'The administrator is in kubeadm:cluster-admins, as on a cluster that kubeadm made, and may do everything by RBAC; the recorded one is in system:masters.',
      answer: (recorded) =>
        withStatus(recorded, {
          reason:
            'RBAC: allowed by ClusterRoleBinding "kubeadm:cluster-admins" of ClusterRole "cluster-admin" to Group "kubeadm:cluster-admins"',
        }),
    },
  ],
]);
