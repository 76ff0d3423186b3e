// What a server serves, from aggregated discovery, or from the documents of each group where the server has no aggregated one.
// https://kubernetes.io/docs/concepts/overview/kubernetes-api/#aggregated-discovery
import { apiVersionOf, parseApiVersion } from '../../apimachinery/object.js';
import type { DiscoveredResource } from '../client.js';
import type { Transport } from './transport.js';

const aggregated = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json';

interface AggregatedDiscovery {
  readonly kind: string;
  readonly items?: readonly {
    readonly metadata?: { readonly name?: string };
    readonly versions?: readonly {
      readonly version: string;
      readonly resources?: readonly {
        readonly resource: string;
        readonly scope: string;
        readonly verbs: readonly string[];
        readonly responseKind?: { readonly group?: string; readonly version?: string; readonly kind: string };
      }[];
    }[];
  }[];
}

interface GroupList {
  readonly groups?: readonly {
    readonly versions: readonly { readonly groupVersion: string }[];
    readonly preferredVersion?: { readonly groupVersion: string };
  }[];
}

interface ResourceListDocument {
  readonly resources: readonly {
    readonly name: string;
    readonly kind: string;
    readonly namespaced: boolean;
    readonly verbs: readonly string[];
  }[];
}

/** The resources of all groups, each in the first version that has it (servers name the preferred one first), that can be listed and watched. */
export async function discover(transport: Transport): Promise<readonly DiscoveredResource[]> {
  const found = new Map<string, DiscoveredResource>();
  const add = (one: DiscoveredResource): void => {
    const id = `${one.group}/${one.resource}`;
    if (!found.has(id) && one.verbs.includes('list') && one.verbs.includes('watch')) found.set(id, one);
  };
  for (const path of ['/api', '/apis']) {
    const document = (await transport.json({ method: 'GET', path, accept: aggregated })) as AggregatedDiscovery;
    if (document.kind === 'APIGroupDiscoveryList') readAggregated(document, add);
    else for (const apiVersion of path === '/api' ? ['v1'] : versionsOf(document as GroupList)) await readGroup(transport, apiVersion, add);
  }
  return [...found.values()];
}

function readAggregated(document: AggregatedDiscovery, add: (one: DiscoveredResource) => void): void {
  for (const group of document.items ?? []) {
    for (const { version, resources = [] } of group.versions ?? []) {
      for (const { resource, scope, verbs, responseKind } of resources) {
        add({
          group: group.metadata?.name ?? '',
          version,
          resource,
          kind: responseKind?.kind ?? '',
          namespaced: scope === 'Namespaced',
          verbs,
        });
      }
    }
  }
}

function versionsOf(list: GroupList): string[] {
  return (list.groups ?? []).flatMap(({ versions, preferredVersion }) => {
    const all = versions.map(({ groupVersion }) => groupVersion);
    return preferredVersion ? [preferredVersion.groupVersion, ...all.filter((one) => one !== preferredVersion.groupVersion)] : all;
  });
}

async function readGroup(transport: Transport, apiVersion: string, add: (one: DiscoveredResource) => void): Promise<void> {
  const { group, version } = parseApiVersion(apiVersion);
  const path = group === '' ? `/api/${version}` : `/apis/${apiVersionOf(group, version)}`;
  const { resources } = (await transport.json({ method: 'GET', path })) as ResourceListDocument;
  for (const { name, kind, namespaced, verbs } of resources)
    if (!name.includes('/')) add({ group, version, resource: name, kind, namespaced, verbs });
}
