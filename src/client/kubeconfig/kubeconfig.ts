// Reads a kubeconfig: where the server is and who asks.
// https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { isRecord } from '../../apimachinery/object.js';

/** What a client needs to reach a server as somebody. */
export interface ClientConfig {
  /** `https://host:port`, perhaps with a path. */
  readonly server: string;
  /** PEM; absent: the system's authorities. */
  readonly certificateAuthority?: string;
  readonly insecureSkipTLSVerify?: boolean;
  /** The name expected in the server's certificate, when it is not the host's. */
  readonly tlsServerName?: string;
  /** PEM. */
  readonly clientCertificate?: string;
  readonly clientKey?: string;
  readonly token?: string;
  /** Read anew once a minute, as tokens of service accounts change. */
  readonly tokenFile?: string;
  readonly username?: string;
  readonly password?: string;
  /** Impersonation. */
  readonly as?: string;
  readonly asGroups?: readonly string[];
  /** The context's namespace. */
  readonly namespace?: string;
}

/** The kubeconfig cannot be used; the message says what to do. */
export class KubeconfigError extends Error {}

type Fields = Readonly<Record<string, unknown>>;

function text(fields: Fields, field: string): string | undefined {
  const value = fields[field];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** The entry of a named list (`clusters`, `users`, `contexts`). */
function entry(config: Fields, list: string, name: string, field: string): Fields {
  const entries: unknown = config[list];
  const found: unknown = Array.isArray(entries) ? entries.find((one) => isRecord(one) && one['name'] === name) : undefined;
  const value = isRecord(found) ? found[field] : undefined;
  if (!isRecord(value)) throw new KubeconfigError(`there is no entry "${name}" in ${list}`);
  return value;
}

/** PEM from `<field>-data` (base64), or from the file that `<field>` names. */
async function pem(fields: Fields, field: string, folder: string): Promise<string | undefined> {
  const data = text(fields, `${field}-data`);
  if (data !== undefined) return Buffer.from(data, 'base64').toString('utf8');
  const path = text(fields, field);
  if (path === undefined) return undefined;
  try {
    return await readFile(resolve(folder, path), 'utf8');
  } catch (error) {
    throw new KubeconfigError(`${field}: ${(error as Error).message}`);
  }
}

/**
 * Reads a kubeconfig from a text.
 * @param folder paths in it are relative to this folder
 * @param context absent: the current context
 * Throws KubeconfigError.
 */
export async function parseKubeconfig(content: string, folder: string, context?: string): Promise<ClientConfig> {
  const { parse, YamlBoundError } = await import('./yaml-library.js');
  let config: unknown;
  try {
    config = parse(content, { version: '1.1', merge: true });
  } catch (error) {
    if (error instanceof YamlBoundError) throw new KubeconfigError(`it ${error.message}`);
    throw new KubeconfigError(`it is no YAML: ${(error as Error).message}`);
  }
  if (!isRecord(config)) throw new KubeconfigError('it is empty');
  const contextName = context ?? text(config, 'current-context');
  if (contextName === undefined) throw new KubeconfigError('it has no current-context: name one');
  const where = entry(config, 'contexts', contextName, 'context');
  const cluster = entry(config, 'clusters', text(where, 'cluster') ?? '', 'cluster');
  const userName = text(where, 'user');
  const user = userName === undefined ? {} : entry(config, 'users', userName, 'user');
  for (const method of ['exec', 'auth-provider']) {
    if (user[method] !== undefined)
      throw new KubeconfigError(`the user "${userName}" has ${method}, which is not supported: use a token or a client certificate`);
  }
  const server = text(cluster, 'server');
  if (server === undefined) throw new KubeconfigError(`the cluster of context "${contextName}" has no server`);
  if (!URL.canParse(server)) throw new KubeconfigError(`the server "${server}" is no URL`);

  const found: Record<keyof ClientConfig, unknown> = {
    server: server.replace(/\/$/, ''),
    certificateAuthority: await pem(cluster, 'certificate-authority', folder),
    insecureSkipTLSVerify: cluster['insecure-skip-tls-verify'] === true ? true : undefined,
    tlsServerName: text(cluster, 'tls-server-name'),
    clientCertificate: await pem(user, 'client-certificate', folder),
    clientKey: await pem(user, 'client-key', folder),
    token: text(user, 'token'),
    tokenFile: user['token'] === undefined && text(user, 'tokenFile') !== undefined ? resolve(folder, text(user, 'tokenFile')!) : undefined,
    username: text(user, 'username'),
    password: text(user, 'password'),
    as: text(user, 'as'),
    asGroups: Array.isArray(user['as-groups']) ? user['as-groups'].map(String) : undefined,
    namespace: text(where, 'namespace'),
  };
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined)) as unknown as ClientConfig;
}

/** Reads a kubeconfig file. Throws KubeconfigError, its message starting with the path. */
export async function loadKubeconfig(path: string, context?: string): Promise<ClientConfig> {
  try {
    return await parseKubeconfig(await readFile(path, 'utf8'), dirname(resolve(path)), context);
  } catch (error) {
    throw new KubeconfigError(`kubeconfig ${path}: ${(error as Error).message}`);
  }
}
