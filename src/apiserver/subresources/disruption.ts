// Disruption budgets as evictions see them: whether one more pod may go, and the note that it did.
// https://kubernetes.io/docs/concepts/workloads/pods/disruptions/#pod-disruption-budgets
import { ApiError, tooManyRequests } from '../../apimachinery/errors/api-error.js';
import { updateManagedFields } from '../../apimachinery/managedfields/update.js';
import type { KubeObject, Mutable } from '../../apimachinery/object.js';
import { compileLabelSelector } from '../../apimachinery/selectors/labels.js';
import type { LabelSelector } from '../../../openapi/types/meta.v1.js';
import { formatTime } from '../../clock/clock.js';
import type { Kind } from '../../registry/kind.js';
import { StoreError, type Entry } from '../../storage/store.js';
import type { Core } from '../core/core.js';

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly lastTransitionTime?: string;
}

interface Budget extends KubeObject {
  readonly spec: { readonly selector?: LabelSelector; readonly unhealthyPodEvictionPolicy?: string };
  readonly status: {
    readonly observedGeneration?: number;
    readonly disruptionsAllowed: number;
    readonly currentHealthy: number;
    readonly desiredHealthy: number;
    readonly disruptedPods?: Readonly<Record<string, string>>;
    readonly conditions?: readonly Condition[];
  };
}

/** What is asked of a pod that is to be evicted. */
export interface EvictedPod extends KubeObject {
  readonly status?: { readonly phase?: string; readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

const refused = "Cannot evict pod as it would violate the pod's disruption budget.";
/** In seconds: how long a client waits for the controller to see a new budget. */
const settling = 10;
/** So many evictions may wait for their pods to go. */
const mostDisrupted = 2000;

/** Spends one allowed disruption of the pod's budget; a dry run only asks. Throws 429 when there is none, 500 when several budgets match. */
export async function spendDisruption(core: Core, pod: EvictedPod, dryRun: boolean): Promise<void> {
  const kind = core.registry.byResource('policy', 'v1', 'poddisruptionbudgets');
  if (kind === undefined) return;
  const storage = core.storages.of(kind);
  for (;;) {
    await storage.cache.fresh();
    const matching = storage.cache
      .list({ prefix: storage.prefix(pod.metadata.namespace ?? '') })
      .entries.filter(({ value }) => compileLabelSelector((value as Budget).spec.selector).matches(pod.metadata.labels));
    const entry = matching[0];
    if (entry === undefined) return;
    if (matching.length > 1)
      throw new ApiError(500, '', 'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.');
    const budget = entry.value as Budget;
    if (mayGoUnhealthy(budget, pod)) return;
    checkBudget(budget);
    if (dryRun) return;
    if (await note(core, kind, entry, budget, pod.metadata.name)) return;
  }
}

/** A pod that is not ready serves nobody: it may go when the budget says so, or when enough others are healthy. */
function mayGoUnhealthy({ spec, status }: Budget, pod: EvictedPod): boolean {
  if (pod.status?.conditions?.some(({ type, status: state }) => type === 'Ready' && state === 'True') ?? false) return false;
  return spec.unhealthyPodEvictionPolicy === 'AlwaysAllow' || (status.desiredHealthy > 0 && status.currentHealthy >= status.desiredHealthy);
}

function checkBudget({ metadata, status }: Budget): void {
  const cause = (message: string) => [{ reason: 'DisruptionBudget', message: `The disruption budget ${metadata.name} ${message}` }];
  if ((status.observedGeneration ?? 0) < (metadata.generation ?? 0))
    throw tooManyRequests(refused, settling, cause('is still being processed by the server.'));
  if (Object.keys(status.disruptedPods ?? {}).length > mostDisrupted)
    throw new ApiError(403, 'Forbidden', `DisruptedPods map too big - too many evictions not confirmed by PDB controller`);
  if (status.disruptionsAllowed > 0) return;
  const { currentHealthy, desiredHealthy } = status;
  const message =
    currentHealthy <= desiredHealthy
      ? `needs ${desiredHealthy} healthy pods and has ${currentHealthy} currently`
      : 'does not allow evicting pods currently';
  // No time to wait for: it may be allowed when pods are healthy again.
  throw new ApiError(429, 'TooManyRequests', refused, { causes: cause(message) });
}

/** Writes the disruption into the budget's status; false when another writer was faster. */
async function note(core: Core, kind: Kind, entry: Entry<KubeObject>, budget: Budget, pod: string): Promise<boolean> {
  const { status } = budget;
  const time = formatTime(core.clock.now());
  const disruptionsAllowed = status.disruptionsAllowed - 1;
  const next: Mutable = {
    ...budget,
    status: {
      ...status,
      disruptionsAllowed,
      disruptedPods: { ...status.disruptedPods, [pod]: time },
      conditions: disruptionsAllowed > 0 ? status.conditions : conditionsWhenSpent(status, time),
    },
  };
  const managedFields = updateManagedFields({
    node: kind.schema(),
    old: budget,
    new: next,
    manager: 'kube-apiserver',
    apiVersion: 'policy/v1',
    subresource: 'status',
    time,
  });
  const { managedFields: _, ...metadata } = budget.metadata;
  try {
    await core.storages
      .of(kind)
      .store.update(
        entry.key,
        { ...next, metadata: managedFields === undefined ? metadata : { ...metadata, managedFields } } as unknown as KubeObject,
        entry.modRevision,
      );
    return true;
  } catch (error) {
    if (error instanceof StoreError && (error.code === 'conflict' || error.code === 'missing')) return false;
    throw error;
  }
}

/** The last allowed disruption is spent: what clients that wait for a budget see. */
function conditionsWhenSpent({ conditions = [], observedGeneration }: Budget['status'], time: string): readonly Condition[] {
  const type = 'DisruptionAllowed';
  const before = conditions.find((one) => one.type === type);
  const spent = {
    type,
    status: 'False',
    ...(observedGeneration === undefined ? {} : { observedGeneration }),
    lastTransitionTime: before?.status === 'False' ? (before.lastTransitionTime ?? time) : time,
    reason: 'InsufficientPods',
    message: '',
  };
  return before === undefined ? [...conditions, spent] : conditions.map((one) => (one === before ? spent : one));
}
