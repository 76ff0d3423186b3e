// What is counted about flow control, under the real server's names.
import type { FlowSchema } from '../../../openapi/types/flowcontrol.v1.js';
import { flowSeconds, queueLengths, seats } from '../metrics/buckets.js';
import type { MetricsRegistry } from '../metrics/registry.js';
import { Computed, Counters, Gauges, Histograms, type Histogram, type Value } from '../metrics/series.js';
import type { PriorityLevel } from './priority-level.js';
import type { Refusal } from './ticket.js';

/** The series of one flow schema at one level. */
export interface FlowSeries {
  readonly dispatched: Value;
  readonly executing: Value;
  readonly executingSeats: Value;
  readonly waiting: Value;
  readonly waitingSeats: Value;
  readonly estimatedSeats: Histogram;
  readonly queueLength: Histogram;
  readonly waitedAndRan: Histogram;
  readonly waitedInVain: Histogram;
  readonly ran: Histogram;
  readonly watched: Histogram;
  refused(reason: Refusal): Value;
}

/** What the borrowing found last, for the gauges. */
export interface LevelNumbers {
  readonly nominal: number;
  readonly lower: number;
  readonly upper: number;
  readonly target: number;
  readonly average: number;
  readonly deviation: number;
  readonly most: number;
}

export interface FlowNumbers {
  levels(): Iterable<readonly [level: PriorityLevel, numbers: LevelNumbers]>;
  fairFraction(): number;
}

export class FlowMetrics {
  readonly #families;
  readonly #series = new WeakMap<FlowSchema, FlowSeries>();

  constructor(registry: MetricsRegistry, numbers: FlowNumbers) {
    const labels = ['flow_schema', 'priority_level'];
    const name = (rest: string): string => `apiserver_flowcontrol_${rest}`;
    const gauges = (rest: string, help: string): Gauges => registry.add(new Gauges(name(rest), help, labels));
    const histograms = (rest: string, help: string, names: readonly string[], bounds: readonly number[]): Histograms =>
      registry.add(new Histograms(name(rest), help, names, bounds));
    this.#families = {
      dispatched: registry.add(new Counters(name('dispatched_requests_total'), '[BETA] Requests that were let through.', labels)),
      refused: registry.add(
        new Counters(name('rejected_requests_total'), '[BETA] Requests that were refused.', ['flow_schema', 'priority_level', 'reason']),
      ),
      executing: gauges('current_executing_requests', '[BETA] Requests that are served now (watches: until their first events are sent).'),
      executingSeats: gauges('current_executing_seats', '[BETA] Seats of the requests that are served now.'),
      waiting: gauges('current_inqueue_requests', '[BETA] Requests that wait in queues now.'),
      waitingSeats: gauges('current_inqueue_seats', '[ALPHA] Seats that the waiting requests will take.'),
      estimatedSeats: histograms('work_estimated_seats', '[ALPHA] Seats that requests were thought to need.', labels, seats),
      queueLength: histograms(
        'request_queue_length_after_enqueue',
        '[ALPHA] Length of the queue as each request saw it.',
        labels,
        queueLengths,
      ),
      wait: histograms(
        'request_wait_duration_seconds',
        '[BETA] How long requests waited.',
        ['execute', 'flow_schema', 'priority_level'],
        flowSeconds,
      ),
      ran: histograms(
        'request_execution_seconds',
        '[ALPHA] How long requests were served (watches: until their first events were sent).',
        ['flow_schema', 'priority_level', 'type'],
        flowSeconds,
      ),
    };
    const perLevel = (rest: string, help: string, read: (level: PriorityLevel, numbers: LevelNumbers) => number): void => {
      registry.add(
        new Computed(name(rest), help, 'gauge', ['priority_level'], () =>
          [...numbers.levels()].map(([level, its]) => [[level.name], read(level, its)] as const),
        ),
      );
    };
    perLevel('nominal_limit_seats', '[BETA] Seats of each level by its share.', (_, its) => its.nominal);
    perLevel('lower_limit_seats', '[ALPHA] The fewest seats of each level.', (_, its) => its.lower);
    perLevel('upper_limit_seats', '[ALPHA] The most seats of each level.', (_, its) => its.upper);
    perLevel('current_limit_seats', '[ALPHA] Seats of each level now.', (level) => level.limit);
    perLevel('target_seats', '[ALPHA] Seats that each level should have.', (_, its) => its.target);
    perLevel('demand_seats_average', '[ALPHA] Seats wanted in the last period, on average.', (_, its) => its.average);
    perLevel('demand_seats_stdev', '[ALPHA] Seats wanted in the last period, standard deviation.', (_, its) => its.deviation);
    perLevel('demand_seats_high_watermark', '[ALPHA] The most seats wanted in the last period.', (_, its) => its.most);
    perLevel('demand_seats_smoothed', '[ALPHA] Seats wanted lately.', (level) => level.smooth);
    perLevel('current_r', '[ALPHA] Virtual time of the queues.', (level) => level.virtualTime);
    registry.add(
      new Computed(name('seat_fair_frac'), '[ALPHA] The fraction of its target that each level gets.', 'gauge', [], () => [
        [[], numbers.fairFraction()] as const,
      ]),
    );
  }

  /** The series of a schema, whose requests all go to one level. */
  of(schema: FlowSchema, level: string): FlowSeries {
    let series = this.#series.get(schema);
    if (series === undefined) this.#series.set(schema, (series = this.#make(schema.metadata.name, level)));
    return series;
  }

  #make(schema: string, level: string): FlowSeries {
    const families = this.#families;
    return {
      dispatched: families.dispatched.with(schema, level),
      executing: families.executing.with(schema, level),
      executingSeats: families.executingSeats.with(schema, level),
      waiting: families.waiting.with(schema, level),
      waitingSeats: families.waitingSeats.with(schema, level),
      estimatedSeats: families.estimatedSeats.with(schema, level),
      queueLength: families.queueLength.with(schema, level),
      waitedAndRan: families.wait.with('true', schema, level),
      waitedInVain: families.wait.with('false', schema, level),
      ran: families.ran.with(schema, level, 'regular'),
      watched: families.ran.with(schema, level, 'watch'),
      refused: (reason) => families.refused.with(schema, level, reason),
    };
  }
}
