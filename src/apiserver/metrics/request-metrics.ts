// What is counted about requests. https://kubernetes.io/docs/reference/instrumentation/metrics/
import type { Kind } from '../../registry/kind.js';
import type { ResourceRequestInfo } from '../request/request-info.js';
import { bodyBytes, checkSeconds, requestSeconds, responseBytes, sliSeconds } from './buckets.js';
import type { MetricsRegistry } from './registry.js';
import { Computed, Counters, Gauges, Histograms, type Histogram, type Value } from './series.js';
import { HighWater } from './high-water.js';

/** What one request is counted as; the same object for all that are alike. */
export interface RequestSeries {
  /** GET, LIST, WATCH, CONNECT, POST, PUT, PATCH, APPLY or DELETE. */
  readonly verb: string;
  readonly duration: Histogram;
  /** Absent for what goes on: watches, logs. */
  readonly sli: Histogram | undefined;
  /** Absent for all but reads. */
  readonly size: Histogram | undefined;
  readonly body: Histogram | undefined;
  /** Of what goes on, how many there are now. */
  readonly longRunning: Value | undefined;
  /** By the status of the answer. */
  total(code: number): Value;
  /** Of requests that the server ended itself: refused, or out of time. */
  terminated(code: number): Value;
}

/** Subresources whose requests go on, by their names. */
export const longRunningSubresources: ReadonlySet<string> = new Set(['attach', 'exec', 'log', 'portforward', 'proxy']);

const verbNames = {
  create: 'POST',
  get: 'GET',
  list: 'LIST',
  watch: 'WATCH',
  update: 'PUT',
  patch: 'PATCH',
  delete: 'DELETE',
  deletecollection: 'DELETE',
} as const;

/** What the series of most requests are kept under: made once, since to put such a text together takes longer than to look it up. */
const plainKeys = Object.fromEntries(
  [...Object.values(verbNames), 'APPLY', 'CONNECT'].map((verb) => [
    verb,
    { resource: `${verb} resource `, namespace: `${verb} namespace `, cluster: `${verb} cluster ` },
  ]),
);

export type RequestKind = 'mutating' | 'readOnly';

export class RequestMetrics {
  /** How many are served now, the most of the last second. */
  readonly inFlight: Readonly<Record<RequestKind, HighWater>> = { mutating: new HighWater(), readOnly: new HighWater() };
  readonly inQueue: Readonly<Record<RequestKind, HighWater>> = { mutating: new HighWater(), readOnly: new HighWater() };
  readonly authentications: Readonly<Record<'success' | 'error', CountAndSeconds>>;
  readonly authorizations: Readonly<Record<'allowed' | 'denied' | 'error' | 'no-opinion', CountAndSeconds>>;
  readonly #families;
  readonly #ofKinds = new WeakMap<Kind, Map<string, RequestSeries>>();
  readonly #ofPaths = new Map<string, RequestSeries>();
  readonly #users: Readonly<Record<'admin' | 'other', Value>>;

  constructor(registry: MetricsRegistry) {
    this.#families = requestFamilies(registry);
    for (const [name, text, marks] of [
      ['apiserver_current_inflight_requests', '[STABLE] The most requests served at once in the last second.', this.inFlight],
      ['apiserver_current_inqueue_requests', '[ALPHA] The most requests waiting at once in the last second.', this.inQueue],
    ] as const) {
      registry.add(
        new Computed(name, text, 'gauge', ['request_kind'], () =>
          Object.entries(marks).map(([kind, mark]) => [[kind], mark.read()] as const),
        ),
      );
    }
    const attempts = registry.add(new Counters('authentication_attempts', '[ALPHA] Attempts to say who asks, by result.', ['result']));
    const attemptSeconds = registry.add(
      new Histograms('authentication_duration_seconds', '[ALPHA] How long it took to find out who asks.', ['result'], checkSeconds),
    );
    const decisions = registry.add(
      new Counters('authorization_attempts_total', '[ALPHA] Decisions on who may do what, by result.', ['result']),
    );
    const decisionSeconds = registry.add(
      new Histograms('authorization_duration_seconds', '[ALPHA] How long decisions took.', ['result'], checkSeconds),
    );
    const pair = (counters: Counters, histograms: Histograms, result: string): CountAndSeconds => ({
      count: counters.with(result),
      seconds: histograms.with(result),
    });
    this.authentications = { success: pair(attempts, attemptSeconds, 'success'), error: pair(attempts, attemptSeconds, 'error') };
    this.authorizations = {
      allowed: pair(decisions, decisionSeconds, 'allowed'),
      denied: pair(decisions, decisionSeconds, 'denied'),
      error: pair(decisions, decisionSeconds, 'error'),
      'no-opinion': pair(decisions, decisionSeconds, 'no-opinion'),
    };
    const users = registry.add(
      new Counters('authenticated_user_requests', '[ALPHA] Authenticated requests; names of users are not told.', ['username']),
    );
    this.#users = { admin: users.with('admin'), other: users.with('other') };
  }

  user(name: string): void {
    this.#users[name === 'admin' ? 'admin' : 'other'].add();
  }

  /** The series of a request for a resource that is served. */
  ofResource(kind: Kind, info: ResourceRequestInfo, apply: boolean, dryRun: boolean): RequestSeries {
    const connect = longRunningSubresources.has(info.subresource);
    const verb = connect ? 'CONNECT' : apply ? 'APPLY' : verbNames[info.verb];
    const scope = info.name !== '' || info.verb === 'create' ? 'resource' : info.namespace !== '' ? 'namespace' : 'cluster';
    let known = this.#ofKinds.get(kind);
    if (known === undefined) this.#ofKinds.set(kind, (known = new Map<string, RequestSeries>()));
    const key =
      info.subresource === '' && !dryRun ? plainKeys[verb]![scope] : `${verb} ${scope} ${info.subresource}${dryRun ? ' dry' : ''}`;
    let series = known.get(key);
    if (series === undefined) {
      known.set(
        key,
        (series = this.#make({
          component: 'apiserver',
          dryRun: dryRun ? 'All' : '',
          group: kind.group,
          resource: kind.resource,
          scope,
          subresource: info.subresource,
          verb,
          version: kind.version,
          bodyVerb: verb === 'GET' || verb === 'LIST' || verb === 'WATCH' || connect ? '' : info.verb,
        })),
      );
    }
    return series;
  }

  /** The series of a path that is no resource: `/healthz`. `subresource` must be one of few. */
  ofPath(subresource: string): RequestSeries {
    let series = this.#ofPaths.get(subresource);
    if (series === undefined) {
      const labels = { component: '', dryRun: '', group: '', resource: '', scope: '', subresource, verb: 'GET', version: '', bodyVerb: '' };
      this.#ofPaths.set(subresource, (series = this.#make(labels)));
    }
    return series;
  }

  #make({ component, dryRun, group, resource, scope, subresource, verb, version, bodyVerb }: SeriesLabels): RequestSeries {
    const families = this.#families;
    const longRunning = verb === 'WATCH' || verb === 'CONNECT';
    const common = [component, group, resource, scope, subresource, verb, version];
    const totals: (Value | undefined)[] = [];
    const terminations: (Value | undefined)[] = [];
    return {
      verb,
      duration: families.duration.with(component, dryRun, group, resource, scope, subresource, verb, version),
      sli: longRunning ? undefined : families.sli.with(...common),
      size: verb === 'GET' || verb === 'LIST' ? families.size.with(...common) : undefined,
      body: bodyVerb === '' ? undefined : families.body.with(group, resource, bodyVerb),
      longRunning: longRunning ? families.longRunning.with(...common) : undefined,
      total: (code) =>
        (totals[code] ??= families.total.with(String(code), component, dryRun, group, resource, scope, subresource, verb, version)),
      terminated: (code) => (terminations[code] ??= families.terminated.with(String(code), ...common)),
    };
  }
}

export interface CountAndSeconds {
  readonly count: Value;
  readonly seconds: Histogram;
}

interface SeriesLabels {
  readonly component: string;
  readonly dryRun: string;
  readonly group: string;
  readonly resource: string;
  readonly scope: string;
  readonly subresource: string;
  readonly verb: string;
  readonly version: string;
  readonly bodyVerb: string;
}

function requestFamilies(registry: MetricsRegistry) {
  const common = ['component', 'group', 'resource', 'scope', 'subresource', 'verb', 'version'];
  const withDryRun = ['component', 'dry_run', 'group', 'resource', 'scope', 'subresource', 'verb', 'version'];
  return {
    total: registry.add(
      new Counters('apiserver_request_total', '[STABLE] Requests that were answered, by status.', ['code', ...withDryRun]),
    ),
    duration: registry.add(
      new Histograms('apiserver_request_duration_seconds', '[STABLE] How long requests took, in seconds.', withDryRun, requestSeconds),
    ),
    sli: registry.add(
      new Histograms(
        'apiserver_request_sli_duration_seconds',
        '[ALPHA] How long requests took without their time in queues, in seconds.',
        common,
        sliSeconds,
      ),
    ),
    size: registry.add(new Histograms('apiserver_response_sizes', '[STABLE] Bytes of answers to reads.', common, responseBytes)),
    body: registry.add(
      new Histograms('apiserver_request_body_size_bytes', '[ALPHA] Bytes of bodies of requests.', ['group', 'resource', 'verb'], bodyBytes),
    ),
    longRunning: registry.add(new Gauges('apiserver_longrunning_requests', '[STABLE] Watches, logs and the like that are open.', common)),
    terminated: registry.add(
      new Counters('apiserver_request_terminations_total', '[ALPHA] Requests that the server ended to protect itself.', [
        'code',
        ...common,
      ]),
    ),
  };
}
