// Both views of one autoscaler against pairs recorded from the reference (conversion.golden.json).
import type { KubeObject, Mutable } from '../../apimachinery/object.js';
import { readGolden } from '../rules/golden.js';
import { fromStored, toStored } from './conversion.js';
import { horizontalPodAutoscalerV1 } from './horizontal-pod-autoscaler-v1.js';
import { horizontalPodAutoscaler } from './horizontal-pod-autoscaler.js';

interface Pair {
  readonly name: string;
  readonly from: KubeObject;
  readonly to: KubeObject;
  readonly cells: readonly unknown[];
}

const pairs = readGolden<Pair>(import.meta.dirname, 'conversion.golden.json').map((pair) => ({
  name: pair.name,
  v1: pair.from.apiVersion === 'autoscaling/v1' ? pair.from : pair.to,
  v2: pair.from.apiVersion === 'autoscaling/v2' ? pair.from : pair.to,
  cells: pair.cells,
}));
const at = { now: Date.parse('2026-01-01T00:00:00Z') };

test.each(pairs)('$name: the v1 view', ({ v1, v2 }) => {
  expect(fromStored(v2)).toEqual(v1);
});

test.each(pairs)('$name: what is stored for the v1 view gives the same view', ({ v1 }) => {
  expect(fromStored(toStored(v1 as unknown as Mutable) as unknown as KubeObject)).toEqual(v1);
});

test.each(pairs)('$name: the row of both', ({ v1, v2, cells }) => {
  const expected = cells.map((cell) => (cell === '1s' ? '0s' : cell));
  expect(horizontalPodAutoscaler.cells!(v2, at)).toEqual(expected);
  const again = horizontalPodAutoscalerV1.conversion!.toStored(v1 as unknown as Mutable) as unknown as KubeObject;
  expect(fromStored(again)).toEqual(v1);
});

function v1(annotations: Mutable): Mutable {
  const spec = { scaleTargetRef: { kind: 'Deployment', name: 'web', apiVersion: 'apps/v1' }, maxReplicas: 5 };
  return { apiVersion: 'autoscaling/v1', kind: 'HorizontalPodAutoscaler', metadata: { name: 'h', annotations }, spec };
}

const metrics = 'autoscaling.alpha.kubernetes.io/metrics';

test.each(['[{', '{}', '[1]', '[{"type":5}]', '[{"type":"Pods","pods":{"metricName":"x","targetAverageValue":"many"}}]', 'null'])(
  'a broken annotation %s says nothing and is taken away',
  (text) => {
    const stored = toStored(v1({ [metrics]: text, other: 'kept' }));
    expect(stored.metadata).toEqual({ name: 'h', annotations: { other: 'kept' } });
    expect((stored.spec as Mutable).metrics).toBeUndefined();
  },
);

test('unknown fields and __proto__ of an annotation go nowhere', () => {
  const text = '[{"type":"Pods","__proto__":{"polluted":true},"pods":{"metricName":"x","targetAverageValue":"1","junk":1}}]';
  const stored = toStored(v1({ [metrics]: text }));
  expect((stored.spec as Mutable).metrics).toEqual([
    { type: 'Pods', pods: { metric: { name: 'x' }, target: { type: 'AverageValue', averageValue: '1' } } },
  ]);
  expect(({} as Mutable).polluted).toBeUndefined();
});

test('a spec write through v1 keeps what the status annotations say, a status write what the spec annotations say', () => {
  const current = 'autoscaling.alpha.kubernetes.io/current-metrics';
  const behavior = 'autoscaling.alpha.kubernetes.io/behavior';
  const old = v1({ [current]: 'old status', [behavior]: 'old spec' }) as unknown as KubeObject;
  const strategy = horizontalPodAutoscalerV1.strategy!;
  const main = v1({ [current]: 'new status', [behavior]: 'new spec', a: 'b' });
  strategy.prepareForUpdate!(main, old, undefined!);
  expect((main.metadata as Mutable).annotations).toEqual({ [current]: 'old status', [behavior]: 'new spec', a: 'b' });
  const status = v1({ [current]: 'new status', [behavior]: 'new spec', a: 'b' });
  strategy.prepareForStatusUpdate!(status, old, undefined!);
  expect((status.metadata as Mutable).annotations).toEqual({ [current]: 'new status', [behavior]: 'old spec', a: 'b' });
});
