// How long the rules of custom resources take. https://kubernetes.io/docs/reference/instrumentation/metrics/
import type { RuleTiming } from '../../registry/customresources/rules/timing.js';
import type { MetricsRegistry } from './registry.js';
import { Histograms } from './series.js';

const bounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** @param now milliseconds of a monotonic clock in real time */
export function ruleMetrics(registry: MetricsRegistry, now: () => number): RuleTiming {
  const family = (work: string, help: string): Histograms =>
    registry.add(new Histograms(`apiserver_cel_${work}_duration_seconds`, `[BETA] ${help}`, [], bounds));
  // Their series are there from the beginning, as on a real server.
  const compilation = family('compilation', 'How long the rules of one place of a schema took to compile.').with();
  const evaluation = family('evaluation', 'How long the rules at one place of an object and below it took.').with();
  const known = new WeakSet<object>();
  return {
    now,
    evaluated: (milliseconds) => evaluation.observe(milliseconds / 1000),
    compiled: (schema, milliseconds) => {
      if (known.has(schema)) return;
      known.add(schema);
      compilation.observe(milliseconds / 1000);
    },
  };
}
