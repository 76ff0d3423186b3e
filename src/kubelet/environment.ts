// The environment of a container: values, references, and `$(NAME)` in commands.
// https://kubernetes.io/docs/tasks/inject-data-application/
import type { ConfigMap, Pod, Secret } from '../../openapi/types/core.v1.js';
import { isReason } from '../apimachinery/errors/api-error.js';
import type { Client, ResourceType } from '../client/client.js';
import { CONFIG_MAPS, SECRETS } from '../client/resources.js';
import type { ContainerSpec } from './pod-record.js';

/** A reference of the container's configuration leads nowhere; the message is the kubelet's. */
export class ContainerConfigError extends Error {}

export interface EnvironmentContext {
  readonly client: Client;
  readonly hostIP: string;
  readonly podIPs: readonly string[];
}

/** Rejects with ContainerConfigError when a config map, a secret or a key is not there, unless the reference is optional. */
export async function resolveEnvironment(
  pod: Pod,
  { env = [], envFrom = [] }: ContainerSpec,
  context: EnvironmentContext,
): Promise<ReadonlyMap<string, string>> {
  const namespace = pod.metadata.namespace ?? '';
  const envs = new Map<string, string>([
    ['PATH', '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
    ['HOSTNAME', pod.spec.hostname ?? pod.metadata.name],
  ]);
  for (const { prefix = '', configMapRef, secretRef } of envFrom) {
    const data = configMapRef
      ? await configMapData(context.client, namespace, configMapRef)
      : secretRef
        ? await secretData(context.client, namespace, secretRef)
        : undefined;
    for (const [key, value] of data ?? []) envs.set(`${prefix}${key}`, value);
  }
  for (const { name, value, valueFrom } of env) {
    if (!valueFrom) envs.set(name, expandReferences(value ?? '', envs));
    else if (valueFrom.configMapKeyRef) {
      const { key, ...reference } = valueFrom.configMapKeyRef;
      take(envs, name, key, reference, 'ConfigMap', namespace, await configMapData(context.client, namespace, reference));
    } else if (valueFrom.secretKeyRef) {
      const { key, ...reference } = valueFrom.secretKeyRef;
      take(envs, name, key, reference, 'Secret', namespace, await secretData(context.client, namespace, reference));
    } else if (valueFrom.fieldRef) envs.set(name, fieldValue(pod, valueFrom.fieldRef.fieldPath, context));
  }
  return envs;
}

interface Reference {
  readonly name?: string | undefined;
  readonly optional?: boolean | undefined;
}

function take(
  envs: Map<string, string>,
  name: string,
  key: string,
  reference: Reference,
  kind: string,
  namespace: string,
  data: ReadonlyMap<string, string> | undefined,
): void {
  const value = data?.get(key);
  if (value !== undefined) envs.set(name, value);
  else if (reference.optional !== true)
    throw new ContainerConfigError(`couldn't find key ${key} in ${kind} ${namespace}/${reference.name ?? ''}`);
}

async function configMapData(client: Client, namespace: string, reference: Reference): Promise<ReadonlyMap<string, string> | undefined> {
  const found = await find<ConfigMap>(client, CONFIG_MAPS, 'configmap', namespace, reference);
  return found && new Map(Object.entries(found.data ?? {}));
}

async function secretData(client: Client, namespace: string, reference: Reference): Promise<ReadonlyMap<string, string> | undefined> {
  const found = await find<Secret>(client, SECRETS, 'secret', namespace, reference);
  return found && new Map(Object.entries(found.data ?? {}).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]));
}

async function find<T extends ConfigMap | Secret>(
  client: Client,
  type: ResourceType<T>,
  word: string,
  namespace: string,
  { name = '', optional }: Reference,
): Promise<T | undefined> {
  try {
    return await client.get(type, { namespace, name });
  } catch (error) {
    if (!isReason(error, 'NotFound')) throw error;
    if (optional) return undefined;
    throw new ContainerConfigError(`${word} "${name}" not found`);
  }
}

/** The downward API's fields. https://kubernetes.io/docs/concepts/workloads/pods/downward-api/#available-fields */
function fieldValue({ metadata, spec }: Pod, path: string, { hostIP, podIPs }: EnvironmentContext): string {
  const subscript = /^metadata\.(labels|annotations)\['([^']*)'\]$/.exec(path);
  if (subscript) return metadata[subscript[1] as 'labels' | 'annotations']?.[subscript[2]!] ?? '';
  switch (path) {
    case 'metadata.name':
      return metadata.name;
    case 'metadata.namespace':
      return metadata.namespace ?? '';
    case 'metadata.uid':
      return metadata.uid;
    case 'spec.nodeName':
      return spec.nodeName ?? '';
    case 'spec.serviceAccountName':
      return spec.serviceAccountName ?? '';
    case 'status.hostIP':
    case 'status.hostIPs':
      return hostIP;
    case 'status.podIP':
      return podIPs[0] ?? '';
    case 'status.podIPs':
      return podIPs.join(',');
    default:
      return '';
  }
}

/** Puts values in for `$(NAME)`; `$$(NAME)` gives `$(NAME)`, and an unknown name stays as it is. */
export function expandReferences(text: string, envs: ReadonlyMap<string, string>): string {
  if (!text.includes('$')) return text;
  return text.replace(/\$\$|\$\(([^()]*)\)/g, (match, name: string | undefined) => (name === undefined ? '$' : (envs.get(name) ?? match)));
}
