// Gives exchanges that are no resource requests to the Express application, which is loaded when the first one comes.
import type { Clock } from '../../clock/clock.js';
import type { Facts, Registry } from '../../registry/index.js';
import type { UserInfo } from '../../registry/kind.js';
import type { Aggregation } from '../aggregation/index.js';
import type { Exchange } from '../http/exchange.js';
import type { AroundOptions } from './around.js';
import type { Routes } from './express-app.js';
import type { ServerState } from './health.js';

export interface ServeRoutesOptions {
  readonly registry: Registry;
  readonly aggregation: Pick<Aggregation, 'discovery' | 'openapi'>;
  readonly facts: Facts;
  /** `v1.36.3`. */
  readonly version: string;
  /** Host and port as clients reach the server. */
  readonly serverAddress: () => string;
  readonly issuer: string;
  /** PEM of the key that service account tokens are checked with. */
  readonly serviceAccountKey: () => Promise<string>;
  readonly clock: Clock;
  /** Health, metrics and the like; what of it is known here is filled in here. */
  readonly around: Omit<AroundOptions, 'registry' | 'health'> & { readonly state: ServerState };
  readonly unexpected: (error: unknown, path: string) => void;
}

/** The function's promise resolves when the exchange has been handed over, or answered. */
export function serveRoutes(options: ServeRoutesOptions): (exchange: Exchange, user: UserInfo) => Promise<void> {
  let loading: Promise<Routes> | undefined;
  return (exchange, user) => {
    loading ??= load(options);
    return loading.then(
      (routes) => {
        const { request, response } = exchange.nodeObjects();
        routes(request, response, user);
      },
      (error: unknown) => {
        options.unexpected(error, exchange.path);
        exchange.respond(500, { 'Content-Type': 'text/plain; charset=utf-8' }, [Buffer.from('Internal Server Error\n')]);
      },
    );
  };
}

async function load({
  registry,
  aggregation,
  facts,
  version,
  serverAddress,
  issuer,
  serviceAccountKey,
  clock,
  around,
  unexpected,
}: ServeRoutesOptions): Promise<Routes> {
  const [
    { createRoutes },
    { createDiscovery },
    { discoveryEncoders },
    { createOpenApi, factsOfFolder },
    { createHealth, serverChecks },
    openid,
  ] = await Promise.all([
    import('./express-app.js'),
    import('../discovery/index.js'),
    import('../discovery/encoders.js'),
    import('../openapi/index.js'),
    import('./health.js'),
    import('../serviceaccounts/discovery.js'),
  ]);
  return createRoutes({
    discovery: createDiscovery({ registry: aggregation.discovery, serverAddress, encoders: discoveryEncoders }),
    openapi: createOpenApi({ registry, facts: factsOfFolder(facts.folder), version, clock, others: aggregation.openapi }),
    around: { ...around, registry: aggregation.discovery, health: createHealth(serverChecks(around.state)) },
    version: versionInfo(version),
    openid: {
      configuration: () => openid.openidConfiguration(issuer, `https://${serverAddress()}`),
      keys: async () => openid.jsonWebKeySet(await serviceAccountKey()),
    },
    unexpected,
  });
}

/** The body of `/version`, as the real server of this version answers it. */
export function versionInfo(gitVersion: string): Readonly<Record<string, string>> {
  const [major = '', minor = ''] = gitVersion.slice(1).split('.');
  return {
    major,
    minor,
    emulationMajor: major,
    emulationMinor: minor,
    minCompatibilityMajor: major,
    minCompatibilityMinor: String(Number(minor) - 1),
    gitVersion,
    gitCommit: 'kubedouble',
    gitTreeState: 'clean',
    buildDate: '1970-01-01T00:00:00Z',
    goVersion: 'none',
    compiler: 'node',
    platform: `${process.platform}/${process.arch === 'x64' ? 'amd64' : process.arch}`,
  };
}
