// Reads what a test needs from a kubeconfig.
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { Target } from '../parity/exchange.js';

interface Kubeconfig {
  readonly clusters: readonly { readonly cluster: Readonly<Record<string, string | boolean>> }[];
  readonly users: readonly { readonly user: Readonly<Record<string, string>> }[];
}

/** The first cluster and user of a kubeconfig, data or files. */
export function targetOf(kubeconfig: string): Target {
  const { clusters, users } = parse(kubeconfig) as Kubeconfig;
  const { cluster } = clusters[0]!;
  const { user } = users[0]!;
  const read = (from: Readonly<Record<string, unknown>>, name: string): string | undefined => {
    const data = from[`${name}-data`];
    if (typeof data === 'string') return Buffer.from(data, 'base64').toString();
    const file = from[name];
    return typeof file === 'string' ? readFileSync(file, 'utf8') : undefined;
  };
  const ca = read(cluster, 'certificate-authority');
  return {
    url: String(cluster['server']),
    cert: read(user, 'client-certificate')!,
    key: read(user, 'client-key')!,
    ...(ca === undefined ? {} : { ca }),
  };
}
