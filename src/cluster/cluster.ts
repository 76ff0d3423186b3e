// The composition root: which parts run, in what order they start and stop.
import type { KubeObject } from '../apimachinery/object.js';
import { componentUser, nodeUser, serviceAccountUser } from '../apiserver/authentication/groups.js';
import { loadClusterCertificates, type ClusterCertificates } from '../apiserver/certificates/cluster-certificates.js';
import { kubeconfigFor, writeKubeconfig } from '../apiserver/certificates/kubeconfig.js';
import { signCertificateRequest } from '../apiserver/certificates/signing.js';
import { objectCodec } from '../apiserver/core/resource-storage.js';
import { reachableAddress, startApiServer, type ApiServer } from '../apiserver/server.js';
import { notSimulated } from '../apiserver/subresources/not-simulated.js';
import { podLogs } from '../apiserver/subresources/log.js';
import type { Client } from '../client/client.js';
import { createInformerFactory } from '../client/informer/factory.js';
import { KubeletEndpoints } from '../client/kubelet-endpoint.js';
import { silentLogger, type Logger } from '../client/logger.js';
import type { Clock } from '../clock/clock.js';
import type { Random } from '../clock/random.js';
import { realRandom } from '../clock/random.js';
import { realClock } from '../clock/real-clock.js';
import type { CertificateSigner } from '../controllers/definition.js';
import { createControllerManager } from '../controllers/index.js';
import { createKubelets } from '../kubelet/index.js';
import { createScheduler } from '../scheduler/scheduler.js';
import { createMemoryStore } from '../storage/memory/memory-store.js';
import { listenError } from './listen-error.js';
import { checkOptions, componentNames, type ClusterOptions } from './options.js';
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
  /** The names of the worker nodes. */
  readonly nodes: readonly string[];
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
  const server = await startApiServer({
    store,
    clock,
    random,
    logger,
    certificates,
    bind,
    port,
    connects: new Map([...notSimulated(), ['pods/log', podLogs(endpoints)]]),
    maxRequestsInflight: options.maxRequestsInflight,
    maxMutatingRequestsInflight: options.maxMutatingRequestsInflight,
    componentHealth: (name) => healthOf(names, name),
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
    for (const part of parts({
      server,
      clock,
      random,
      logger,
      endpoints,
      nodeNames,
      names,
      ca: certificates.ca.certificate,
      signer: signerOf(certificates, random),
      address: reachableAddress(bind),
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
    return { url: server.url, port: server.port, kubeconfig, kubeconfigPath: options.kubeconfig, client, nodes: nodeNames, stop };
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
  readonly endpoints: KubeletEndpoints;
  readonly nodeNames: readonly string[];
  readonly names: readonly string[];
  readonly ca: string;
  readonly signer: CertificateSigner;
  readonly address: string;
}

/** In the order they start: what others wait for comes first. */
function parts({ server, clock, random, logger, endpoints, nodeNames, names, ca, signer, address }: PartOptions): Part[] {
  const all: Part[] = [];
  if (names.includes('controllers')) {
    const clientFor = (name: string): Client =>
      server.client(serviceAccountUser('kube-system', name), 'kube-controller-manager/v1.36.3 (kubedouble)');
    all.push(createControllerManager({ clientFor, clock, random, logger, ca, signer, clusterDomain: 'cluster.local' }));
  }
  if (names.includes('scheduler')) {
    const client = server.client(componentUser('system:kube-scheduler'), 'kube-scheduler/v1.36.3 (kubedouble)');
    all.push(schedulerPart(client, clock, random, logger));
  }
  if (nodeNames.length > 0) {
    const clientFor = (node: string): Client => server.client(nodeUser(node), 'kubelet/v1.36.3 (kubedouble)');
    all.push(
      createKubelets({
        count: nodeNames.length,
        nameOf: (index) => nodeNames[index]!,
        clientFor,
        endpoints,
        clock,
        random,
        logger,
        nodeAddress: address,
      }),
    );
  }
  return all;
}

/** The controllers ask for certificates, and never see the key. Clients judge certificates by their own clocks, so the real one signs. */
function signerOf({ ca }: ClusterCertificates, random: Random): CertificateSigner {
  return { sign: (request, terms) => signCertificateRequest(ca, request, terms, { clock: realClock(), random }) };
}

/** The scheduler with informers of its own, as a process of its own would have. */
function schedulerPart(client: Client, clock: Clock, random: Random, logger: Logger): Part {
  const informers = createInformerFactory({ client, clock, random, logger });
  const scheduler = createScheduler({ client, informers, clock, random, logger });
  return {
    start: () => {
      scheduler.start();
      informers.start();
    },
    stop: async () => {
      await scheduler.stop();
      informers.stop();
    },
  };
}

function once(run: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  return () => (running ??= run());
}
