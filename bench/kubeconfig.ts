// Reads from a kubeconfig where its current context points and how to prove who asks.
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { parse } from 'yaml';

/** A server to measure, and what a connection to it needs. Certificates and keys are PEM. */
export interface Target {
  /** `https://127.0.0.1:6443`. */
  readonly url: string;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly token?: string;
  /** The kubeconfig says not to check the server's certificate. */
  readonly insecure: boolean;
}

type Entry = Readonly<Record<string, unknown>>;

/** The server of the file's current context. Rejects with an Error of one line for a file that cannot be read or names no server. */
export async function readTarget(path: string): Promise<Target> {
  const file = record(parse(await readFile(path, 'utf8')));
  const context = named(file['contexts'], file['current-context'], 'context');
  const cluster = named(file['clusters'], context['cluster'], 'cluster');
  const user = named(file['users'], context['user'], 'user');
  const url = cluster['server'];
  if (typeof url !== 'string' || !url.startsWith('https://')) throw new Error(`${path} names no https server in its current context`);
  const pem = async (from: Entry, name: string): Promise<Record<string, string>> => {
    const key = { 'certificate-authority': 'ca', 'client-certificate': 'cert', 'client-key': 'key' }[name]!;
    const data = from[`${name}-data`];
    if (typeof data === 'string') return { [key]: Buffer.from(data, 'base64').toString() };
    const other = from[name];
    return typeof other === 'string' ? { [key]: await readFile(resolve(dirname(path), other), 'utf8') } : {};
  };
  return {
    url,
    insecure: cluster['insecure-skip-tls-verify'] === true,
    ...(await pem(cluster, 'certificate-authority')),
    ...(await pem(user, 'client-certificate')),
    ...(await pem(user, 'client-key')),
    ...(typeof user['token'] === 'string' ? { token: user['token'] } : {}),
  };
}

function record(value: unknown): Entry {
  return typeof value === 'object' && value !== null ? (value as Entry) : {};
}

/** The body of the entry of that name: `{name: …, cluster: {…}}`. */
function named(list: unknown, name: unknown, kind: string): Entry {
  const entry = (Array.isArray(list) ? list : []).map(record).find((one) => one['name'] === name);
  return record(entry?.[kind]);
}
