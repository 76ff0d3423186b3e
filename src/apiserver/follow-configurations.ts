// Files of the configuration that are read again when they change.
import { hostname } from 'node:os';
import type { Logger } from '../client/logger.js';
import type { Clock } from '../clock/clock.js';
import type { Authentication } from './authentication/options.js';
import type { ServerAuthorizer } from './authorization/options.js';
import type { MetricsRegistry } from './metrics/registry.js';
import { reloadMetrics } from './metrics/reload-metrics.js';

export interface FollowOptions {
  /** Real time: files are outside the cluster. */
  readonly systemClock: Clock;
  readonly logger: Logger;
  readonly metrics: MetricsRegistry;
}

/** Follows those of authentication and authorization. Returns what ends it. */
export function followConfigurations(
  authentication: Pick<Authentication, 'follow'>,
  authorizers: Pick<ServerAuthorizer, 'follow'>,
  { systemClock, logger, metrics }: FollowOptions,
): readonly (() => void)[] {
  const server = hostname();
  return [
    authentication.follow({ systemClock, logger, count: reloadMetrics(metrics, 'authentication', server) }),
    authorizers.follow({ systemClock, logger, count: reloadMetrics(metrics, 'authorization', server) }),
  ];
}
