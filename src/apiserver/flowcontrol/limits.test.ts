// Figures of a fresh v1.36.3: its /metrics.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PriorityLevelConfiguration } from '../../../openapi/types/flowcontrol.v1.js';
import { allocate, seatBounds, smoothed } from './limits.js';

const facts = JSON.parse(readFileSync(join(process.cwd(), 'openapi', 'fresh-control-plane.json'), 'utf8')) as Record<string, unknown>;
const levels = facts['/apis/flowcontrol.apiserver.k8s.io/v1/prioritylevelconfigurations'] as readonly PriorityLevelConfiguration[];

it('divides the seats as the real server does', () => {
  expect(Object.fromEntries(seatBounds(levels, 600))).toEqual({
    'catch-all': { nominal: 13, lower: 13, upper: 613 },
    exempt: { nominal: 0, lower: 0, upper: 600 },
    'global-default': { nominal: 49, lower: 24, upper: 649 },
    'leader-election': { nominal: 25, lower: 25, upper: 625 },
    'node-high': { nominal: 98, lower: 73, upper: 698 },
    system: { nominal: 74, lower: 50, upper: 674 },
    'workload-high': { nominal: 98, lower: 49, upper: 698 },
    'workload-low': { nominal: 245, lower: 24, upper: 845 },
  });
});

it('lends what nobody wants in fair parts', () => {
  const bounds = seatBounds(levels, 600);
  const limited = levels.filter(({ spec }) => spec?.type === 'Limited');
  const idle = limited.map(({ metadata }) => ({ bounds: bounds.get(metadata.name)!, most: 0, smooth: 0 }));
  const { limits, fairFraction } = allocate(idle, 602);
  expect(fairFraction).toBeCloseTo(2.3333333333333335, 10);
  expect(Object.fromEntries(limited.map(({ metadata }, index) => [metadata.name, limits[index]]))).toEqual({
    'catch-all': 30,
    'global-default': 56,
    'leader-election': 58,
    'node-high': 170,
    system: 117,
    'workload-high': 114,
    'workload-low': 56,
  });
});

it('gives a busy level what others leave, but never less than its own share to who wants it', () => {
  const own = { nominal: 50, lower: 10, upper: 150 };
  const { limits } = allocate(
    [
      { bounds: own, most: 200, smooth: 200 },
      { bounds: own, most: 0, smooth: 0 },
    ],
    100,
  );
  expect(limits).toEqual([90, 10]);
  const both = allocate(
    [
      { bounds: own, most: 200, smooth: 400 },
      { bounds: own, most: 60, smooth: 60 },
    ],
    100,
  );
  expect(both.limits).toEqual([50, 50]);
});

it('does not lend beyond the bound of who borrows', () => {
  const own = { nominal: 50, lower: 0, upper: 60 };
  expect(
    allocate(
      [
        { bounds: own, most: 500, smooth: 500 },
        { bounds: own, most: 0, smooth: 0 },
      ],
      100,
    ).limits,
  ).toEqual([60, 0]);
});

it('forgets slowly what was wanted', () => {
  expect(smoothed(0, { average: 8, deviation: 2 })).toBe(10);
  const later = smoothed(10, { average: 0, deviation: 0 });
  expect(later).toBeGreaterThan(9);
  expect(later).toBeLessThan(10);
});
