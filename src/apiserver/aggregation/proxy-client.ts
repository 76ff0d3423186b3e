// Who the server is to other API servers: the certificate of `--proxy-client-cert-file`, or the one that it made itself.
// https://kubernetes.io/docs/tasks/extend-kubernetes/configure-aggregation-layer/#kubernetes-apiserver-client-authentication
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { KeyPair } from '../certificates/cluster-certificates.js';

/** The flags of kube-apiserver of the same names. */
export interface AggregationOptions {
  /** A PEM file: the certificate that is shown to the API servers behind API services. The cluster's own front proxy's when absent. */
  readonly proxyClientCertFile?: string;
  /** A PEM file with its key. */
  readonly proxyClientKeyFile?: string;
}

/** The files cannot be used; `message` is one line that names the options. */
export class AggregationOptionError extends Error {}

/** The key pair of the options, else `own`. Rejects with {@link AggregationOptionError}. */
export async function loadProxyClient(options: AggregationOptions, own: KeyPair): Promise<KeyPair> {
  const { proxyClientCertFile: certificateFile, proxyClientKeyFile: keyFile } = options;
  if (certificateFile === undefined && keyFile === undefined) return own;
  if (certificateFile === undefined || keyFile === undefined)
    throw new AggregationOptionError('--proxy-client-cert-file and --proxy-client-key-file are of use together only');
  const certificate = await read('proxy-client-cert-file', certificateFile);
  const key = await read('proxy-client-key-file', keyFile);
  let fits: boolean;
  try {
    fits = new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key));
  } catch (error) {
    throw new AggregationOptionError(
      `--proxy-client-cert-file ${certificateFile}, --proxy-client-key-file ${keyFile}: ${messageOf(error)}`,
    );
  }
  if (!fits) throw new AggregationOptionError('--proxy-client-key-file: private key does not match public key');
  return { certificate, key };
}

async function read(option: string, path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new AggregationOptionError(`--${option} ${path}: ${messageOf(error)}`);
  }
}

/** Errors of the system are of another realm's Error in some test runners. */
function messageOf(error: unknown): string {
  return (error as Error | undefined)?.message ?? String(error);
}
