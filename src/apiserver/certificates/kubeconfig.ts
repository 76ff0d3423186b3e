// The kubeconfig that clients connect with.
// https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/
import { basename, dirname, join } from 'node:path';
import type { Random } from '../../clock/random.js';
import { explained, makeFolder, replaceFile } from './folder.js';

export interface KubeconfigOptions {
  /** `https://127.0.0.1:6443`. */
  readonly server: string;
  /** PEM of the authority; absent: the system's. */
  readonly ca?: string;
  readonly insecureSkipTLSVerify?: boolean;
  /** PEM; both or neither. */
  readonly clientCertificate?: string;
  readonly clientKey?: string;
  /** A bearer token, instead of a client certificate. */
  readonly token?: string;
  /** The cluster's name; the context is `<user>@<name>`. `kubernetes` when absent. */
  readonly name?: string;
  /** The user's name; `kubernetes-admin` when absent. */
  readonly user?: string;
  /** The context's default namespace. */
  readonly namespace?: string;
}

/** The kubeconfig as YAML, with all data embedded. */
export function kubeconfigFor(options: KubeconfigOptions): string {
  const { name = 'kubernetes', user = 'kubernetes-admin' } = options;
  const context = `${user}@${name}`;
  const credentials = [
    ...(options.clientCertificate === undefined ? [] : [`    client-certificate-data: ${base64(options.clientCertificate)}`]),
    ...(options.clientKey === undefined ? [] : [`    client-key-data: ${base64(options.clientKey)}`]),
    ...(options.token === undefined ? [] : [`    token: ${quoted(options.token)}`]),
  ];
  return [
    'apiVersion: v1',
    'kind: Config',
    'clusters:',
    '- cluster:',
    ...(options.ca === undefined ? [] : [`    certificate-authority-data: ${base64(options.ca)}`]),
    ...(options.insecureSkipTLSVerify === true ? ['    insecure-skip-tls-verify: true'] : []),
    `    server: ${quoted(options.server)}`,
    `  name: ${quoted(name)}`,
    'contexts:',
    '- context:',
    `    cluster: ${quoted(name)}`,
    ...(options.namespace === undefined ? [] : [`    namespace: ${quoted(options.namespace)}`]),
    `    user: ${quoted(user)}`,
    `  name: ${quoted(context)}`,
    `current-context: ${quoted(context)}`,
    'users:',
    `- name: ${quoted(user)}`,
    ...(credentials.length === 0 ? ['  user: {}'] : ['  user:', ...credentials]),
    '',
  ].join('\n');
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

/** A JSON string is a YAML string too, whatever it holds. */
function quoted(text: string): string {
  return JSON.stringify(text);
}

/**
 * Writes a kubeconfig (and makes its folder) all at once, readable by its owner alone. Rejects with `CertificateError`, whose message
 * is one line for the terminal.
 */
export async function writeKubeconfig(path: string, text: string, random: Random): Promise<void> {
  const folder = dirname(path);
  try {
    await makeFolder(folder);
  } catch (error) {
    throw explained(error, 'use', folder);
  }
  await replaceFile(path, join(folder, `.${basename(path)}.${process.pid}.${random.suffix(8)}`), text, 0o600);
}
