// Deletes what is in a namespace, and says what is left.
import type { KubeObject } from '../../apimachinery/object.js';
import { apiVersionOf } from '../../apimachinery/object.js';
import type { Client, DiscoveredResource } from '../../client/client.js';
import { errorText } from '../../client/logger.js';
import { forEachBounded } from '../shared/all.js';
import { unlessGone } from '../shared/gone.js';

export interface ContentLeft {
  /** How many objects, by `pods.` or `deployments.apps`. */
  readonly remaining: ReadonlyMap<string, number>;
  /** How many objects wait for each finalizer. */
  readonly finalizers: ReadonlyMap<string, number>;
  /** What could not be discovered. */
  readonly discoveryFailure: string | undefined;
  /** What could not be deleted or listed. */
  readonly failures: readonly string[];
  /** Nothing else is deleted while there are pods, and the real server's conditions do not tell of them. */
  readonly podsLeft: boolean;
}

const width = 8;

/**
 * Asks for the deletion of everything in the namespace, pods first: what protects them (network policies) or what they use must not go
 * before them. `stale` are the groups' versions (`example.com/v1`) whose own servers do not answer: what they have cannot be seen. Never rejects. https://github.com/kubernetes/enhancements/tree/master/keps/sig-api-machinery/5080-ordered-namespace-deletion
 */
export async function deleteContent(client: Client, namespace: string, stale: readonly string[] = []): Promise<ContentLeft> {
  let resources: readonly DiscoveredResource[];
  try {
    resources = await client.discover();
  } catch (error) {
    return { remaining: new Map(), finalizers: new Map(), discoveryFailure: errorText(error), failures: [], podsLeft: false };
  }
  const discoveryFailure = stale.length === 0 ? undefined : staleText(stale);
  const remaining = new Map<string, number>();
  const finalizers = new Map<string, number>();
  const failures: string[] = [];
  const deletable = resources.filter(
    (resource) => resource.namespaced && resource.verbs.includes('delete') && resource.verbs.includes('list'),
  );
  const empty = async (resource: DiscoveredResource): Promise<void> => {
    try {
      const left = await deleteAll(client, resource, namespace);
      if (left.length === 0) return;
      remaining.set(`${resource.resource}.${resource.group}`, left.length);
      for (const { metadata } of left)
        for (const finalizer of metadata.finalizers ?? []) finalizers.set(finalizer, (finalizers.get(finalizer) ?? 0) + 1);
    } catch (error) {
      failures.push(
        `failed to delete ${apiVersionOf(resource.group, resource.version)}, Resource=${resource.resource}: ${errorText(error)}`,
      );
    }
  };
  const pods = deletable.find(({ group, resource }) => group === '' && resource === 'pods');
  if (pods !== undefined) await empty(pods);
  const podsLeft = remaining.size > 0;
  if (podsLeft) return { remaining: new Map(), finalizers: new Map(), discoveryFailure, failures, podsLeft };
  await forEachBounded(
    deletable.filter((resource) => resource !== pods),
    width,
    empty,
  );
  return { remaining, finalizers, discoveryFailure, failures, podsLeft };
}

function staleText(versions: readonly string[]): string {
  const each = versions.map((version) => `${version}: stale GroupVersion discovery: ${version}`);
  return `unable to retrieve the complete list of server APIs: ${each.join(', ')}`;
}

/** Returns what is still there afterwards. */
async function deleteAll(client: Client, resource: DiscoveredResource, namespace: string): Promise<readonly KubeObject[]> {
  const before = (await client.list(resource, { namespace })).items;
  if (before.length === 0) return before;
  const alive = before.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  if (alive.length === 0) return before;
  const propagation = { propagationPolicy: 'Background' } as const;
  if (resource.verbs.includes('deletecollection')) await client.deleteCollection(resource, { namespace }, propagation);
  else {
    const [failure] = await forEachBounded(alive, width, async ({ metadata }) => {
      await unlessGone(client.delete(resource, metadata, propagation));
    });
    if (failure !== undefined) throw failure;
  }
  return (await client.list(resource, { namespace })).items;
}
