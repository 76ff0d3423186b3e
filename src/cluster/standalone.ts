// One part of a cluster alone, as a client of any API server: our controllers, scheduler or kubelets in place of the real ones.
import { readFile } from 'node:fs/promises';
import { signCertificateRequest } from '../apiserver/certificates/signing.js';
import { signingKey, signToken } from '../apiserver/serviceaccounts/jwt.js';
import type { Client } from '../client/client.js';
import { createHttpClient, type HttpClient } from '../client/kubeconfig/http-client.js';
import { KubeconfigError, loadKubeconfig, type ClientConfig } from '../client/kubeconfig/kubeconfig.js';
import { KubeletEndpoints } from '../client/kubelet-endpoint.js';
import { createLeaderElection } from '../client/leader-election/leader-election.js';
import type { Logger } from '../client/logger.js';
import type { Clock } from '../clock/clock.js';
import type { Random } from '../clock/random.js';
import type { CertificateSigner, TokenSigner } from '../controllers/definition.js';
import { createControllerManager } from '../controllers/index.js';
import { createKubelets } from '../kubelet/index.js';
import { schedulerPart } from './configured-scheduler.js';
import { OptionError } from './options.js';

export type StandaloneName = 'controllers' | 'scheduler' | 'kubelet';

export interface StandaloneOptions {
  /** The file that says which API server, and as whom. */
  readonly kubeconfig: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Waits for the Lease that the real component holds, so that two never work side by side; true when absent. Kubelets need none. */
  readonly leaderElect?: boolean;
  /** Called when the Lease was lost: the part does nothing any more. */
  onLost?(): void;
  /** For the controllers: as in ClusterOptions. */
  readonly controllers?: readonly string[];
  /** For the controllers: the file with the authority that pods are to trust; the kubeconfig's own when absent. */
  readonly rootCaFile?: string;
  /** For the controllers: certificate and key that sign; without them nothing is signed. */
  readonly clusterSigningCertFile?: string;
  readonly clusterSigningKeyFile?: string;
  /** For the controllers: the key of service account tokens; without it no token is put into secrets. */
  readonly serviceAccountPrivateKeyFile?: string;
  /** For the scheduler: as in ClusterOptions. */
  readonly schedulerConfig?: Readonly<Record<string, unknown>>;
  /** For the kubelets: how many nodes (3), and what their names begin with (`node-`). */
  readonly nodes?: number;
  readonly nodePrefix?: string;
}

/** A part that runs alone. */
export interface Standalone {
  readonly server: string;
  /** Stops the part and gives its Lease back; no timer and no connection is left. */
  stop(): Promise<void>;
}

interface Part {
  start(): void | Promise<void>;
  stop(): Promise<void>;
}

/** What cannot work without a key that the options do not name. */
const needsSigner = 'certificatesigningrequest-signing-controller';
const needsTokenKey = 'serviceaccount-token-controller';

/**
 * Starts one part. Resolves when it works, or waits for its Lease. Rejects with OptionError for a kubeconfig or key file that cannot be used,
 * and with the server's ApiError when it does not answer.
 */
export async function startStandalone(name: StandaloneName, options: StandaloneOptions): Promise<Standalone> {
  const config = await loadKubeconfig(options.kubeconfig).catch((error: unknown) => {
    throw error instanceof KubeconfigError ? new OptionError(error.message) : error;
  });
  const clients: HttpClient[] = [];
  const clientFor = async (userAgent: string): Promise<Client> => {
    const client = await createHttpClient({ config, clock: options.clock, userAgent });
    clients.push(client);
    return client;
  };
  const closeAll = async (): Promise<void> => void (await Promise.all(clients.map((client) => client.close())));
  try {
    const part = await makers[name](options, config, clientFor);
    const election = name === 'kubelet' || options.leaderElect === false ? undefined : await electionOf(name, options, part, clientFor);
    if (election === undefined) await part.start();
    else election.start();
    return {
      server: config.server,
      async stop() {
        await part.stop();
        await election?.stop();
        await closeAll();
      },
    };
  } catch (error) {
    await closeAll();
    throw error;
  }
}

type ClientFor = (userAgent: string) => Promise<Client>;
type Maker = (options: StandaloneOptions, config: ClientConfig, clientFor: ClientFor) => Promise<Part>;

const makers: Readonly<Record<StandaloneName, Maker>> = {
  async controllers(options, config, clientFor) {
    const { clock, random, logger } = options;
    const client = await clientFor('kube-controller-manager/v1.36.3 (kubedouble)');
    const signer = await signerOf(options);
    const tokenSigner = await tokenSignerOf(options);
    const asked = options.controllers ?? ['*'];
    return createControllerManager({
      clientFor: () => client,
      clock,
      random,
      logger,
      ca: options.rootCaFile === undefined ? (config.certificateAuthority ?? '') : await fileText(options.rootCaFile),
      signer: signer ?? { sign: () => Promise.reject(new Error('there is no key to sign with')) },
      tokenSigner: tokenSigner ?? { sign: () => Promise.reject(new Error('there is no key to sign with')) },
      clusterDomain: 'cluster.local',
      // What was asked for by name stays: of a name and its opposite the first counts.
      controllers: [
        ...asked,
        ...(signer === undefined ? [`-${needsSigner}`] : []),
        ...(tokenSigner === undefined ? [`-${needsTokenKey}`] : []),
      ],
    });
  },
  async scheduler({ clock, random, logger, schedulerConfig }, _config, clientFor) {
    return schedulerPart(await clientFor('kube-scheduler/v1.36.3 (kubedouble)'), { clock, random, logger }, schedulerConfig);
  },
  async kubelet({ clock, random, logger, nodes = 3, nodePrefix = 'node-' }, _config, clientFor) {
    const client = await clientFor('kubelet/v1.36.3 (kubedouble)');
    return createKubelets({
      count: nodes,
      nameOf: (index) => `${nodePrefix}${index}`,
      clientFor: () => client,
      endpoints: new KubeletEndpoints(),
      clock,
      random,
      logger,
      nodeAddress: '127.0.0.1',
    });
  },
};

const leases: Readonly<Record<Exclude<StandaloneName, 'kubelet'>, string>> = {
  controllers: 'kube-controller-manager',
  scheduler: 'kube-scheduler',
};

/** The part works from the moment that the Lease is won until it is lost; it cannot begin again. */
async function electionOf(
  name: Exclude<StandaloneName, 'kubelet'>,
  options: StandaloneOptions,
  part: Part,
  clientFor: ClientFor,
): Promise<Pick<ReturnType<typeof createLeaderElection>, 'start' | 'stop'>> {
  const { clock, random, logger } = options;
  let stopping = false;
  const election = createLeaderElection({
    client: await clientFor('leader-election'),
    clock,
    random,
    logger,
    namespace: 'kube-system',
    name: leases[name],
    identity: `kubedouble_${random.uid()}`,
    onStartedLeading: () => void part.start(),
    onStoppedLeading: () => {
      if (stopping) return;
      void part.stop();
      options.onLost?.();
    },
  });
  return {
    start: () => election.start(),
    stop: () => {
      stopping = true;
      return election.stop();
    },
  };
}

async function signerOf(options: StandaloneOptions): Promise<CertificateSigner | undefined> {
  const { clusterSigningCertFile, clusterSigningKeyFile, clock, random } = options;
  if (clusterSigningCertFile === undefined && clusterSigningKeyFile === undefined) return undefined;
  if (clusterSigningCertFile === undefined || clusterSigningKeyFile === undefined)
    throw new OptionError('--cluster-signing-cert-file and --cluster-signing-key-file need each other');
  const authority = { certificate: await fileText(clusterSigningCertFile), key: await fileText(clusterSigningKeyFile) };
  return { sign: (request, terms) => signCertificateRequest(authority, request, terms, { clock, random }) };
}

async function tokenSignerOf({ serviceAccountPrivateKeyFile: path }: StandaloneOptions): Promise<TokenSigner | undefined> {
  if (path === undefined) return undefined;
  const pem = await fileText(path);
  try {
    const key = signingKey(pem);
    return { sign: (claims) => Promise.resolve(signToken(claims, key)) };
  } catch {
    throw new OptionError(`the file ${path} is no private key in PEM`);
  }
}

async function fileText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new OptionError(`the file ${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}
