import { MetricsRegistry } from './registry.js';
import { Computed, Counters, Gauges, Histograms } from './series.js';
import { numberText } from './text.js';

test.each([
  [0, '0'],
  [999_999, '999999'],
  [1_048_572, '1.048572e+06'],
  [0.0001, '0.0001'],
  [0.00001, '1e-05'],
  [0.25, '0.25'],
  [123_456.5, '123456.5'],
  [Infinity, '+Inf'],
  [NaN, 'NaN'],
])('writes %p as %s', (value, text) => expect(numberText(value)).toBe(text));

it('writes families by name and series by labels', () => {
  const registry = new MetricsRegistry();
  const counters = registry.add(new Counters('requests_total', 'Requests.', ['code', 'verb']));
  registry.add(new Gauges('unused', 'Nothing.', []));
  registry.add(new Computed('age', 'Age in\nseconds.', 'gauge', [], () => [[[], 3]]));
  const histograms = registry.add(new Histograms('seconds', 'Seconds.', ['verb'], [0.1, 1]));
  counters.with('404', 'GET').add();
  counters.with('200', 'say "hi"\n').add(2);
  for (const value of [0.05, 0.1, 0.5, 7]) histograms.with('GET').observe(value);
  expect(registry.text()).toBe(
    `# HELP age Age in\\nseconds.
# TYPE age gauge
age 3
# HELP requests_total Requests.
# TYPE requests_total counter
requests_total{code="200",verb="say \\"hi\\"\\n"} 2
requests_total{code="404",verb="GET"} 1
# HELP seconds Seconds.
# TYPE seconds histogram
seconds_bucket{verb="GET",le="0.1"} 2
seconds_bucket{verb="GET",le="1"} 3
seconds_bucket{verb="GET",le="+Inf"} 4
seconds_sum{verb="GET"} 7.65
seconds_count{verb="GET"} 4
`,
  );
  registry.reset();
  expect(counters.with('404', 'GET').value).toBe(0);
  expect(histograms.with('GET').sum).toBe(0);
});

it('keeps a bounded number of label sets', () => {
  const counters = new Counters('many', 'Many.', ['name']);
  for (let i = 0; i < 30_000; i++) counters.with(`n${i}`).add();
  const first = counters.with('n0');
  first.add();
  expect(counters.with('n0').value).toBe(2);
  expect(counters.with('n29999')).toBe(counters.with('n25000'));
});
