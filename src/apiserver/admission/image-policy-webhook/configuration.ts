// The configuration of ImagePolicyWebhook. https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#imagepolicywebhook
import { resolve } from 'node:path';
import { isRecord } from '../../../apimachinery/object.js';
import { loadKubeconfig, type ClientConfig } from '../../../client/kubeconfig/kubeconfig.js';
import { booleanOf, ConfigurationError, integerOf, textOf } from '../control/decode.js';

export interface ImagePolicy {
  /** Where the reviews are sent. */
  readonly backend: ClientConfig;
  /** Milliseconds for which a yes is remembered. */
  readonly allowTtl: number;
  /** Milliseconds for which a no is remembered. */
  readonly denyTtl: number;
  /** Milliseconds before the first repetition of a question that failed. */
  readonly retryBackoff: number;
  /** Whether pods may be when there is no answer. */
  readonly defaultAllow: boolean;
}

const second = 1000;
const minute = 60 * second;

/** @param folder of the file; a relative kubeConfigFile is in it. Rejects with {@link ConfigurationError}. */
export async function readImagePolicy(value: unknown, folder: string): Promise<ImagePolicy> {
  if (value === undefined || value === null) throw new ConfigurationError('no config specified');
  if (!isRecord(value)) throw new ConfigurationError('it must be a map');
  const fields = value['imagePolicy'] ?? {};
  if (!isRecord(fields)) throw new ConfigurationError('imagePolicy must be a map');
  const retryBackoff = within(integerOf(fields['retryBackoff'], 'imagePolicy.retryBackoff'), 500, 0, 5 * minute, '1ns and 5m0s');
  const allowTtl = ttl(fields, 'allowTTL', 5 * minute);
  const denyTtl = ttl(fields, 'denyTTL', 30 * second);
  const path = textOf(fields['kubeConfigFile'], 'imagePolicy.kubeConfigFile');
  if (path === '') throw new ConfigurationError('invalid configuration: no configuration has been provided: name a kubeConfigFile');
  return {
    backend: await loadKubeconfig(resolve(folder, path)),
    allowTtl,
    denyTtl,
    retryBackoff,
    defaultAllow: booleanOf(fields['defaultAllow'], 'imagePolicy.defaultAllow'),
  };
}

function ttl(fields: Readonly<Record<string, unknown>>, name: string, absent: number): number {
  return within(integerOf(fields[name], `imagePolicy.${name}`) * second, absent, second, 30 * minute, '1s and 30m0s');
}

/** 0 is the default. */
function within(milliseconds: number, absent: number, least: number, most: number, range: string): number {
  if (milliseconds === 0) return absent;
  if (milliseconds >= least && milliseconds <= most) return milliseconds;
  throw new ConfigurationError(`valid value is between ${range}, got ${milliseconds / second}s`);
}
