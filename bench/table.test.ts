// The table of the benchmark.
import { Samples } from './figures.js';
import { table } from './table.js';

function samplesOf(values: Readonly<Record<string, number>>): Samples {
  const samples = new Samples();
  for (const [key, value] of Object.entries(values)) samples.add(key, value);
  return samples;
}

const ours = { title: 'kubedouble', samples: samplesOf({ create_per_s: 4000, list_all_p50_ms: 100, list_MB: 18.7 }) };

test('alone, it has the figures that were measured and no comparison', () => {
  expect(table(ours, undefined, undefined).split('\n')).toEqual([
    '|                                  | kubedouble |',
    '| -------------------------------- | ---------: |',
    '| create pods, 16 at once          |    4,000/s |',
    '| list all pods, 2 at once: median |     100 ms |',
    '| … size of that list              |    18.7 MB |',
  ]);
});

test('all lines are equally wide', () => {
  const widths = table(ours, undefined, undefined)
    .split('\n')
    .map((line) => line.length);
  expect(new Set(widths).size).toBe(1);
});

test('beside another server it says which ratios were reached', () => {
  const other = { title: 'Kubernetes', samples: samplesOf({ create_per_s: 1000, list_all_p50_ms: 200, list_MB: 18.7 }) };
  const cells = table(ours, other, undefined)
    .split('\n')
    .slice(2)
    .map((line) => line.split('|').map((cell) => cell.trim()));
  expect(cells.map((row) => row.slice(3, 7))).toEqual([
    ['1,000/s', '4.00 ×', '≥ 3 ×', 'reached'],
    ['200 ms', '2.00 ×', '≥ 4 ×', 'missed'],
    ['18.7 MB', '', '', ''],
  ]);
});

test('what one of them did not measure is a dash', () => {
  const other = { title: 'Kubernetes', samples: samplesOf({ get_per_s: 10 }) };
  const get = table(ours, other, undefined)
    .split('\n')
    .find((line) => line.includes('get a pod'));
  expect(
    get
      ?.split('|')
      .map((cell) => cell.trim())
      .slice(2, 5),
  ).toEqual(['–', '10.0/s', '']);
});
