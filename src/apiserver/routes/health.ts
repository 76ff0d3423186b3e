// `/healthz`, `/livez` and `/readyz`: whole, verbose and check by check. https://kubernetes.io/docs/reference/using-api/health-checks/

export interface HealthAnswer {
  readonly status: number;
  readonly text: string;
}

export const healthEndpoints = ['healthz', 'livez', 'readyz'] as const;

export type HealthEndpoint = (typeof healthEndpoints)[number];

export interface HealthCheck {
  readonly name: string;
  /** The endpoints that ask for it; all when absent. */
  readonly endpoints?: readonly HealthEndpoint[];
  /** undefined when all is well, else what is wrong. */
  readonly check: () => string | undefined;
}

export interface HealthQuestion {
  readonly verbose: boolean;
  /** Names of checks that do not count. */
  readonly exclude: readonly string[];
}

export interface Health {
  /** All checks of an endpoint. */
  all(endpoint: HealthEndpoint, question: HealthQuestion): HealthAnswer;
  /** One check; undefined when the endpoint has none of that name. */
  one(endpoint: HealthEndpoint, name: string): HealthAnswer | undefined;
  /** Names of an endpoint's checks, in their order. */
  names(endpoint: HealthEndpoint): readonly string[];
}

export function createHealth(checks: readonly HealthCheck[]): Health {
  const byEndpoint = new Map(
    healthEndpoints.map((endpoint) => [endpoint, checks.filter(({ endpoints }) => endpoints?.includes(endpoint) ?? true)] as const),
  );
  const of = (endpoint: HealthEndpoint): readonly HealthCheck[] => byEndpoint.get(endpoint) ?? [];
  return {
    all: (endpoint, { verbose, exclude }) => {
      const unknown = new Set(exclude);
      let failed = false;
      let lines = '';
      for (const { name, check } of of(endpoint)) {
        unknown.delete(name);
        if (exclude.includes(name)) lines += `[+]${name} excluded: ok\n`;
        else if (check() === undefined) lines += `[+]${name} ok\n`;
        else {
          failed = true;
          // Why is for the log and the check's own path: this answer is open to everyone.
          lines += `[-]${name} failed: reason withheld\n`;
        }
      }
      if (unknown.size > 0) {
        const names = [...unknown].sort().map((name) => JSON.stringify(name));
        lines += `warn: some health checks cannot be excluded: no matches for ${names.join(',')}\n`;
      }
      if (failed) return { status: 500, text: `${lines}${endpoint} check failed\n` };
      return { status: 200, text: verbose ? `${lines}${endpoint} check passed\n` : 'ok' };
    },
    one: (endpoint, name) => {
      const only = of(endpoint).find((one) => one.name === name);
      if (only === undefined) return undefined;
      const wrong = only.check();
      return wrong === undefined ? { status: 200, text: 'ok' } : { status: 500, text: `internal server error: ${wrong}\n` };
    },
    names: (endpoint) => of(endpoint).map(({ name }) => name),
  };
}

/** How far the server is. */
export interface ServerState {
  /** Whether everything of the start is done. */
  readonly started: boolean;
  readonly stopping: boolean;
}

/** The parts of the real server's start, each of which has a check, in its order. */
const hooks = [
  'start-apiserver-admission-initializer',
  'generic-apiserver-start-informers',
  'priority-and-fairness-config-consumer',
  'priority-and-fairness-filter',
  'storage-object-count-tracker-hook',
  'start-apiextensions-informers',
  'start-apiextensions-controllers',
  'crd-informer-synced',
  'start-system-namespaces-controller',
  'peer-endpoint-reconciler-controller',
  'start-cluster-authentication-info-controller',
  'start-kube-apiserver-identity-lease-controller',
  'start-kube-apiserver-identity-lease-garbage-collector',
  'storage-readiness',
  'start-legacy-token-tracking-controller',
  'start-service-ip-repair-controllers',
  'rbac/bootstrap-roles',
  'scheduling/bootstrap-system-priority-classes',
  'priority-and-fairness-config-producer',
  'bootstrap-controller',
  'start-kubernetes-service-cidr-controller',
  'start-kube-aggregator-informers',
  'apiservice-status-local-available-controller',
  'apiservice-status-remote-available-controller',
  'apiservice-registration-controller',
  'apiservice-discovery-controller',
  'kube-apiserver-autoregistration',
] as const;

const lastHooks = ['apiservice-openapi-controller', 'apiservice-openapiv3-controller'] as const;

/** The server's checks, in the order of the real one's. */
export function serverChecks(state: ServerState): readonly HealthCheck[] {
  const well = (): undefined => undefined;
  const started = (): string | undefined => (state.started ? undefined : 'not finished');
  const hook = (name: string): HealthCheck => ({ name: `poststarthook/${name}`, check: started });
  return [
    { name: 'ping', check: well },
    { name: 'log', check: well },
    { name: 'loopback-serving-certificate', endpoints: ['healthz', 'livez'], check: well },
    { name: 'etcd', check: well },
    { name: 'etcd-readiness', endpoints: ['readyz'], check: well },
    { name: 'informer-sync', endpoints: ['readyz'], check: () => (state.started ? undefined : 'the informers have not synced yet') },
    ...hooks.map(hook),
    { name: 'autoregister-completion', check: started },
    ...lastHooks.map(hook),
    { name: 'shutdown', endpoints: ['readyz'], check: () => (state.stopping ? 'process is shutting down' : undefined) },
  ];
}
