// Eviction: a deletion that disruption budgets may refuse. https://kubernetes.io/docs/concepts/scheduling-eviction/api-eviction/
import { badRequest, notFound, tooManyRequests } from '../../apimachinery/errors/api-error.js';
import { isRecord, type KubeObject } from '../../apimachinery/object.js';
import { compileLabelSelector } from '../../apimachinery/selectors/labels.js';
import type { LabelSelector } from '../../../openapi/types/meta.v1.js';
import { StoreError } from '../../storage/store.js';
import type { ApiRequest, RequestOptions, StatusResult } from '../core/api-request.js';
import type { Core } from '../core/core.js';
import { decodeRequestBody } from '../core/decode.js';
import { deleteOne } from '../verbs/delete.js';
import { success } from './binding.js';

interface Budget extends KubeObject {
  readonly spec: { readonly selector?: LabelSelector; readonly unhealthyPodEvictionPolicy?: string };
  readonly status: {
    readonly observedGeneration?: number;
    readonly disruptionsAllowed: number;
    readonly currentHealthy: number;
    readonly desiredHealthy: number;
    readonly disruptedPods?: Readonly<Record<string, string>>;
  };
}

interface PodParts extends KubeObject {
  readonly status?: { readonly phase?: string; readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

export async function evict(core: Core, request: ApiRequest): Promise<StatusResult> {
  const { kind: pods, namespace, name } = request;
  const eviction = decodeRequestBody(
    core,
    request,
    { group: 'policy', version: 'v1', kind: 'Eviction' },
    core.schemaFor('io.k8s.api.policy.v1.Eviction'),
  );
  const given = isRecord(eviction['metadata']) ? eviction['metadata']['name'] : undefined;
  if (given !== name) throw badRequest('name in URL does not match name in Eviction object');
  const entry = await core.storages.of(pods).get(namespace, name);
  if (entry === undefined) throw notFound(pods, name);
  const pod: PodParts = entry.value;
  const asked = isRecord(eviction['deleteOptions']) ? (eviction['deleteOptions'] as RequestOptions & { dryRun?: unknown }) : {};
  const dryRun = request.options.dryRun === true || (Array.isArray(asked.dryRun) && asked.dryRun.includes('All'));
  const phase = pod.status?.phase;
  if (phase !== 'Pending' && phase !== 'Succeeded' && phase !== 'Failed' && pod.metadata.deletionTimestamp === undefined) {
    await takeDisruption(core, pod, dryRun);
  }
  await deleteOne(core, { ...request, subresource: '' }, { ...asked, dryRun });
  return { type: 'status', code: 201, status: success };
}

/** Spends one allowed disruption of the pod's budget. Throws 429 when there is none, 500 when several budgets match. */
async function takeDisruption(core: Core, pod: PodParts, dryRun: boolean): Promise<void> {
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
      throw badRequest('This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.');
    const budget = entry.value as Budget;
    const { status } = budget;
    const ready = pod.status?.conditions?.some(({ type, status: state }) => type === 'Ready' && state === 'True') ?? false;
    if (!ready && (budget.spec.unhealthyPodEvictionPolicy === 'AlwaysAllow' || status.currentHealthy >= status.desiredHealthy)) return;
    const refused = "Cannot evict pod as it would violate the pod's disruption budget.";
    if ((status.observedGeneration ?? 0) < (budget.metadata.generation ?? 0)) {
      throw tooManyRequests(refused, 10, [
        { reason: 'DisruptionBudget', message: `The disruption budget ${budget.metadata.name} is still being processed by the server.` },
      ]);
    }
    if (status.disruptionsAllowed <= 0) {
      throw tooManyRequests(refused, 0, [
        {
          reason: 'DisruptionBudget',
          message: `The disruption budget ${budget.metadata.name} needs ${status.desiredHealthy} healthy pods and has ${status.currentHealthy} currently`,
        },
      ]);
    }
    if (dryRun) return;
    const disruptedPods = {
      ...status.disruptedPods,
      [pod.metadata.name]: new Date(core.clock.now()).toISOString().replace(/\.\d+Z$/, 'Z'),
    };
    try {
      await storage.store.update(
        entry.key,
        { ...budget, status: { ...status, disruptionsAllowed: status.disruptionsAllowed - 1, disruptedPods } } as KubeObject,
        entry.modRevision,
      );
      return;
    } catch (error) {
      if (!(error instanceof StoreError) || error.code !== 'conflict') throw error;
    }
  }
}
