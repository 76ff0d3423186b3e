// Removes what a load leaves behind, so that the next round finds the server as the first one did.
import { ApiClient } from './api-client.js';
import type { Target } from './kubeconfig.js';

interface NamespaceList {
  readonly items: readonly { readonly metadata: { readonly name: string } }[];
}

/** The namespaces that loads made: `bench-` and the second they began. */
export async function benchNamespaces(target: Target): Promise<ReadonlySet<string>> {
  return withClient(target, async (client) => {
    const { items } = await client.json<NamespaceList>('GET', '/api/v1/namespaces');
    return new Set(items.map(({ metadata }) => metadata.name).filter((name) => /^bench-\d+$/.test(name)));
  });
}

/** Deletes the pods and ConfigMaps of the load's namespaces that were not there before, and asks for the namespaces to go. */
export async function removeNamespaces(target: Target, before: ReadonlySet<string>): Promise<void> {
  const made = [...(await benchNamespaces(target))].filter((name) => !before.has(name));
  const now = { apiVersion: 'v1', kind: 'DeleteOptions', gracePeriodSeconds: 0 };
  await withClient(target, async (client) => {
    for (const name of made) {
      const path = `/api/v1/namespaces/${name}`;
      await client.request('DELETE', `${path}/pods`, { body: now });
      await client.request('DELETE', `${path}/configmaps`, { body: now });
      await client.request('DELETE', path);
    }
  });
}

/** `v1.36.3`. */
export async function versionOf(target: Target): Promise<string> {
  return withClient(target, async (client) => (await client.json<{ gitVersion: string }>('GET', '/version')).gitVersion);
}

async function withClient<T>(target: Target, use: (client: ApiClient) => Promise<T>): Promise<T> {
  const client = new ApiClient(target);
  try {
    return await use(client);
  } finally {
    client.close();
  }
}
