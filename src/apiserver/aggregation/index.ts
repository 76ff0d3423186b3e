// The aggregation layer: groups and versions that other servers have, under one API.
// https://kubernetes.io/docs/concepts/extend-kubernetes/api-extension/apiserver-aggregation/
import type { APIService } from '../../../openapi/types/apiregistration.v1.js';
import type { KubeObject } from '../../apimachinery/object.js';
import type { Client } from '../../client/client.js';
import type { Logger } from '../../client/logger.js';
import type { Clock } from '../../clock/clock.js';
import type { Registry } from '../../registry/index.js';
import type { Kind, UserInfo } from '../../registry/kind.js';
import type { KeyPair } from '../certificates/cluster-certificates.js';
import type { ResourceStorage, Storages } from '../core/resource-storage.js';
import type { DiscoverySource } from '../discovery/source.js';
import type { OtherDocuments } from '../openapi/index.js';
import type { MetricsRegistry } from '../metrics/registry.js';
import { Counters, Gauges } from '../metrics/series.js';
import type { RequestInfo } from '../request/request-info.js';
import { serviceNameLabel } from '../services/reach.js';
import { ApiServices, type RemoteService } from './api-services.js';
import { Autoregistration } from './autoregistration.js';
import { Availability } from './availability.js';
import { aggregatedClient } from './client.js';
import { mergedDiscovery } from './discovery-source.js';
import { follow } from './follow.js';
import { otherDocuments } from './openapi.js';
import { isOwnMetrics, OwnMetrics } from './own-metrics.js';
import { proxy, type ProxyRequest } from './proxy.js';
import { Documents } from './remote-documents.js';

export interface AggregationOptions {
  readonly registry: Registry;
  readonly storages: Storages;
  readonly clock: Clock;
  /** Real time: the other servers live in it. */
  readonly systemClock: Clock;
  readonly logger: Logger;
  readonly metrics: MetricsRegistry;
  /** What this server proves itself with to the others. */
  readonly proxyClient: KeyPair;
  /** Kinds of metrics that this server has itself, behind an API service. */
  readonly ownMetrics: readonly Kind[];
}

export interface Aggregation {
  readonly discovery: DiscoverySource;
  readonly openapi: OtherDocuments;
  /** The other server that a request is for; undefined when it is for this one. */
  find(info: RequestInfo): RemoteService | undefined;
  /** Sends a request on that its user may make, and the answer back. Never rejects. */
  serve(remote: RemoteService, request: Omit<ProxyRequest, 'clock'>): Promise<void>;
  /** A client that reaches all groups; `local` reaches this server's. */
  client(local: Client, user: UserInfo, userAgent: string): Client;
  /** Resolves when all API services are known; follows them until `stop`. `client` acts as the server itself. */
  start(client: Client): Promise<void>;
  stop(): void;
}

const openapiRoot = '/openapi/v3/';

export function createAggregation(options: AggregationOptions): Aggregation {
  const { registry, storages, clock, systemClock, logger, metrics, ownMetrics } = options;
  const services = new ApiServices(options, (service) => ownMetrics.length > 0 && isOwnMetrics(service));
  const documents = new Documents(services, clock);
  const own = new OwnMetrics(registry, ownMetrics);
  const unavailable = metrics.add(
    new Gauges('aggregator_unavailable_apiservice', '[ALPHA] 1 for each API service that cannot be asked.', ['name']),
  );
  const failures = metrics.add(
    new Counters('aggregator_unavailable_apiservice_total', '[ALPHA] How often API services became unavailable.', ['name', 'reason']),
  );
  /** What ends the loops. */
  const ends: (() => void)[] = [() => documents.stop(), () => services.close()];
  /** The names of API services by `namespace/name` of their service. */
  const behind = new Map<string, Set<string>>();
  let availability: Availability | undefined;
  let autoregistration: Autoregistration | undefined;

  const storageOf = (group: string, resource: string): ResourceStorage => storages.of(registry.byResource(group, 'v1', resource)!);
  const unlink = (service: APIService | undefined): void => {
    const key = keyOf(service);
    const names = behind.get(key);
    names?.delete(service!.metadata.name);
    if (names?.size === 0) behind.delete(key);
  };
  const put = (service: APIService): void => {
    const { name } = service.metadata;
    const before = services.get(name);
    const was = services.remote(name);
    services.put(service);
    own.put(service);
    const is = services.remote(name);
    autoregistration?.changed(name, service);
    unlink(before);
    if (service.spec?.service != null) behind.set(keyOf(service), (behind.get(keyOf(service)) ?? new Set()).add(name));
    if (before === undefined || was?.backend !== is?.backend) availability?.look(name, true);
    if (is === undefined) documents.forget(name);
    else if (was?.backend !== is.backend || (is.available && !was.available)) void documents.read(name);
  };
  const gone = (service: APIService): void => {
    const { name } = service.metadata;
    unlink(services.get(name));
    services.delete(name);
    own.delete(name);
    documents.forget(name);
    availability?.forget(name);
    autoregistration?.changed(name, service);
  };
  /** Something about a service has changed: those whose API services are behind it are looked at. */
  const touched = (namespace: string | undefined, name: string | undefined): void => {
    if (behind.size === 0) return;
    for (const one of behind.get(`${namespace ?? ''}/${name ?? ''}`) ?? []) availability?.look(one, true);
  };
  const named = ({ metadata }: KubeObject): void => touched(metadata.namespace, metadata.name);
  const sliced = ({ metadata }: KubeObject): void => touched(metadata.namespace, metadata.labels?.[serviceNameLabel]);

  return {
    discovery: mergedDiscovery(registry, services, documents),
    openapi: otherDocuments(services, documents),
    find(info) {
      if (info.isResource) return services.find(info.group, info.version);
      const { path } = info;
      if (path.startsWith('/apis/')) return ofPath(services, path);
      if (!path.startsWith(openapiRoot)) return undefined;
      const remote = ofPath(services, `/${path.slice(openapiRoot.length)}`);
      // Only those who say that they have such a document are asked for it.
      return remote === undefined || documents.of(remote)?.openapi?.v3 === undefined ? undefined : remote;
    },
    serve: (remote, request) => proxy(remote, { ...request, clock: systemClock }),
    client: (local, user, userAgent) => aggregatedClient(local, { services, documents, user, userAgent, clock: systemClock }),
    async start(client) {
      await own.install(client);
      availability = new Availability({ services, client, clock, logger, unavailable, failures });
      ends.push(() => availability?.stop());
      ends.push(
        await follow(
          storageOf('apiregistration.k8s.io', 'apiservices'),
          { put: (object) => put(object as APIService), gone: (object) => gone(object as APIService) },
          options,
        ),
      );
      for (const [group, resource, changed] of [
        ['', 'services', named],
        ['', 'endpoints', named],
        ['discovery.k8s.io', 'endpointslices', sliced],
      ] as const) {
        ends.push(await follow(storageOf(group, resource), { put: changed, gone: changed }, options));
      }
      const except = new Set(ownMetrics.map(({ group }) => group));
      autoregistration = new Autoregistration({ registry, services, client, clock, logger, except });
      ends.push(() => autoregistration?.stop());
      // Of definitions that went while this server was down.
      for (const service of services.all()) autoregistration.changed(service.metadata.name, service);
    },
    stop() {
      for (const end of ends.splice(0)) end();
    },
  };
}

function keyOf(service: APIService | undefined): string {
  const { namespace = '', name = '' } = service?.spec?.service ?? {};
  return `${namespace}/${name}`;
}

/** By `/apis/example.com/v1` and what is below it. */
function ofPath(services: ApiServices, path: string): RemoteService | undefined {
  const [, root, group = '', version = ''] = path.split('/', 4);
  return root === 'apis' ? services.find(group, version) : undefined;
}
