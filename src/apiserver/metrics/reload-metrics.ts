// How often configuration files were read again, under the names of the real server.
import { createHash } from 'node:crypto';
import type { MetricsRegistry } from './registry.js';
import { Counters } from './series.js';

/** Counts a file that was read again: whether it could be used. */
export type CountReload = (status: 'success' | 'failure') => void;

/** @param what `authentication` or `authorization`. @param server what tells this server from others. */
export function reloadMetrics(registry: MetricsRegistry, what: 'authentication' | 'authorization', server: string): CountReload {
  const hash = `sha256:${createHash('sha256').update(server).digest('hex')}`;
  const name = `apiserver_${what}_config_controller_automatic_reloads_total`;
  const counters = registry.add(
    new Counters(name, `[BETA] How often the file of --${what}-config was read again, by whether it could be used.`, [
      'apiserver_id_hash',
      'status',
    ]),
  );
  return (status) => counters.with(hash, status).add();
}
