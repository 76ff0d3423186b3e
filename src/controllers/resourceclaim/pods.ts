// One pod's claims: made from templates, told in its status, and reserved for it when it has a node already.
import type { Pod, PodResourceClaim, PodResourceClaimStatus } from '../../../openapi/types/core.v1.js';
import type { ResourceClaim, ResourceClaimTemplate } from '../../../openapi/types/resource.v1.js';
import type { Draft } from '../../apimachinery/object.js';
import type { Client } from '../../client/client.js';
import { isControlledBy } from '../../client/controller/owner-references.js';
import type { EventRecorder } from '../../client/events/recorder.js';
import type { InformerStore } from '../../client/informer/types.js';
import { makeKey } from '../../client/keys.js';
import { errorText } from '../../client/logger.js';
import { PODS, RESOURCE_CLAIMS } from '../../client/resources.js';
import { isPodTerminal } from '../shared/pods.js';

/** On a claim made from a template: for which of the pod's claims. */
const podClaimName = 'resource.kubernetes.io/pod-claim-name';
/** As many pods may have one claim reserved. */
const mostConsumers = 256;

export interface PodsContext {
  readonly client: Client;
  readonly recorder: EventRecorder;
  readonly claims: InformerStore<ResourceClaim>;
  readonly templates: InformerStore<ResourceClaimTemplate>;
  /** The claims that the pod owns. */
  readonly claimsOf: (pod: Pod) => readonly ResourceClaim[];
  /** Claims made for a pod, by its uid and then the name in the pod, until the informer has them. */
  readonly made: Map<string, Map<string, ResourceClaim>>;
}

export function hasClaims(pod: Pod): boolean {
  return (pod.spec?.resourceClaims?.length ?? 0) > 0 || pod.status?.extendedResourceClaimStatus !== undefined;
}

/** The names of the claims of a pod, as far as they are known. */
export function claimNamesOf({ spec, status }: Pod): readonly string[] {
  const named = (spec.resourceClaims ?? []).flatMap(({ name, resourceClaimName }) => {
    const known = resourceClaimName ?? status?.resourceClaimStatuses?.find((one) => one.name === name)?.resourceClaimName;
    return known === undefined ? [] : [known];
  });
  // The scheduler has made one for the extended resources that device classes stand for.
  const extended = status?.extendedResourceClaimStatus?.resourceClaimName;
  return extended === undefined ? named : [...named, extended];
}

/** Rejects when the API fails: it is to be called again then. */
export async function syncPod(context: PodsContext, pod: Pod): Promise<void> {
  if (pod.metadata.deletionTimestamp !== undefined || isPodTerminal(pod)) return;
  const statuses: PodResourceClaimStatus[] = [];
  for (const podClaim of pod.spec.resourceClaims ?? []) {
    if (podClaim.resourceClaimTemplateName === undefined) continue;
    const made = await ensureClaim(context, pod, podClaim, podClaim.resourceClaimTemplateName);
    if (made !== undefined) statuses.push({ name: podClaim.name, resourceClaimName: made.metadata.name });
  }
  const told = pod.status.resourceClaimStatuses ?? [];
  const news = statuses.filter(
    ({ name, resourceClaimName }) => !told.some((one) => one.name === name && one.resourceClaimName === resourceClaimName),
  );
  if (news.length > 0) {
    const patch = { metadata: { uid: pod.metadata.uid }, status: { resourceClaimStatuses: news } };
    await context.client.patch(PODS, pod.metadata, 'strategic', patch, { subresource: 'status' });
  }
  // The scheduler reserves what it has allocated. A pod that came with its node was never before it.
  if (pod.spec.nodeName) for (const name of claimNamesOf(pod)) await reserve(context, pod, name);
}

async function ensureClaim(
  { client, recorder, claims, templates, claimsOf, made }: PodsContext,
  pod: Pod,
  { name }: PodResourceClaim,
  templateName: string,
): Promise<ResourceClaim | undefined> {
  const { namespace, uid } = pod.metadata;
  const told = pod.status.resourceClaimStatuses?.find((one) => one.name === name)?.resourceClaimName;
  const known = told === undefined ? undefined : claims.get(makeKey(namespace, told));
  if (known !== undefined && isControlledBy(known, pod)) return known;
  const own = claimsOf(pod).find(
    ({ metadata }) => metadata.annotations?.[podClaimName] === name && metadata.deletionTimestamp === undefined,
  );
  if (own !== undefined) {
    made.get(uid)?.delete(name);
    return own;
  }
  const unseen = made.get(uid)?.get(name);
  if (unseen !== undefined) return unseen;

  const fail = (why: string): void => recorder.event(pod, 'Warning', 'FailedResourceClaimCreation', `PodResourceClaim ${name}: ${why}`);
  const template = templates.get(makeKey(namespace, templateName));
  // Nothing to try again: the template's coming brings the pod back.
  if (template === undefined) {
    const why = `resourceclaimtemplate.resource.k8s.io "${templateName}" not found`;
    return void fail(`resource claim template "${templateName}": ${why}`);
  }
  try {
    const created = await client.create(RESOURCE_CLAIMS, claimFor(pod, name, template));
    const ofPod = made.get(uid) ?? new Map<string, ResourceClaim>();
    made.set(uid, ofPod.set(name, created));
    return created;
  } catch (error) {
    fail(errorText(error));
    throw error;
  }
}

function claimFor(pod: Pod, name: string, { spec }: ResourceClaimTemplate): Draft<ResourceClaim> {
  const { namespace, name: podName, uid } = pod.metadata;
  return {
    metadata: {
      generateName: `${podName}-${name}-`,
      namespace,
      ...(spec.metadata?.labels === undefined ? {} : { labels: spec.metadata.labels }),
      annotations: { ...spec.metadata?.annotations, [podClaimName]: name },
      ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: podName, uid, controller: true }],
    },
    spec: spec.spec,
  };
}

/** Only an allocated claim can be reserved; without an allocation there is nothing that the controller could do. */
async function reserve({ client, claims }: PodsContext, pod: Pod, name: string): Promise<void> {
  const claim = claims.get(makeKey(pod.metadata.namespace, name));
  if (claim?.status?.allocation === undefined) return;
  const reservedFor = claim.status.reservedFor ?? [];
  const { uid } = pod.metadata;
  if (reservedFor.length >= mostConsumers || reservedFor.some((one) => one.uid === uid)) return;
  const status = { ...claim.status, reservedFor: [...reservedFor, { resource: 'pods', name: pod.metadata.name, uid }] };
  await client.update(RESOURCE_CLAIMS, { ...claim, status }, { subresource: 'status' });
}
