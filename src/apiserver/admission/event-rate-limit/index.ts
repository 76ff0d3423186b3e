// EventRateLimit: no more events than the limits of the server, of a namespace, of a user, or of one source and object allow.
// https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#eventratelimit
import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Event } from '../../../../openapi/types/core.v1.js';
import { ApiError } from '../../../apimachinery/errors/api-error.js';
import type { Clock } from '../../../clock/clock.js';
import type { AdmissionPlugin, AdmissionRequest } from '../chain.js';
import type { EventLimit, EventRateLimit, LimitType } from './configuration.js';
import { TokenBucket } from './token-bucket.js';

/** Longer keys are kept as their digests: whoever writes events chooses what is in them. */
const longestKey = 512;

/** What is counted together by each type of limit. */
const keys: Readonly<Record<LimitType, (request: AdmissionRequest) => string>> = {
  Server: () => '',
  Namespace: ({ namespace }) => namespace,
  User: ({ user }) => user.name,
  SourceAndObject: ({ object }) => {
    const { source, involvedObject: about } = object as unknown as Partial<Event>;
    return [source?.component, source?.host, about?.kind, about?.namespace, about?.name, about?.uid, about?.apiVersion].join('');
  },
};

/** Refuses with 429 events over a limit. Each limit counts each event, also those that another limit refuses; a dry run is not counted. */
export function eventRateLimit({ limits }: EventRateLimit, clock: Clock): AdmissionPlugin {
  const limiters = limits.map((limit) => limiterOf(limit, clock));
  return {
    name: 'EventRateLimit',
    handles: ({ operation, kind, subresource, dryRun }) =>
      kind.resource === 'events' &&
      kind.group === '' &&
      subresource === '' &&
      (operation === 'CREATE' || operation === 'UPDATE') &&
      !dryRun,
    validate: (request) => {
      const reached = limiters.flatMap((take) => take(request) ?? []);
      if (reached.length === 0) return;
      throw new ApiError(429, 'TooManyRequests', `Too many requests: ${reached.length === 1 ? reached[0]! : `[${reached.join(', ')}]`}`);
    },
  };
}

/** Takes a token; says why there is none. */
function limiterOf({ type, qps, burst, cacheSize }: EventLimit, clock: Clock): (request: AdmissionRequest) => string | undefined {
  const keyOf = keys[type];
  const buckets = new LRUCache<string, TokenBucket>({ max: type === 'Server' ? 1 : cacheSize });
  return (request) => {
    const key = keyOf(request);
    const kept = key.length > longestKey ? createHash('sha256').update(key).digest('base64') : key;
    let bucket = buckets.get(kept);
    if (bucket === undefined) buckets.set(kept, (bucket = new TokenBucket(qps, burst, clock.monotonic())));
    return bucket.take(clock.monotonic()) ? undefined : `limit reached on type ${type} for key ${key}`;
  };
}
