// Whether what a pod's volumes are made of is there. https://kubernetes.io/docs/concepts/storage/volumes/
import type { Pod, Volume, VolumeProjection } from '../../openapi/types/core.v1.js';
import { isReason } from '../apimachinery/errors/api-error.js';
import type { Client, ResourceType } from '../client/client.js';
import { CONFIG_MAPS, SECRETS, SERVICE_ACCOUNTS } from '../client/resources.js';
import { ClaimProblem, mountClaim } from './claims.js';

/** Somebody is at work on a claim that is not ready: it is looked at every second. */
const claimRetry = 1000;

/** A volume that cannot be mounted; `message` as in the event FailedMount. */
export class MountError extends Error {
  /**
   * @param quietFor milliseconds from the pod's start for which that is no reason for an event
   * @param retryWithin milliseconds after which it is tried again at the latest
   */
  constructor(
    message: string,
    readonly quietFor = 0,
    readonly retryWithin = Number.POSITIVE_INFINITY,
  ) {
    super(message);
  }
}

/**
 * Looks for the config maps, secrets, service accounts and claims that the pod's volumes refer to. Rejects with MountError for the first
 * volume that lacks something, resolves with those that are attached to the node, as its status names them. Other volumes count as mounted:
 * their files come with the full runtime.
 */
export async function mountVolumes(client: Client, pod: Pod): Promise<readonly string[]> {
  const attached = await Promise.all(
    (pod.spec.volumes ?? []).map(async (volume) => {
      const problem = await volumeProblem(client, pod, volume);
      if (problem !== undefined) throw new MountError(`MountVolume.SetUp failed for volume "${volume.name}" : ${problem}`);
      try {
        return await mountClaim(client, pod, volume);
      } catch (error) {
        throw error instanceof ClaimProblem ? new MountError(error.message, error.quietFor, claimRetry) : error;
      }
    }),
  );
  return attached.filter((name) => name !== undefined);
}

async function volumeProblem(client: Client, pod: Pod, { configMap, secret, projected }: Volume): Promise<string | undefined> {
  const namespace = pod.metadata.namespace ?? '';
  if (configMap) return missing(client, CONFIG_MAPS, 'configmap', namespace, configMap.name, configMap);
  if (secret) return missing(client, SECRETS, 'secret', namespace, secret.secretName, secret);
  const problems = await Promise.all((projected?.sources ?? []).map((source) => projectionProblem(client, pod, namespace, source)));
  return problems.find((problem) => problem !== undefined);
}

async function projectionProblem(
  client: Client,
  pod: Pod,
  namespace: string,
  { configMap, secret, serviceAccountToken }: VolumeProjection,
): Promise<string | undefined> {
  if (configMap) return missing(client, CONFIG_MAPS, 'configmap', namespace, configMap.name, configMap);
  if (secret) return missing(client, SECRETS, 'secret', namespace, secret.name, secret);
  if (!serviceAccountToken) return undefined;
  const name = pod.spec.serviceAccountName ?? 'default';
  return (await isMissing(client, SERVICE_ACCOUNTS, namespace, name))
    ? `failed to fetch token: serviceaccounts "${name}" not found`
    : undefined;
}

interface Reference {
  readonly optional?: boolean | undefined;
  readonly items?: readonly { readonly key: string }[] | undefined;
}

type KeyHolder = { readonly data?: Readonly<Record<string, string>>; readonly binaryData?: Readonly<Record<string, string>> };

async function missing(
  client: Client,
  type: ResourceType,
  word: string,
  namespace: string,
  name = '',
  { optional, items }: Reference,
): Promise<string | undefined> {
  try {
    const found = (await client.get(type, { namespace, name })) as KeyHolder;
    const absent = items?.find(({ key }) => !Object.hasOwn(found.data ?? {}, key) && !Object.hasOwn(found.binaryData ?? {}, key));
    return absent === undefined || optional
      ? undefined
      : `references non-existent ${word === 'configmap' ? 'config' : 'secret'} key: ${absent.key}`;
  } catch (error) {
    if (!isReason(error, 'NotFound')) throw error;
    return optional ? undefined : `${word} "${name}" not found`;
  }
}

async function isMissing(client: Client, type: ResourceType, namespace: string, name: string): Promise<boolean> {
  try {
    await client.get(type, { namespace, name });
    return false;
  } catch (error) {
    if (isReason(error, 'NotFound')) return true;
    // Older servers do not let nodes read service accounts.
    if (isReason(error, 'Forbidden')) return false;
    throw error;
  }
}
