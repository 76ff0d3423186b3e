// The composition root: which parts run, in what order they start and stop.
import type { KubeObject } from '../apimachinery/object.js';
import { componentUser, nodeUser, serviceAccountUser } from '../apiserver/authentication/groups.js';
import { loadClusterCertificates, type ClusterCertificates } from '../apiserver/certificates/cluster-certificates.js';
import { kubeconfigFor, writeKubeconfig } from '../apiserver/certificates/kubeconfig.js';
import { signCertificateRequest } from '../apiserver/certificates/signing.js';
import { objectCodec } from '../apiserver/core/resource-storage.js';
import { signingKey, signToken } from '../apiserver/serviceaccounts/jwt.js';
import { reachableAddress, startApiServer, type ApiServer } from '../apiserver/server.js';
import { createUsageBook, type UsageBook } from '../apiserver/metrics-api/index.js';
import { notSimulated } from '../apiserver/subresources/not-simulated.js';
import { podLogs } from '../apiserver/subresources/log.js';
import type { Client } from '../client/client.js';
import { KubeletEndpoints } from '../client/kubelet-endpoint.js';
import { silentLogger, type Logger } from '../client/logger.js';
import type { Clock } from '../clock/clock.js';
import type { Random } from '../clock/random.js';
import { realRandom } from '../clock/random.js';
import { realClock } from '../clock/real-clock.js';
import type { CertificateSigner, TokenSigner } from '../controllers/definition.js';
import { createControllerManager, type ControllerManagerOptions } from '../controllers/index.js';
import { createKubelets, type Kubelets } from '../kubelet/index.js';
import { createMemoryStore } from '../storage/memory/memory-store.js';
import { schedulerPart } from './configured-scheduler.js';
import { listenError } from './listen-error.js';
import { checkOptions, componentNames, OptionError, type ClusterOptions } from './options.js';
import { createNodeControl } from './node-control.js';
import { clusterNodes, type ClusterNodes } from './nodes.js';
import { waitForNodes } from './ready.js';

/** A running cluster. */
export interface Cluster {
  /** `https://127.0.0.1:41234`. */
  readonly url: string;
  readonly port: number;
  /** The kubeconfig of `kubernetes-admin` as YAML, for `KubeConfig.loadFromString` and the like. */
  readonly kubeconfig: string;
  /** Where it was written, when {@link ClusterOptions.kubeconfig} said so. */
  readonly kubeconfigPath: string | undefined;
  /** A client in process, as `kubernetes-admin`. */
  readonly client: Client;
  /** The names of the worker nodes; `nodes.stop(name)` and the like turn them off and on. */
  readonly nodes: ClusterNodes;
  /** What the containers of simulated pods use, as `kubectl top` and autoscalers see it. */
  readonly usage: UsageBook;
  /** Stops every part; no timer and no socket is left. Idempotent. */
  stop(): Promise<void>;
}

/** A part that runs beside the API server. */
interface Part {
  start(): void | Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts a cluster: the API server answers and the nodes are Ready when this resolves.
 * Rejects with OptionError for a wrong option or a port that cannot be had, CertificateError for a certificate folder that cannot be used.
 */
export async function startCluster(options: ClusterOptions = {}): Promise<Cluster> {
  checkOptions(options);
  const { nodes = 3, port = 0, bind = '127.0.0.1', clock = realClock(), random = realRandom(), logger = silentLogger } = options;
  const names = options.components ?? componentNames;
  const certificates = await loadClusterCertificates({
    // Clients judge certificates by their own clocks, whatever time the cluster has.
    clock: realClock(),
    random,
    bindAddress: bind,
    ...(options.certDir === undefined ? {} : { folder: options.certDir }),
    ...(options.extraNames === undefined ? {} : { extraNames: options.extraNames }),
  });
  const store = createMemoryStore<KubeObject>({ codec: objectCodec, clock, freeze: options.freeze ?? false });
  const endpoints = new KubeletEndpoints();
  const usage = createUsageBook();
  let workers = clusterNodes([], undefined);
  const server = await startApiServer({
    store,
    clock,
    random,
    logger,
    certificates,
    certificateFolder: options.certDir,
    bind,
    port,
    authentication: options,
    authorization: options,
    admission: options,
    aggregation: options,
    audit: options,
    connects: new Map([...notSimulated(), ['pods/log', podLogs(endpoints)]]),
    maxRequestsInflight: options.maxRequestsInflight,
    maxMutatingRequestsInflight: options.maxMutatingRequestsInflight,
    componentHealth: (name) => healthOf(names, name),
    usage: names.includes('kubelet') && nodes > 0 ? usage : undefined,
    control: createNodeControl(() => workers),
  }).catch(async (error: unknown) => {
    await store.close();
    throw listenError(error, bind, port);
  });

  const started: Part[] = [];
  const stop = once(async () => {
    for (const part of started.reverse()) await part.stop();
    await server.stop();
    // A key that is still being made would be written after whoever stops has removed its folder.
    await certificates.serviceAccount;
    await store.close();
  });
  try {
    const nodeNames = names.includes('kubelet') ? Array.from({ length: nodes }, (_, index) => `node-${index}`) : [];
    const address = reachableAddress(bind);
    const kubelets = nodeNames.length === 0 ? undefined : kubeletsOf({ server, clock, random, logger, endpoints, nodeNames, address });
    workers = clusterNodes(nodeNames, kubelets);
    for (const part of parts({
      server,
      clock,
      random,
      logger,
      kubelets,
      names,
      ca: certificates.ca.certificate,
      signer: signerOf(certificates, random),
      tokenSigner: tokenSignerOf(certificates),
      controllers: options.controllers,
      loadBalancerPool: options.loadBalancerPool,
      schedulerConfig: options.schedulerConfig,
    })) {
      started.push(part);
      await part.start();
    }
    const kubeconfig = kubeconfigFor({
      server: server.url,
      ca: certificates.ca.certificate,
      clientCertificate: certificates.admin.certificate,
      clientKey: certificates.admin.key,
      name: 'kubedouble',
    });
    if (options.kubeconfig !== undefined) await writeKubeconfig(options.kubeconfig, kubeconfig, random);
    const client = server.client({ name: 'kubernetes-admin', groups: ['kubeadm:cluster-admins', 'system:authenticated'] }, 'kubedouble');
    await waitForNodes(client, nodeNames, clock);
    return { url: server.url, port: server.port, kubeconfig, kubeconfigPath: options.kubeconfig, client, nodes: workers, usage, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

const componentOf: Readonly<Record<string, string>> = { 'controller-manager': 'controllers', scheduler: 'scheduler' };

/** Well, unless it is a part that does not run here. */
function healthOf(running: readonly string[], name: string): { healthy: boolean; message: string } {
  const component = componentOf[name];
  const healthy = component === undefined || running.includes(component);
  return { healthy, message: healthy ? 'ok' : 'it does not run in this process' };
}

interface PartOptions {
  readonly server: ApiServer;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly kubelets: Kubelets | undefined;
  readonly names: readonly string[];
  readonly ca: string;
  readonly signer: CertificateSigner;
  readonly tokenSigner: TokenSigner;
  readonly controllers: readonly string[] | undefined;
  readonly loadBalancerPool: readonly string[] | undefined;
  readonly schedulerConfig: ClusterOptions['schedulerConfig'];
}

/** In the order they start: what others wait for comes first. */
function parts(options: PartOptions): Part[] {
  const { server, clock, random, logger, kubelets, names, ca, signer, tokenSigner, loadBalancerPool } = options;
  const all: Part[] = [];
  if (names.includes('controllers')) {
    const clientFor = (name: string | undefined): Client =>
      server.client(
        name === undefined ? componentUser('system:kube-controller-manager') : serviceAccountUser('kube-system', name),
        'kube-controller-manager/v1.36.3 (kubedouble)',
      );
    const { controllers } = options;
    const shared = { clientFor, clock, random, logger, ca, signer, tokenSigner, clusterDomain: 'cluster.local', loadBalancerPool };
    all.push(controllerPart({ ...shared, ...(controllers === undefined ? {} : { controllers }) }));
  }
  if (names.includes('scheduler')) {
    const client = server.client(componentUser('system:kube-scheduler'), 'kube-scheduler/v1.36.3 (kubedouble)');
    all.push(schedulerPart(client, { clock, random, logger }, options.schedulerConfig));
  }
  if (kubelets !== undefined) all.push(kubelets);
  return all;
}

/** A controller that is not there, or an address pool that is none, is the user's mistake. */
function controllerPart(options: ControllerManagerOptions): Part {
  try {
    return createControllerManager(options);
  } catch (error) {
    throw error instanceof RangeError ? new OptionError(error.message) : error;
  }
}

interface WorkerOptions extends Pick<PartOptions, 'server' | 'clock' | 'random' | 'logger'> {
  readonly endpoints: KubeletEndpoints;
  readonly nodeNames: readonly string[];
  readonly address: string;
}

function kubeletsOf({ server, nodeNames, address, ...shared }: WorkerOptions): Kubelets {
  return createKubelets({
    ...shared,
    count: nodeNames.length,
    nameOf: (index) => nodeNames[index]!,
    clientFor: (node) => server.client(nodeUser(node), 'kubelet/v1.36.3 (kubedouble)'),
    nodeAddress: address,
  });
}

/** The controllers ask for certificates, and never see the key. Clients judge certificates by their own clocks, so the real one signs. */
function signerOf({ ca }: ClusterCertificates, random: Random): CertificateSigner {
  return { sign: (request, terms) => signCertificateRequest(ca, request, terms, { clock: realClock(), random }) };
}

/** Tokens of service accounts that live in secrets; the key may still be being made. */
function tokenSignerOf({ serviceAccount }: ClusterCertificates): TokenSigner {
  return { sign: async (claims) => signToken(claims, signingKey((await serviceAccount).privateKey)) };
}

function once(run: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  return () => (running ??= run());
}
