// Eviction: a deletion that disruption budgets may refuse. https://kubernetes.io/docs/concepts/scheduling-eviction/api-eviction/
import { ApiError, badRequest, notFound } from '../../apimachinery/errors/api-error.js';
import { isRecord, parseApiVersion, type Mutable } from '../../apimachinery/object.js';
import type { ObjectForm } from '../admission/chain.js';
import type { ApiRequest, RequestOptions, StatusResult } from '../core/api-request.js';
import type { Core } from '../core/core.js';
import { decodeRequestBody, metadataOf } from '../core/decode.js';
import { settleNamespace, textOf } from '../core/metadata.js';
import { deleteOne } from '../verbs/delete.js';
import { deleteOptionsOf } from '../verbs/delete-options.js';
import { admissionOf, formOfType } from './admission.js';
import { success } from './binding.js';
import { spendDisruption, type EvictedPod } from './disruption.js';
import { markDisruptionTarget } from './disruption-target.js';

export async function evict(core: Core, request: ApiRequest): Promise<StatusResult> {
  const { kind: pods, namespace, name } = request;
  const eviction = decodeEviction(core, request);
  const metadata = metadataOf(eviction);
  const given = metadata['name'];
  if (given !== name) throw badRequest('name in URL does not match name in Eviction object');
  settleNamespace(pods, metadata, namespace);
  const dryRun = isDryRun(core, request, eviction);
  // The options in the eviction make no dry run of the request.
  await core.admission.admitSubresource(admissionOf(request, eviction, request.options.dryRun === true, formOf(core, eviction)));
  const entry = await core.storages.of(pods).get(namespace, name);
  if (entry === undefined) throw notFound(pods, name);
  const pod: EvictedPod = entry.value;
  if (!goesAnyway(pod)) await spendDisruption(core, pod, dryRun);
  const asked = deleteOptionsIn(eviction);
  // The pod is marked before the other options are looked at, as by the real server.
  const marked = dryRun ? undefined : await markDisruptionTarget(core, pods, namespace, name, preconditionsIn(asked));
  const options = optionsOf(core, request, asked);
  await deleteOne(core, { ...request, subresource: '' }, { ...options, preconditions: marked ?? options.preconditions, dryRun });
  return { type: 'status', code: 201, status: success };
}

function formOf(core: Core, { apiVersion }: Mutable): ObjectForm {
  const { group, version } = parseApiVersion(textOf(apiVersion));
  return formOfType({ group, version, kind: 'Eviction' }, core.schemaFor(definition));
}

const definition = 'io.k8s.api.policy.v1.Eviction';
const versions = ['v1', 'v1beta1'];

/** An Eviction in one of the versions that the subresource takes. Throws 400. */
function decodeEviction(core: Core, request: ApiRequest): Mutable {
  const node = core.schemaFor(definition);
  let first: unknown;
  for (const version of versions) {
    try {
      return decodeRequestBody(core, request, { group: 'policy', version, kind: 'Eviction' }, node);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      first ??= error;
    }
  }
  throw first;
}

function deleteOptionsIn(eviction: Mutable): Mutable {
  return isRecord(eviction['deleteOptions']) ? eviction['deleteOptions'] : {};
}

function preconditionsIn({ preconditions }: Mutable): RequestOptions['preconditions'] {
  if (!isRecord(preconditions)) return undefined;
  const { uid, resourceVersion } = preconditions;
  return {
    ...(typeof uid === 'string' && uid !== '' ? { uid } : {}),
    ...(typeof resourceVersion === 'string' && resourceVersion !== '' ? { resourceVersion } : {}),
  };
}

function optionsOf(core: Core, request: ApiRequest, value: Mutable): RequestOptions {
  return deleteOptionsOf(core, { ...request, options: {}, body: { value } });
}

/** A dry run may be asked for in the eviction or in the query; of the eviction's options only this is looked at before the budgets are. */
function isDryRun(core: Core, request: ApiRequest, eviction: Mutable): boolean {
  const { dryRun } = deleteOptionsIn(eviction);
  return request.options.dryRun === true || optionsOf(core, request, dryRun === undefined ? {} : { dryRun }).dryRun === true;
}

/** Whether no budget is asked: nothing runs any more, or not yet, or the pod is going already. */
function goesAnyway({ metadata, status }: EvictedPod): boolean {
  const phase = status?.phase;
  return phase === 'Pending' || phase === 'Succeeded' || phase === 'Failed' || metadata.deletionTimestamp !== undefined;
}
