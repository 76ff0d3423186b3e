// What happens around every request, whatever it asks: its number, its time, its turn, and what is counted of it.
import type { Clock } from '../../clock/clock.js';
import type { Random } from '../../clock/random.js';
import type { Kind } from '../../registry/kind.js';
import { isResourceRequest, type Attributes } from '../authorization/authorizer.js';
import type { FlowControl } from '../flowcontrol/flow-control.js';
import { narrow, type Refusal, type Width } from '../flowcontrol/ticket.js';
import { Widths } from '../flowcontrol/width.js';
import type { Exchange } from '../http/exchange.js';
import type { RequestMetrics } from '../metrics/request-metrics.js';
import type { RequestInfo, ResourceRequestInfo } from '../request/request-info.js';
import type { Storages } from '../core/resource-storage.js';
import { Deadlines } from './deadlines.js';
import { ServedExchange } from './served-exchange.js';
import { isLongRunning, longestRequest, timeoutOf } from './timeout.js';
import { WatchCounts } from './watch-counts.js';

export interface LifecycleOptions {
  /** Real time, whatever time the cluster keeps: its clients live in it. */
  readonly clock: Clock;
  readonly random: Random;
  readonly metrics: RequestMetrics;
  readonly flowControl: FlowControl;
  readonly storages: Storages;
  kindOf(info: ResourceRequestInfo): Kind | undefined;
}

/** The longest that a request waits for its turn: a quarter of its time. */
const longestWait = 0.25;
/** Who has less time than this, in milliseconds, has none. */
const leastTime = 1;

const soon = { 'Content-Type': 'text/plain; charset=utf-8', 'X-Content-Type-Options': 'nosniff', 'Retry-After': '1' };
const tooMany = Buffer.from('Too many requests, please try again later.\n');
/** What may stand in a header. */
const printable = /^[\t\x20-\x7e\x80-\xff]+$/;

export class Lifecycle {
  readonly #deadlines: Deadlines;
  readonly #widths: Widths;
  readonly #watchers = new WatchCounts();

  constructor(private readonly options: LifecycleOptions) {
    const { clock, metrics } = options;
    this.#deadlines = new Deadlines(clock, longestRequest, () => {
      metrics.inFlight.mutating.turn();
      metrics.inFlight.readOnly.turn();
      metrics.inQueue.mutating.turn();
      metrics.inQueue.readOnly.turn();
    });
    this.#widths = new Widths(() => clock.monotonic());
  }

  /** The exchange that the request is served with. */
  begin(exchange: Exchange): ServedExchange {
    let given = exchange.header('audit-id');
    // Of several the first: they come joined.
    if (given?.includes(',') === true) given = exchange.distinctHeaders()['audit-id']?.[0];
    const auditId = given !== undefined && printable.test(given) ? given : this.options.random.uid();
    return new ServedExchange(exchange, this, auditId, this.options.clock.monotonic());
  }

  /** Sets the time that a request has. False when it has none: it has been answered. Throws 400 for a `timeout` that is no duration. */
  setDeadline(exchange: ServedExchange, info: RequestInfo, parameters: URLSearchParams): boolean {
    if (isLongRunning(info)) return true;
    const milliseconds = timeoutOf(parameters);
    exchange.deadline = exchange.arrived + milliseconds;
    if (milliseconds < leastTime) {
      exchange.expire();
      return false;
    }
    this.#deadlines.add(exchange, milliseconds);
    return true;
  }

  /** Waits for the request's turn. False when it is refused: it has been answered. */
  admit(exchange: ServedExchange, info: RequestInfo, attributes: Attributes, parameters: URLSearchParams): boolean | Promise<boolean> {
    const { flowControl, metrics, clock } = this.options;
    const watch = info.isResource && info.verb === 'watch';
    if (!watch && isLongRunning(info)) return true;
    const classified = flowControl.classify(attributes);
    exchange.watch = watch;
    exchange.common['X-Kubernetes-Pf-Flowschema-Uid'] = classified.schema.metadata.uid;
    exchange.common['X-Kubernetes-Pf-Prioritylevel-Uid'] = classified.level.uid;
    const kind = isReading(attributes) ? 'readOnly' : 'mutating';
    const width = classified.level.exempt ? narrow : this.#widthOf(info, parameters, flowControl.share(classified.level));
    const longest = (watch ? longestRequest : exchange.deadline - exchange.arrived) * longestWait;
    const admission = flowControl.admit(classified, attributes, width, longest, (cancel) => {
      metrics.inQueue[kind].up();
      exchange.onClose(cancel);
    });
    if (!(admission instanceof Promise)) {
      exchange.ticket = admission.ticket;
      metrics.inFlight[kind].up();
      exchange.inFlight = kind;
      return true;
    }
    const began = clock.monotonic();
    return admission.then(({ ticket, refusal }) => {
      const waited = ticket.queue !== undefined && refusal !== 'queue-full';
      if (waited) metrics.inQueue[kind].down();
      exchange.waited = clock.monotonic() - began;
      if (refusal !== undefined) {
        this.#refuse(exchange, refusal);
        return false;
      }
      exchange.ticket = ticket;
      metrics.inFlight[kind].up();
      exchange.inFlight = kind;
      // Its client may have gone or its time may be over meanwhile.
      return !exchange.answered;
    });
  }

  /** A watch of a resource begins, and ends with its exchange: writes are the wider for it. */
  watching(exchange: ServedExchange, kind: Kind, info: ResourceRequestInfo): void {
    const end = this.#watchers.add(kind, info.namespace, info.name);
    exchange.onClose(end);
  }

  /** The answer has been given (`bytes`: its length, when it is known), or the connection broken off. */
  answered(exchange: ServedExchange, status: number | undefined, bytes: number | undefined): void {
    this.#deadlines.delete(exchange);
    const { series } = exchange;
    if (series === undefined || status === undefined || !exchange.counted) return;
    const milliseconds = this.options.clock.monotonic() - exchange.arrived;
    series.total(status).add();
    series.duration.observe(milliseconds / 1000);
    series.sli?.observe((milliseconds - exchange.waited) / 1000);
    if (bytes !== undefined) series.size?.observe(bytes);
  }

  /** The request has been served: its seats are free. Idempotent. */
  release(exchange: ServedExchange): void {
    const { ticket, inFlight } = exchange;
    // Also of who went away without an answer: what they sent is not kept until its time is over.
    this.#deadlines.delete(exchange);
    if (inFlight !== undefined) {
      this.options.metrics.inFlight[inFlight].down();
      exchange.inFlight = undefined;
    }
    if (ticket === undefined) return;
    exchange.ticket = undefined;
    this.options.flowControl.finish(ticket, exchange.watch);
  }

  stop(): void {
    this.#deadlines.stop();
  }

  #refuse(exchange: ServedExchange, refusal: Refusal): void {
    if (refusal === 'cancelled') return exchange.abort();
    exchange.series?.terminated(429).add();
    exchange.respond(429, soon, [tooMany]);
  }

  #widthOf(info: RequestInfo, parameters: URLSearchParams, share: number): Width {
    if (!info.isResource || (info.verb === 'get' && info.subresource === '')) return narrow;
    const kind = this.options.kindOf(info);
    if (kind === undefined || info.subresource !== '') return narrow;
    if (info.verb !== 'list' && info.verb !== 'watch') {
      return this.#widths.ofWrite(this.#watchers.interested(kind, info.namespace, info.name), share);
    }
    const { cache } = this.options.storages.of(kind);
    const limit = Number(parameters.get('limit') ?? 0);
    const version = parameters.get('resourceVersion') ?? '';
    return this.#widths.ofRead(
      kind,
      { count: cache.started ? cache.count() : 0, sample: (most) => cache.list({ limit: most }).entries },
      {
        limit: limit > 0 && version !== '0' ? limit : 0,
        oneName: info.name !== '' || (parameters.get('fieldSelector') ?? '').startsWith('metadata.name='),
        initialEvents: info.verb === 'list' || version === '' || version === '0' || parameters.get('sendInitialEvents') === 'true',
      },
      share,
    );
  }
}

function isReading(attributes: Attributes): boolean {
  const { verb } = attributes;
  return (
    verb === 'get' || verb === 'list' || verb === 'watch' || (!isResourceRequest(attributes) && (verb === 'head' || verb === 'options'))
  );
}
