// Objects that several stories are about.
import type { Client } from '../../src/index.js';
import { resources } from '../../src/index.js';
import { until, untilList } from './until.js';

const { DEPLOYMENTS, NAMESPACES, PODS, SERVICE_ACCOUNTS } = resources;

/** A namespace in which pods can be created. */
export async function createNamespace(client: Client, name: string): Promise<string> {
  await client.create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  await until(client, SERVICE_ACCOUNTS, { namespace: name, name: 'default' }, () => true);
  return name;
}

export interface DeploymentSettings {
  readonly replicas?: number;
  readonly image?: string;
}

/** Creates a Deployment whose pods have the label `app` with its name; does not wait for them. */
export async function createDeployment(
  client: Client,
  namespace: string,
  name: string,
  { replicas = 2, image = 'nginx:1.27' }: DeploymentSettings = {},
): Promise<void> {
  const labels = { app: name };
  await client.create(DEPLOYMENTS, {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'main', image }] } },
    },
  });
}

/** Resolves when all replicas are of the newest template and available, and no other pod is left. */
export async function rolledOut(client: Client, namespace: string, name: string): Promise<void> {
  const { spec } = await until(client, DEPLOYMENTS, { namespace, name }, ({ metadata, spec: wanted, status }) => {
    const replicas = wanted?.replicas ?? 1;
    return (
      status?.observedGeneration === metadata.generation &&
      (status?.updatedReplicas ?? 0) === replicas &&
      (status?.availableReplicas ?? 0) === replicas &&
      (status?.replicas ?? 0) === replicas
    );
  });
  await untilList(client, PODS, { namespace, labelSelector: `app=${name}` }, (pods) => pods.length === (spec?.replicas ?? 1));
}

/** A pod with one container, as a draft. */
export const pod = (
  namespace: string,
  name: string,
  container: { readonly image?: string; readonly command?: readonly string[] } = {},
  labels: Readonly<Record<string, string>> = {},
) => ({
  apiVersion: 'v1' as const,
  kind: 'Pod' as const,
  metadata: { name, namespace, labels },
  spec: { containers: [{ name: 'main', image: 'nginx', ...container }] },
});
