// kubedouble user NAME: a kubeconfig for a lesser user of a running cluster, made with nothing but its API.
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { TokenRequest } from '../../../openapi/types/authentication.v1.js';
import { ApiError, isReason } from '../../apimachinery/errors/api-error.js';
import { kubeconfigFor } from '../../apiserver/certificates/kubeconfig.js';
import { makeCertificateRequest } from '../../apiserver/certificates/request.js';
import type { Client } from '../../client/client.js';
import { createHttpClient } from '../../client/kubeconfig/http-client.js';
import { KubeconfigError, loadKubeconfig, type ClientConfig } from '../../client/kubeconfig/kubeconfig.js';
import { CERTIFICATE_SIGNING_REQUESTS, SERVICE_ACCOUNTS } from '../../client/resources.js';
import type { Clock } from '../../clock/clock.js';
import { realRandom, type Random } from '../../clock/random.js';
import { realClock } from '../../clock/real-clock.js';
import { OptionError } from '../../cluster/options.js';
import { ownPackage } from '../package.js';
import { defaultFolder } from '../settings.js';
import type { Terminal } from '../terminal.js';

export interface UserFlags {
  readonly kubeconfig?: string;
  readonly group?: readonly string[];
  readonly serviceAccount?: boolean;
  readonly namespace?: string;
  readonly expirationSeconds?: string;
}

/** What a user shows: a certificate with its key, or a token. */
type Credentials = { readonly clientCertificate: string; readonly clientKey: string } | { readonly token: string };

/** How long the signer may take, in milliseconds. */
const patience = 30_000;
const shortest = 600;
const day = 24 * 3600;

/** Prints the kubeconfig. Rejects with OptionError for what cannot be. */
export async function user(name: string, flags: UserFlags, screen: Terminal): Promise<void> {
  const path = flags.kubeconfig ?? process.env['KUBECONFIG'] ?? ownKubeconfig();
  if (path === undefined) throw new OptionError('say which cluster with --kubeconfig PATH');
  const seconds = secondsOf(flags.expirationSeconds);
  const groups = flags.group ?? [];
  if (flags.serviceAccount === true && groups.length > 0)
    throw new OptionError('a service account has the groups of its namespace: leave --group out');
  const config = await loadKubeconfig(path).catch((error: unknown) => {
    throw error instanceof KubeconfigError ? new OptionError(error.message) : error;
  });
  const clock = realClock();
  const client = await createHttpClient({ config, clock });
  try {
    const namespace = flags.namespace ?? config.namespace;
    const credentials =
      flags.serviceAccount === true
        ? await accountToken(client, namespace ?? 'default', name, seconds)
        : await signedCertificate(client, { name, groups, seconds, clock, random: realRandom() });
    screen.print(kubeconfigOf(config, name, namespace, credentials).trimEnd());
  } catch (error) {
    throw error instanceof ApiError ? new OptionError(error.message) : error;
  } finally {
    await client.close();
  }
}

function kubeconfigOf(config: ClientConfig, name: string, namespace: string | undefined, credentials: Credentials): string {
  const { server, certificateAuthority, insecureSkipTLSVerify } = config;
  return kubeconfigFor({
    server,
    ...(certificateAuthority === undefined ? {} : { ca: certificateAuthority }),
    ...(insecureSkipTLSVerify === undefined ? {} : { insecureSkipTLSVerify }),
    ...(namespace === undefined ? {} : { namespace }),
    name: 'kubedouble',
    user: name,
    ...credentials,
  });
}

/** A token of the account, which is made when it is not there. */
async function accountToken(client: Client, namespace: string, name: string, seconds: number): Promise<Credentials> {
  const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace } };
  try {
    await client.create(SERVICE_ACCOUNTS, account);
  } catch (error) {
    if (!isReason(error, 'AlreadyExists')) throw error;
  }
  const request = {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    metadata: { name, namespace },
    spec: { audiences: [], expirationSeconds: seconds },
  };
  const { status } = await client.create<never, TokenRequest>(SERVICE_ACCOUNTS as never, request, { subresource: 'token' });
  const { token } = status;
  if (token === undefined || token === '') throw new OptionError('the cluster gave no token');
  return { token };
}

interface CertificateTerms {
  readonly name: string;
  readonly groups: readonly string[];
  readonly seconds: number;
  readonly clock: Clock;
  readonly random: Random;
}

/** A certificate that the cluster's own signer signed, by a request that is approved and, in the end, removed. */
async function signedCertificate(client: Client, { name, groups, seconds, clock, random }: CertificateTerms): Promise<Credentials> {
  const { request, key } = await makeCertificateRequest(name, groups);
  const made = await client.create(CERTIFICATE_SIGNING_REQUESTS, {
    apiVersion: 'certificates.k8s.io/v1',
    kind: 'CertificateSigningRequest',
    metadata: { name: `kubedouble-user-${random.suffix(8)}` },
    spec: {
      request: Buffer.from(request).toString('base64'),
      signerName: 'kubernetes.io/kube-apiserver-client',
      usages: ['digital signature', 'client auth'],
      expirationSeconds: seconds,
    },
  });
  try {
    const condition = { type: 'Approved', status: 'True', reason: 'KubedoubleUser', message: 'approved by kubedouble user' };
    await client.update(
      CERTIFICATE_SIGNING_REQUESTS,
      { ...made, status: { ...made.status, conditions: [condition] } },
      { subresource: 'approval' },
    );
    const certificate = await issued(client, made.metadata.name, clock);
    return { clientCertificate: Buffer.from(certificate, 'base64').toString('utf8'), clientKey: key };
  } finally {
    await client.delete(CERTIFICATE_SIGNING_REQUESTS, { name: made.metadata.name }).catch(() => undefined);
  }
}

/** The certificate (base64) as soon as the signer has written it. */
function issued(client: Client, name: string, clock: Clock): Promise<string> {
  return new Promise((resolve, reject) => {
    const done = (run: () => void): void => {
      timer.cancel();
      // The watch itself is known only after its first events.
      queueMicrotask(() => watch.stop());
      run();
    };
    const fail = (why: string): void => done(() => reject(new OptionError(why)));
    const timer = clock.after(patience, () => {
      fail(`the cluster has not signed the certificate in ${patience / 1000} s: does its controller manager run?`);
    });
    // A timer does not keep the program alive; the open watch does.
    const watch = client.watch(
      CERTIFICATE_SIGNING_REQUESTS,
      { fieldSelector: `metadata.name=${name}` },
      {
        event: ({ object: { status } }) => {
          const failed = status?.conditions?.find(({ type }) => type === 'Failed' || type === 'Denied');
          if (status?.certificate !== undefined && status.certificate !== '') done(() => resolve(status.certificate ?? ''));
          else if (failed !== undefined) fail(`the cluster does not sign: ${failed.message ?? failed.reason ?? failed.type}`);
        },
        end: (error) => done(() => reject(error ?? new OptionError('the watch of the certificate request ended'))),
      },
    );
  });
}

function secondsOf(text: string | undefined): number {
  if (text === undefined) return day;
  const seconds = /^\d{1,9}$/.test(text) ? Number(text) : NaN;
  if (!(seconds >= shortest)) throw new OptionError(`--expiration-seconds must be a whole number of at least ${shortest}, not "${text}"`);
  return seconds;
}

/** Where `kubedouble up` writes its kubeconfig unless it is told otherwise. */
function ownKubeconfig(): string | undefined {
  const own = ownPackage();
  const path = join(defaultFolder(own.folder, homedir(), own.isCheckout), 'kubeconfig');
  return existsSync(path) ? path : undefined;
}
