// Priority and fairness: which requests run now, which wait, which are refused.
// https://kubernetes.io/docs/concepts/cluster-administration/flow-control/ and KEP-1040
import type { FlowSchema, PriorityLevelConfiguration } from '../../../openapi/types/flowcontrol.v1.js';
import type { Clock } from '../../clock/clock.js';
import type { Attributes } from '../authorization/authorizer.js';
import { isResourceRequest } from '../authorization/authorizer.js';
import type { MetricsRegistry } from '../metrics/registry.js';
import { FlowMetrics, type LevelNumbers } from './flow-metrics.js';
import { allocate, seatBounds, smoothed, type SeatBounds } from './limits.js';
import { mandatoryLevels, mandatorySchemas } from './mandatory.js';
import { Matcher } from './matching.js';
import { PriorityLevel } from './priority-level.js';
import type { Refusal, Ticket, Width } from './ticket.js';

/** How often seats are divided anew, in milliseconds. */
const adjustmentPeriod = 10_000;

export interface FlowControlOptions {
  /** Real time: how long requests wait is no matter of the cluster's clock. */
  readonly clock: Clock;
  readonly metrics: MetricsRegistry;
  /** The seats of the whole server. */
  readonly seats: number;
}

/** Where a request belongs, before it is admitted. */
export interface Classified {
  readonly schema: FlowSchema;
  readonly level: PriorityLevel;
}

/** How a request that had to wait ended its wait. */
export type Admission = { readonly ticket: Ticket; readonly refusal: Refusal | undefined };

export class FlowControl {
  readonly #metrics: FlowMetrics;
  readonly #levels = new Map<string, PriorityLevel>();
  #bounds: ReadonlyMap<string, SeatBounds> = new Map();
  #numbers = new Map<string, LevelNumbers>();
  #fairFraction = 1;
  #matcher = new Matcher([]);
  #catchAll: Classified;

  constructor(private readonly options: FlowControlOptions) {
    this.#metrics = new FlowMetrics(options.metrics, {
      levels: () =>
        [...this.#levels.values()].flatMap((level) => {
          const numbers = this.#numbers.get(level.name);
          return numbers === undefined ? [] : [[level, numbers] as const];
        }),
      fairFraction: () => this.#fairFraction,
    });
    this.#catchAll = this.#configure([], []);
  }

  /** In the order of their names. */
  get levels(): readonly PriorityLevel[] {
    return [...this.#levels.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Takes over the stored configuration, whole. What is mandatory and not stored is there nevertheless. */
  configure(levels: readonly PriorityLevelConfiguration[], schemas: readonly FlowSchema[]): void {
    this.#catchAll = this.#configure(levels, schemas);
  }

  /** Begins to adjust the seats; returns how to stop. */
  start(): { stop(): void } {
    const timer = this.options.clock.every(adjustmentPeriod, () => this.#adjust());
    return { stop: () => timer.cancel() };
  }

  classify(request: Attributes): Classified {
    const schema = this.#matcher.match(request);
    const level = schema === undefined ? undefined : this.#levels.get(schema.spec.priorityLevelConfiguration.name);
    return schema === undefined || level === undefined ? this.#catchAll : { schema, level };
  }

  /** The level's share of the server, in seats: what widths are bounded by. */
  share(level: PriorityLevel): number {
    return this.#bounds.get(level.name)?.nominal ?? 0;
  }

  /**
   * Lets a request in: at once when there are seats, else after waiting for at most so many milliseconds. `waits` is called when it has to,
   * with how to give up. Whoever gets a ticket without a refusal calls {@link finish} in the end.
   */
  admit(
    { schema, level }: Classified,
    request: Attributes,
    width: Width,
    longest: number,
    waits: (cancel: () => void) => void,
  ): Admission | Promise<Admission> {
    const now = this.options.clock.monotonic();
    const series = this.#metrics.of(schema, level.name);
    const flow = level.exempt ? '' : flowOf(schema, request);
    const queue = level.exempt ? undefined : level.queueFor(schema.metadata.name, flow);
    const ticket: Ticket = {
      level,
      schemaName: schema.metadata.name,
      flow,
      request,
      width,
      series,
      queue,
      arrived: now,
      started: now,
      state: 'waiting',
    };
    series.estimatedSeats.observe(width.seats);
    if (level.start(ticket, now)) {
      if (!level.exempt) series.waitedAndRan.observe(0);
      begun(ticket);
      return { ticket, refusal: undefined };
    }
    return this.#wait(ticket, now, longest, waits);
  }

  #wait(ticket: Ticket, now: number, longest: number, waits: (cancel: () => void) => void): Promise<Admission> {
    const { level, series, width } = ticket;
    return new Promise((resolve) => {
      let settled = false;
      series.waiting.add(1);
      series.waitingSeats.add(width.seats);
      const cancel = level.wait(ticket, now, longest, (refusal) => {
        settled = true;
        series.waiting.add(-1);
        series.waitingSeats.add(-width.seats);
        const seconds = (this.options.clock.monotonic() - now) / 1000;
        if (refusal === undefined) {
          series.waitedAndRan.observe(seconds);
          begun(ticket);
        } else {
          series.waitedInVain.observe(seconds);
          series.refused(refusal).add();
        }
        resolve({ ticket, refusal });
      });
      if (settled) return;
      series.queueLength.observe(ticket.queue?.waiting.length ?? 0);
      waits(cancel);
    });
  }

  /** A request has been served, or a watch has sent its first events. Idempotent. */
  finish(ticket: Ticket, watch: boolean): void {
    if (ticket.state !== 'running') return;
    const { level, series, width } = ticket;
    series.executing.add(-1);
    series.executingSeats.add(-width.seats);
    (watch ? series.watched : series.ran).observe((this.options.clock.monotonic() - ticket.started) / 1000);
    level.finish(ticket);
  }

  #configure(storedLevels: readonly PriorityLevelConfiguration[], storedSchemas: readonly FlowSchema[]): Classified {
    const levels = withMandatory(storedLevels, mandatoryLevels);
    const schemas = withMandatory(storedSchemas, mandatorySchemas);
    const names = new Set(levels.map(({ metadata }) => metadata.name));
    // Who waits at a level that is no more is still served by it.
    for (const name of this.#levels.keys()) if (!names.has(name)) this.#levels.delete(name);
    for (const configuration of levels) {
      const known = this.#levels.get(configuration.metadata.name);
      if (known === undefined) this.#levels.set(configuration.metadata.name, new PriorityLevel(configuration, this.options.clock));
      else known.configure(configuration);
    }
    this.#bounds = seatBounds(levels, this.options.seats);
    this.#matcher = new Matcher(schemas.filter(({ spec }) => spec !== undefined && names.has(spec.priorityLevelConfiguration.name)));
    this.#allocate(false);
    return { schema: schemas.find(({ metadata }) => metadata.name === 'catch-all')!, level: this.#levels.get('catch-all')! };
  }

  #adjust(): void {
    this.#allocate(true);
  }

  /** Divides the seats by what was wanted; without `over` the period goes on. */
  #allocate(over: boolean): void {
    const now = this.options.clock.monotonic();
    const limited: { readonly level: PriorityLevel; readonly bounds: SeatBounds; readonly most: number; readonly smooth: number }[] = [];
    const numbers = new Map<string, LevelNumbers>();
    let seats = 0;
    for (const level of this.#levels.values()) {
      const bounds = this.#bounds.get(level.name)!;
      const before = this.#numbers.get(level.name);
      const demand = over ? level.demand.take(now) : (before ?? { average: 0, deviation: 0, most: 0 });
      if (over) level.smooth = smoothed(level.smooth, demand);
      const { average, deviation, most } = demand;
      numbers.set(level.name, { ...bounds, target: Math.max(most, level.smooth), average, deviation, most });
      seats += bounds.nominal;
      if (level.exempt) {
        // It is not held to it, but what it uses others do not get.
        seats -= Math.max(bounds.lower, Math.min(bounds.nominal, most));
        level.limit = Math.max(bounds.nominal, most);
      } else limited.push({ level, bounds, most, smooth: level.smooth });
    }
    const { limits, targets, fairFraction } = allocate(limited, seats);
    this.#fairFraction = fairFraction;
    for (let i = 0; i < limited.length; i++) {
      const { level } = limited[i]!;
      numbers.set(level.name, { ...numbers.get(level.name)!, target: targets[i]! });
    }
    this.#numbers = numbers;
    for (let i = 0; i < limited.length; i++) limited[i]!.level.setLimit(limits[i]!);
  }
}

function begun({ series, width }: Ticket): void {
  series.dispatched.add();
  series.executing.add(1);
  series.executingSeats.add(width.seats);
}

/** What tells the flows of one schema apart. */
function flowOf({ spec }: FlowSchema, request: Attributes): string {
  switch (spec?.distinguisherMethod?.type) {
    case 'ByUser':
      return request.user.name;
    case 'ByNamespace':
      return isResourceRequest(request) ? request.namespace : '';
    default:
      return '';
  }
}

function withMandatory<T extends { readonly metadata: { readonly name: string } }>(
  stored: readonly T[],
  mandatory: readonly T[],
): readonly T[] {
  const names = new Set(stored.map(({ metadata }) => metadata.name));
  return [...stored, ...mandatory.filter(({ metadata }) => !names.has(metadata.name))];
}
