// The API server: its parts put together.
import { hostname } from 'node:os';
import { isReason } from '../apimachinery/errors/api-error.js';
import type { KubeObject } from '../apimachinery/object.js';
import { ProtobufCodec } from '../apimachinery/protobuf/codec.js';
import type { ProtobufFacts } from '../apimachinery/protobuf/facts.js';
import { compileSchemas } from '../apimachinery/schema/compile.js';
import type { SchemaNode } from '../apimachinery/schema/node.js';
import type { Client } from '../client/client.js';
import { SECRETS } from '../client/resources.js';
import { errorText, type Logger } from '../client/logger.js';
import type { Clock } from '../clock/clock.js';
import { realClock } from '../clock/real-clock.js';
import type { Random } from '../clock/random.js';
import { createRegistry, loadFacts, type Registry } from '../registry/index.js';
import { schemaSourceOf } from '../registry/facts.js';
import type { UserInfo } from '../registry/kind.js';
import type { Store } from '../storage/store.js';
import { AdmissionChain } from './admission/chain.js';
import { createAggregation } from './aggregation/index.js';
import { loadProxyClient, type AggregationOptions } from './aggregation/proxy-client.js';
import { loadAdmission, type AdmissionFlags } from './admission/control/options.js';
import { admissionPlugins } from './admission/plugins.js';
import { loadAudit, type AuditOptions } from './audit/options.js';
import { createAuthenticator, type TokenAuthenticator } from './authentication/authenticator.js';
import { loadAuthentication, type AuthenticationOptions } from './authentication/options.js';
import { apiServerUser } from './authentication/groups.js';
import { authorizationPlugins } from './authorization/plugins.js';
import { loadAuthorization, type AuthorizationOptions } from './authorization/options.js';
import { createRbacIndex } from './authorization/rbac-index.js';
import type { Secret, ServiceAccount } from '../../openapi/types/core.v1.js';
import type { Lease } from '../../openapi/types/coordination.v1.js';
import { keepAuthenticationMap } from './bootstrap/authentication-map.js';
import { keepIdentityLease } from './bootstrap/identity-lease.js';
import { controlPlaneDrafts, nodeRules, type ControlPlaneFacts } from './bootstrap/control-plane.js';
import type { ClusterCertificates } from './certificates/cluster-certificates.js';
import { followCertificates, trusted } from './certificates/follow.js';
import type { Core } from './core/core.js';
import { keepCustomResources } from './customresources/keeper.js';
import { refuseWhileTerminating } from './customresources/terminating.js';
import { Storages } from './core/resource-storage.js';
import { EventEncoder } from './encoding/bytes.js';
import { keepFlowControl } from './flowcontrol/keeper.js';
import { createHandler, type ConnectHandler } from './handler.js';
import { createHandlers } from './handlers.js';
import type { Exchange } from './http/exchange.js';
import { listen, type Listener } from './http/listener.js';
import type { ComponentHealth } from './subresources/component-statuses.js';
import { createInProcessClient } from './in-process-client.js';
import { AdmissionMetrics } from './metrics/admission-metrics.js';
import { ruleMetrics } from './metrics/rule-metrics.js';
import { metricsHandlers, metricsKinds, type UsageReader } from './metrics-api/index.js';
import { createAround, type InflightLimits } from './lifecycle/around.js';
import type { Responder } from './respond.js';
import { serveRoutes, versionInfo } from './routes/serve.js';
import { createAllocator } from './services/allocator.js';
import { repairAddresses } from './services/repair.js';
import { adoptServices, serviceAddresses } from './services/stored.js';
import { kubernetesVersion } from './version.js';
import { followConfigurations } from './follow-configurations.js';
import { createLegacyTokens } from './serviceaccounts/legacy-tokens.js';
import { createServiceAccountTokens, defaultIssuer, type BoundObject, type BoundObjectLookup } from './serviceaccounts/tokens.js';

export interface ApiServerOptions extends InflightLimits {
  readonly store: Store<KubeObject>;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly certificates: ClusterCertificates;
  /** Where they lie, when they are to be followed. */
  readonly certificateFolder?: string | undefined;
  readonly bind: string;
  /** 0 takes a free port. */
  readonly port: number;
  /** More ways to check bearer tokens. */
  readonly tokens?: readonly TokenAuthenticator[];
  /** How users are told apart beside certificates and service accounts. */
  readonly authentication?: AuthenticationOptions;
  /** Who decides who may do what; Node and RBAC when absent. */
  readonly authorization?: AuthorizationOptions;
  /** Which admission plugins run, and how; those on by default when absent. */
  readonly admission?: AdmissionFlags;
  /** Who the server is to the API servers behind API services. */
  readonly aggregation?: AggregationOptions;
  /** What is audited, and where to. */
  readonly audit?: AuditOptions;
  /** What `componentstatuses` says of the other parts of the control plane; all are well when absent. */
  readonly componentHealth?: ComponentHealth;
  /** Real time, in which requests run out of time and wait for their turn; the system's when absent. */
  readonly systemClock?: Clock;
  /** What simulated pods use, to be served as metrics.k8s.io; the group is not there when absent. */
  readonly usage?: UsageReader | undefined;
  /** Streams to kubelets and services, by `<resource>/<subresource>`. */
  readonly connects?: ReadonlyMap<string, ConnectHandler>;
  /** Serves paths that are no API, to whom RBAC lets; undefined for a path that it does not know. Rejects with ApiError. */
  readonly control?: (exchange: Exchange, path: string) => Promise<void> | undefined;
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
  const authentication = await loadAuthentication(
    options.authentication ?? {},
    certificates.ca.certificate,
    [defaultIssuer],
    certificates.frontProxy.authority,
  );
  const authorization = await loadAuthorization(options.authorization ?? {});
  const control = await loadAdmission(options.admission ?? {});
  const proxyClient = await loadProxyClient(options.aggregation ?? {}, certificates.frontProxy.client);
  const facts = loadFacts();
  const schemas = compileSchemas(schemaSourceOf(facts));
  const registry = createRegistry(facts, schemas);
  const systemClock = options.systemClock ?? realClock();
  const version = versionInfo(kubernetesVersion);
  const around = createAround({ ...options, registry, store, random, clock: systemClock, version });
  const { metrics, flowControl } = around;
  const audit = await loadAudit(options.audit ?? {}, { clock, systemClock, random, logger, metrics: metrics.registry });
  const storages = new Storages(around.store, registry, clock);
  const lifecycle = around.lifecycle(storages);
  const services = createAllocator({
    nodePorts: [30000, 32767],
    random,
    client: () => own,
    ...serviceAddresses(registry, storages),
  });
  const lookup = boundObjects(registry, storages);
  const tokens = createServiceAccountTokens({ clock, random, keys: certificates.serviceAccount, lookup });
  const secrets = registry.byResource('', 'v1', 'secrets')!;
  const secret = async (namespace: string, name: string): Promise<Secret | undefined> =>
    (await storages.of(secrets).get(namespace, name))?.value;
  const { audiences } = tokens;
  const used = (namespace: string, name: string, day: string): void => {
    own
      .patch(SECRETS, { namespace, name }, 'merge', { metadata: { labels: { 'kubernetes.io/legacy-token-last-used': day } } })
      .catch((error: unknown) => logger.debug('the use of a token could not be noted', { namespace, name, error: errorText(error) }));
  };
  const accounts = registry.byResource('', 'v1', 'serviceaccounts')!;
  const isReferenced = async (namespace: string, account: string, name: string): Promise<boolean> => {
    const found: ServiceAccount | undefined = (await storages.of(accounts).get(namespace, account))?.value;
    return found?.secrets?.some((one) => one.name === name) === true;
  };
  const tokenAuthenticators = [
    tokens,
    createLegacyTokens({ clock, keys: certificates.serviceAccount, lookup, audiences, secret, used, isReferenced }),
    ...(options.tokens ?? []),
    ...authentication.tokens({ clock, systemClock, audiences, secret }),
  ];
  const rbac = createRbacIndex();
  const fresh = facts.file('fresh-control-plane.json') as ControlPlaneFacts;
  const authorizers = authorization({ rbac, nodeRules: nodeRules(fresh), systemClock });
  const { authorizer } = authorizers;
  const admission = new AdmissionChain([
    refuseWhileTerminating,
    ...admissionPlugins({
      registry,
      storages,
      clock,
      random,
      systemClock,
      authorizer,
      metrics: new AdmissionMetrics(metrics.registry, () => systemClock.monotonic()),
      client: () => own,
      control,
      policies: authorizationPlugins({ authorizer, index: rbac, registry, storages }),
    }),
  ]);
  const core: Core = {
    registry,
    schemaFor: (definition) => schemas.schemaFor(definition),
    storages,
    clock,
    random,
    admission,
    services,
    audit: audit?.inProcess(authorizer, () => responder),
    handlers: new Map([
      ...createHandlers({
        authorizer,
        tokens,
        tokenAuthenticators,
        lookup,
        componentHealth: options.componentHealth ?? (() => ({ healthy: true, message: 'ok' })),
      }),
      ...(options.usage === undefined ? [] : metricsHandlers(options.usage)),
    ]),
  };

  const own = createInProcessClient(core, apiServerUser, 'kube-apiserver/v1.36.3');
  const meta = (): SchemaNode => schemas.schemaFor('io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta');
  const aggregation = createAggregation({
    registry,
    storages,
    clock,
    systemClock,
    logger,
    metrics: metrics.registry,
    proxyClient,
    ownMetrics: options.usage === undefined ? [] : metricsKinds(meta),
  });

  const protobuf = new ProtobufCodec({
    facts: () => facts.file('protobuf.json') as ProtobufFacts,
    schemaFor: (definition) => schemas.schemaFor(definition),
  });
  const responder: Responder = { clock, events: new EventEncoder(), protobuf, open: new Set(), watches: metrics.watches };
  const unexpected = (error: unknown, path: string): void =>
    logger.error('a request failed by an error of the server', {
      path,
      error: errorText(error),
      stack: error instanceof Error ? error.stack : undefined,
    });
  const state = { started: false, stopping: false };
  let listener: Listener | undefined = undefined;
  const routes = serveRoutes({
    registry,
    aggregation,
    facts,
    version: kubernetesVersion,
    serverAddress: () => `${reachableAddress(options.bind)}:${listener?.port ?? options.port}`,
    issuer: tokens.issuer,
    serviceAccountKey: async () => (await certificates.serviceAccount).publicKey,
    clock,
    around: {
      metrics,
      flowControl,
      clock: systemClock,
      status: { version: kubernetesVersion, started: around.started, flags: around.flags },
      state,
    },
    unexpected,
  });
  const handle = createHandler({
    core,
    authenticator: createAuthenticator({
      tokens: tokenAuthenticators,
      anonymous: authentication.anonymous,
      requestHeader: authentication.requestHeader,
    }),
    authorizer,
    responder,
    connects: options.connects ?? new Map(),
    lifecycle,
    metrics,
    aggregation,
    audit: audit?.begin,
    now: () => systemClock.monotonic(),
    routes: (exchange: Exchange, user) => options.control?.(exchange, exchange.path) ?? routes(exchange, user),
    unexpected,
  });

  listener = await listen(
    {
      bind: options.bind,
      port: options.port,
      certificate: certificates.server.certificate,
      key: certificates.server.key,
      clientCa: trusted(authentication),
      clock,
    },
    handle,
  ).catch((error: unknown) => {
    lifecycle.stop();
    throw error;
  });
  const { port } = listener;
  let keeping: { stop(): void } | undefined = undefined;
  const client = (user: UserInfo, userAgent: string): Client =>
    aggregation.client(createInProcessClient(core, user, userAgent), user, userAgent);
  /** What ends the server's own loops. */
  const loops: (() => void)[] = [];
  try {
    await adoptServices(registry, storages, services);
    const address = reachableAddress(options.bind);
    const drafts = controlPlaneDrafts({
      facts: fresh,
      address,
      port,
      ca: certificates.ca.certificate,
      requestHeader: authentication.published(),
      hostname: hostname(),
      now: clock.now(),
      uid: random.uid(),
    });
    for (const { group, version, resource, draft, manager, statusManager } of drafts) {
      const kind = registry.byResource(group, version, resource);
      if (kind === undefined) continue;
      const type = { group, version, resource, kind: kind.kind, namespaced: kind.namespaced };
      try {
        await own.create(type, draft, manager === undefined ? {} : { fieldManager: manager });
        if (statusManager === undefined) continue;
        const { kind: kindName, apiVersion, metadata, status } = draft;
        const name = metadata?.name ?? '';
        const config = { kind: kindName, apiVersion, metadata: { name }, status };
        await own.patch(type, { name }, 'apply', config, { subresource: 'status', fieldManager: statusManager, force: true });
      } catch (error) {
        // A store that is not empty keeps what it holds; what admission refuses is not there, as on a real server.
        if (isReason(error, 'Forbidden')) logger.warn('an object of the control plane was refused', { resource, error: errorText(error) });
        else if (!isReason(error, 'AlreadyExists')) throw error;
      }
    }
    await authorizers.keep(registry, storages, logger);
    const data = (): Record<string, string> => ({ 'client-ca-file': authentication.authorities.pem, ...authentication.published() });
    const authorities = await keepAuthenticationMap({ registry, storages, client: own, logger, data });
    const files = { folder: options.certificateFolder, certificates, authentication, listener, systemClock, logger };
    loops.push(authorities.stop, followCertificates({ ...files, changed: authorities.publish }));
    loops.push(...followConfigurations(authentication, authorizers, { systemClock, logger, metrics: metrics.registry }));
    loops.push(await repairAddresses({ registry, storages, clock, client: own, logger }));
    const lease = drafts.find(({ resource }) => resource === 'leases')?.draft;
    if (lease !== undefined) loops.push(keepIdentityLease({ client: own, clock, logger, lease: lease as unknown as Lease }));
    keeping = await keepFlowControl({ registry, storages, flowControl, client: own, clock, logger, bootstrap: drafts });
    const timing = ruleMetrics(metrics.registry, () => systemClock.monotonic());
    loops.push(await keepCustomResources({ registry, storages, client: own, clock, random, logger, meta, timing }));
    await aggregation.start(own);
    state.started = true;
  } catch (error) {
    lifecycle.stop();
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
      state.stopping = true;
      keeping?.stop();
      lifecycle.stop();
      for (const end of loops) end();
      aggregation.stop();
      for (const end of [...responder.open]) end();
      await listener?.close();
      await audit?.auditor.stop();
    },
  };
}

const boundResources = { ServiceAccount: 'serviceaccounts', Pod: 'pods', Secret: 'secrets', Node: 'nodes' } as const;

function boundObjects(registry: Registry, storages: Storages): BoundObjectLookup {
  return async (kind, namespace, name): Promise<BoundObject | undefined> => {
    const entry = await storages.of(registry.byResource('', 'v1', boundResources[kind])!).get(namespace, name);
    return entry?.value.metadata;
  };
}
