// Whether the servers behind API services answer: one loop that asks them and writes the condition `Available`.
// https://kubernetes.io/docs/tasks/extend-kubernetes/setup-extension-api-server/
import type { APIService, APIServiceCondition } from '../../../openapi/types/apiregistration.v1.js';
import { isReason } from '../../apimachinery/errors/api-error.js';
import type { Client } from '../../client/client.js';
import { errorText, type Logger } from '../../client/logger.js';
import { API_SERVICES } from '../../client/resources.js';
import { formatTime, type Clock, type Timer } from '../../clock/clock.js';
import type { Gauges, Counters } from '../metrics/series.js';
import type { ApiServices, RemoteService } from './api-services.js';
import { timedOut } from './backend.js';
import { newHeaders, nameUser } from './headers.js';
import { transportProblem } from './problems.js';

export interface AvailabilityOptions {
  readonly services: ApiServices;
  /** Acts as the server itself. */
  readonly client: Client;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly unavailable: Gauges;
  readonly failures: Counters;
}

type Verdict = Pick<APIServiceCondition, 'status' | 'reason' | 'message'>;

/** Each is asked again after so many milliseconds, whatever it said. */
const period = 30_000;
/** One that does not answer is asked again after this, then twice this and so on, up to the period. */
const firstRetry = 5;
/** A server that starts has other things to do first, for so many milliseconds. */
const firstLook = 100;
/** How long an answer may take, in milliseconds. */
const patience = 5_000;
/** So many are asked at once. */
const width = 5;
/** Of the answer only its status counts. */
const largestAnswer = 4 * 1024 * 1024;

export const aggregatorUser = { name: 'system:kube-aggregator', groups: ['system:masters'] } as const;
const local: Verdict = { status: 'True', reason: 'Local', message: 'Local APIServices are always available' };
const passed: Verdict = { status: 'True', reason: 'Passed', message: 'all checks passed' };

export class Availability {
  readonly #waiting = new Set<string>();
  readonly #asking = new Set<string>();
  readonly #retries = new Map<string, { count: number; timer: Timer }>();
  readonly #period: Timer;
  readonly #start: Timer;
  #started = false;
  #stopped = false;

  constructor(private readonly options: AvailabilityOptions) {
    this.#period = options.clock.every(period, () => {
      for (const { name } of options.services.remotes()) this.look(name);
    });
    this.#start = options.clock.after(firstLook, () => {
      this.#started = true;
      this.#next();
    });
  }

  /** Looks at an API service soon; `fresh`: it has changed, so that earlier failures count no more. */
  look(name: string, fresh = false): void {
    if (this.#stopped) return;
    if (fresh) this.#forgive(name);
    this.#waiting.add(name);
    if (this.#started) this.#next();
  }

  forget(name: string): void {
    this.#forgive(name);
    this.#waiting.delete(name);
    this.options.unavailable.with(name).set(0);
  }

  stop(): void {
    this.#stopped = true;
    this.#period.cancel();
    this.#start.cancel();
    for (const { timer } of this.#retries.values()) timer.cancel();
  }

  #next(): void {
    for (const name of this.#waiting) {
      if (this.#asking.size >= width) return;
      if (this.#asking.has(name)) continue;
      this.#waiting.delete(name);
      this.#asking.add(name);
      this.#check(name)
        .catch((error: unknown) => {
          // Whoever was faster has made an event, which brings it here again.
          if (isReason(error, 'Conflict') || isReason(error, 'NotFound')) return;
          this.options.logger.debug('an API service could not be checked', { name, error: errorText(error) });
          this.#retry(name);
        })
        .finally(() => {
          this.#asking.delete(name);
          this.#next();
        });
    }
  }

  async #check(name: string): Promise<void> {
    const { services } = this.options;
    const remote = services.remote(name);
    const verdict = remote === undefined ? ownVerdict(services.get(name)) : await this.#ask(remote);
    const object = services.get(name);
    // It may have become another one meanwhile, which is waited for already.
    if (this.#stopped || object === undefined || services.remote(name)?.backend !== remote?.backend) return;
    if (verdict.status === 'True') this.#forgive(name);
    else this.#retry(name);
    await this.#write(object, verdict);
  }

  async #ask({ backend, object, group, version }: RemoteService): Promise<Verdict> {
    const { namespace = '', name = '', port = 443 } = object.spec?.service ?? {};
    const reached = await backend.reach();
    const whose = `service/${name} in ${JSON.stringify(namespace)}`;
    switch (reached.missing) {
      case 'service':
        return failed('ServiceNotFound', `${whose} is not present`);
      case 'port':
        return failed('ServicePortError', `${whose} is not listening on port ${port}`);
      case 'endpoints':
        return failed('EndpointsNotFound', `cannot find endpointslices for ${whose}`);
      case 'addresses': {
        const text = `endpointslices for ${whose} have no addresses with port name ${JSON.stringify(reached.portName)}`;
        return failed('MissingEndpoints', text);
      }
    }
    const path = `/apis/${group}/${version}`;
    const url = `https://${reached.authority}${path}`;
    const say = (what: string): Verdict => failed('FailedDiscoveryCheck', `failing or missing response from ${url}: ${what}`);
    const headers = newHeaders();
    nameUser(headers, aggregatorUser);
    try {
      const { status } = await backend.fetch(reached.authority, { method: 'GET', path, headers }, largestAnswer, patience);
      return status >= 200 && status < 300 ? passed : say(`bad status from ${url}: ${status}`);
    } catch (error) {
      const late = (error as { readonly code?: unknown }).code === timedOut;
      const problem = late ? 'context deadline exceeded (Client.Timeout exceeded while awaiting headers)' : transportProblem(error);
      return say(`Get ${JSON.stringify(url)}: ${problem}`);
    }
  }

  async #write(object: APIService, verdict: Verdict): Promise<void> {
    const { client, clock, unavailable, failures } = this.options;
    const { name } = object.metadata;
    const known = object.status?.conditions ?? [];
    const before = known.find(({ type }) => type === 'Available');
    unavailable.with(name).set(verdict.status === 'True' ? 0 : 1);
    if (before?.status === verdict.status && before.reason === verdict.reason && before.message === verdict.message) return;
    if (verdict.status === 'False' && before?.status !== 'False') failures.with(name, verdict.reason ?? '').add();
    const lastTransitionTime = before?.status === verdict.status ? before.lastTransitionTime : formatTime(clock.now());
    const condition: APIServiceCondition = { type: 'Available', lastTransitionTime, ...verdict };
    const conditions = before === undefined ? [...known, condition] : known.map((one) => (one === before ? condition : one));
    await client.update(API_SERVICES, { ...object, status: { ...object.status, conditions } }, { subresource: 'status' });
  }

  #retry(name: string): void {
    const known = this.#retries.get(name);
    const count = (known?.count ?? 0) + 1;
    const wait = Math.min(firstRetry * 2 ** Math.min(count - 1, 20), period);
    known?.timer.cancel();
    this.#retries.set(name, { count, timer: this.options.clock.after(wait, () => this.look(name)) });
  }

  #forgive(name: string): void {
    this.#retries.get(name)?.timer.cancel();
    this.#retries.delete(name);
  }
}

function failed(reason: string, message: string): Verdict {
  return { status: 'False', reason, message };
}

/** Of one that this server serves: it is there as long as the server is. */
function ownVerdict(object: APIService | undefined): Verdict {
  return object?.spec?.service == null ? local : passed;
}
