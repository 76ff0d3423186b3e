// The config map in which extension API servers read whom this server believes: put back when it is deleted, and the longer for every authority that comes.
// https://kubernetes.io/docs/tasks/extend-kubernetes/configure-aggregation-layer/#kubernetes-apiserver-client-authentication
import type { ConfigMap } from '../../../openapi/types/core.v1.js';
import { isReason } from '../../apimachinery/errors/api-error.js';
import type { Client } from '../../client/client.js';
import { CONFIG_MAPS } from '../../client/resources.js';
import { errorText, type Logger } from '../../client/logger.js';
import type { Registry } from '../../registry/index.js';
import { certificateBlocks } from '../certificates/pem.js';
import type { Storages } from '../core/resource-storage.js';

export const authenticationMap = { namespace: 'kube-system', name: 'extension-apiserver-authentication' };

export interface AuthenticationMapOptions {
  readonly registry: Registry;
  readonly storages: Storages;
  /** Writes as the API server itself. */
  readonly client: Client;
  readonly logger: Logger;
  /** What it should hold now. */
  readonly data: () => Readonly<Record<string, string>>;
}

/** Keys with authorities in PEM. Of each there may be more in the map than this server knows: other servers' and those of before. */
const bundles: ReadonlySet<string> = new Set(['client-ca-file', 'requestheader-client-ca-file']);
/** How often a write is tried while others write the same map. */
const mostTries = 5;

export interface KeptAuthenticationMap {
  /** What it should hold has changed. */
  readonly publish: () => void;
  /** Idempotent. */
  readonly stop: () => void;
}

/** Resolves when the map is as it should be, and keeps it so until it is stopped. */
export async function keepAuthenticationMap(options: AuthenticationMapOptions): Promise<KeptAuthenticationMap> {
  const { registry, storages, client, logger, data } = options;
  const storage = storages.of(registry.byResource('', 'v1', 'configmaps')!);
  let stopped = false;
  let watching: { stop(): void } | undefined;
  /** One write after the other. */
  let last = Promise.resolve();
  const publish = (): void => {
    last = last
      .then(() => (stopped ? undefined : write(client, data())))
      .catch((error: unknown) => logger.warn('the authorities could not be published', { ...authenticationMap, error: errorText(error) }));
  };
  const follow = async (): Promise<void> => {
    await storage.cache.fresh();
    if (stopped) return;
    const watch = storage.cache.watch(
      { key: storage.key(authenticationMap.namespace, authenticationMap.name) },
      {
        event: ({ type }) => {
          if (type === 'delete') publish();
        },
        end: (error) => {
          if (!stopped && error.code !== 'closed') follow().catch((failure: unknown) => logger.error(errorText(failure)));
        },
      },
    );
    watching = watch;
    publish();
  };
  await follow();
  await last;
  return {
    publish,
    stop: () => {
      stopped = true;
      watching?.stop();
    },
  };
}

async function write(client: Client, wanted: Readonly<Record<string, string>>): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      const stored = await client.get<ConfigMap>(CONFIG_MAPS, authenticationMap);
      const data = { ...stored.data };
      let same = true;
      for (const key of bundles) {
        const merged = merge(data[key], wanted[key]);
        if (merged === data[key]) continue;
        if (merged !== undefined) data[key] = merged;
        same = false;
      }
      if (!same) await client.update(CONFIG_MAPS, { ...stored, data });
      return;
    } catch (error) {
      if (isReason(error, 'NotFound')) {
        const { namespace, name } = authenticationMap;
        const made = await client
          .create(CONFIG_MAPS, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace, name }, data: wanted })
          .catch((other: unknown) => {
            if (!isReason(other, 'AlreadyExists')) throw other;
          });
        if (made !== undefined) return;
      } else if (!isReason(error, 'Conflict')) throw error;
      if (tries >= mostTries) throw error;
    }
  }
}

/** What is there, and of what is wanted what is not. What is there and is no bundle was put there by somebody who may know why. */
function merge(there: string | undefined, wanted: string | undefined): string | undefined {
  if (there === undefined || wanted === undefined) return there ?? wanted;
  const known = certificateBlocks(there);
  if (known.length === 0) return there;
  const more = certificateBlocks(wanted).filter((block) => !known.includes(block));
  return more.length === 0 ? there : `${[...known, ...more].join('\n')}\n`;
}
