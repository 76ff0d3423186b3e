// The API server: its parts put together.
import { hostname } from 'node:os';
import type { Service } from '../../openapi/types/core.v1.js';
import { isReason } from '../apimachinery/errors/api-error.js';
import type { KubeObject } from '../apimachinery/object.js';
import { ProtobufCodec } from '../apimachinery/protobuf/codec.js';
import type { ProtobufFacts } from '../apimachinery/protobuf/facts.js';
import { compileSchemas } from '../apimachinery/schema/compile.js';
import type { Client } from '../client/client.js';
import { errorText, type Logger } from '../client/logger.js';
import type { Clock } from '../clock/clock.js';
import type { Random } from '../clock/random.js';
import { createRegistry, loadFacts, type Registry } from '../registry/index.js';
import { schemaSourceOf } from '../registry/facts.js';
import type { UserInfo } from '../registry/kind.js';
import type { Store } from '../storage/store.js';
import { AdmissionChain } from './admission/chain.js';
import { namespaceLifecycle } from './admission/namespace-lifecycle.js';
import { taintNodesByCondition } from './admission/node-taint.js';
import { defaultTolerationSeconds, priority, serviceAccount } from './admission/pod-defaults.js';
import { createAuthenticator, type TokenAuthenticator } from './authentication/authenticator.js';
import { apiServerUser } from './authentication/groups.js';
import { createAuthorizer } from './authorization/authorizer.js';
import { createNodeAuthorizer } from './authorization/node-authorizer.js';
import { createRbacAuthorizer } from './authorization/rbac-authorizer.js';
import { createRbacIndex } from './authorization/rbac-index.js';
import { controlPlaneDrafts, nodeRules, type ControlPlaneFacts } from './bootstrap/control-plane.js';
import type { ClusterCertificates } from './certificates/cluster-certificates.js';
import type { Core } from './core/core.js';
import { Storages } from './core/resource-storage.js';
import { EventEncoder } from './encoding/bytes.js';
import { createHandler, type ConnectHandler } from './handler.js';
import { createHandlers } from './handlers.js';
import type { Exchange } from './http/exchange.js';
import { listen, type Listener } from './http/listener.js';
import type { ComponentHealth } from './subresources/component-statuses.js';
import { createInProcessClient } from './in-process-client.js';
import { keepRbacIndex } from './authorization/keep-index.js';
import type { Responder } from './respond.js';
import { serveRoutes } from './routes/serve.js';
import { createAllocator } from './services/allocator.js';
import { kubernetesVersion } from './version.js';
import { createServiceAccountTokens, type BoundObject, type BoundObjectLookup } from './serviceaccounts/tokens.js';

export interface ApiServerOptions {
  readonly store: Store<KubeObject>;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly certificates: ClusterCertificates;
  readonly bind: string;
  /** 0 takes a free port. */
  readonly port: number;
  /** Static bearer tokens and whose they are. */
  readonly tokens?: readonly TokenAuthenticator[];
  /** What `componentstatuses` says of the other parts of the control plane; all are well when absent. */
  readonly componentHealth?: ComponentHealth;
  /** Streams to kubelets and services, by `<resource>/<subresource>`. */
  readonly connects?: ReadonlyMap<string, ConnectHandler>;
}

export interface ApiServer {
  readonly registry: Registry;
  readonly port: number;
  /** `https://127.0.0.1:6443`. */
  readonly url: string;
  /** A client in process that acts as this user; `userAgent` names it in managedFields. */
  client(user: UserInfo, userAgent: string): Client;
  stop(): Promise<void>;
}

/** The address that clients on this machine use for a server bound to `bind`. */
export function reachableAddress(bind: string): string {
  if (bind === '0.0.0.0') return '127.0.0.1';
  return bind === '::' ? '::1' : bind;
}

/** Starts an API server: its port is open and a fresh control plane's objects are there when this resolves. */
export async function startApiServer(options: ApiServerOptions): Promise<ApiServer> {
  const { store, clock, random, logger, certificates } = options;
  const facts = loadFacts();
  const schemas = compileSchemas(schemaSourceOf(facts));
  const registry = createRegistry(facts, schemas);
  const storages = new Storages(store, registry, clock);
  const services = createAllocator({ serviceCidr: '10.96.0.0/12', nodePorts: [30000, 32767], random });
  const lookup = boundObjects(registry, storages);
  const tokens = createServiceAccountTokens({ clock, random, keys: certificates.serviceAccount, lookup });
  const tokenAuthenticators = [tokens, ...(options.tokens ?? [])];
  const rbac = createRbacIndex();
  const fresh = facts.file('fresh-control-plane.json') as ControlPlaneFacts;
  const authorizer = createAuthorizer([createNodeAuthorizer(nodeRules(fresh)), createRbacAuthorizer(rbac)]);
  const admission = new AdmissionChain([
    namespaceLifecycle(registry, storages),
    serviceAccount(registry, storages, random),
    defaultTolerationSeconds,
    priority(registry, storages),
    taintNodesByCondition,
  ]);
  const core: Core = {
    registry,
    schemaFor: (definition) => schemas.schemaFor(definition),
    storages,
    clock,
    random,
    admission,
    services,
    handlers: createHandlers({
      authorizer,
      rbac,
      tokens,
      tokenAuthenticators,
      lookup,
      componentHealth: options.componentHealth ?? (() => ({ healthy: true, message: 'ok' })),
    }),
  };

  const protobuf = new ProtobufCodec({
    facts: () => facts.file('protobuf.json') as ProtobufFacts,
    schemaFor: (definition) => schemas.schemaFor(definition),
  });
  const responder: Responder = { clock, events: new EventEncoder(), protobuf, open: new Set() };
  const unexpected = (error: unknown, path: string): void =>
    logger.error('a request failed by an error of the server', {
      path,
      error: errorText(error),
      stack: error instanceof Error ? error.stack : undefined,
    });
  let listener: Listener | undefined = undefined;
  const routes = serveRoutes({
    registry,
    facts,
    version: kubernetesVersion,
    serverAddress: () => `${reachableAddress(options.bind)}:${listener?.port ?? options.port}`,
    issuer: tokens.issuer,
    serviceAccountKey: async () => (await certificates.serviceAccount).publicKey,
    clock,
    unexpected,
  });
  const handle = createHandler({
    core,
    authenticator: createAuthenticator({ tokens: tokenAuthenticators }),
    authorizer,
    responder,
    connects: options.connects ?? new Map(),
    routes: (exchange: Exchange, user) => routes(exchange, user),
    unexpected,
  });

  listener = await listen(
    {
      bind: options.bind,
      port: options.port,
      certificate: certificates.server.certificate,
      key: certificates.server.key,
      clientCa: certificates.ca.certificate,
    },
    handle,
  );
  const { port } = listener;
  const client = (user: UserInfo, userAgent: string): Client => createInProcessClient(core, user, userAgent);
  try {
    await adoptServices(registry, storages, services);
    const address = reachableAddress(options.bind);
    const drafts = controlPlaneDrafts({
      facts: fresh,
      address,
      port,
      ca: certificates.ca.certificate,
      hostname: hostname(),
      now: clock.now(),
      uid: random.uid(),
    });
    const own = client(apiServerUser, 'kube-apiserver/v1.36.3');
    for (const { group, version, resource, draft } of drafts) {
      const kind = registry.byResource(group, version, resource);
      if (kind === undefined) continue;
      await own.create({ group, version, resource, kind: kind.kind, namespaced: kind.namespaced }, draft).catch((error: unknown) => {
        // A store that is not empty keeps what it holds.
        if (!isReason(error, 'AlreadyExists')) throw error;
      });
    }
    await keepRbacIndex(registry, storages, rbac, logger);
  } catch (error) {
    await listener.close();
    throw error;
  }

  const host = reachableAddress(options.bind);
  return {
    registry,
    port,
    url: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
    client,
    stop: async () => {
      for (const end of [...responder.open]) end();
      await listener?.close();
    },
  };
}

/** Addresses and ports that stored services hold already. */
async function adoptServices(registry: Registry, storages: Storages, services: ReturnType<typeof createAllocator>): Promise<void> {
  const { cache } = storages.of(registry.byResource('', 'v1', 'services')!);
  await cache.fresh();
  for (const { value } of cache.list().entries) {
    const { spec } = value as Service;
    services.adopt(
      spec.clusterIPs ?? [],
      (spec.ports ?? []).flatMap(({ nodePort }) => (nodePort === undefined ? [] : [nodePort])),
    );
  }
}

const boundResources = { ServiceAccount: 'serviceaccounts', Pod: 'pods', Secret: 'secrets', Node: 'nodes' } as const;

function boundObjects(registry: Registry, storages: Storages): BoundObjectLookup {
  return async (kind, namespace, name): Promise<BoundObject | undefined> => {
    const entry = await storages.of(registry.byResource('', 'v1', boundResources[kind])!).get(namespace, name);
    return entry?.value.metadata;
  };
}
