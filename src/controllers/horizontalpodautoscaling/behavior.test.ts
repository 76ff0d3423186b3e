import type { HorizontalPodAutoscalerBehavior, HorizontalPodAutoscalerSpec } from '../../../openapi/types/autoscaling.v2.js';
import { bound, newHistory, recordScaling } from './behavior.js';

const spec = (behavior?: HorizontalPodAutoscalerBehavior, minReplicas = 1, maxReplicas = 100): HorizontalPodAutoscalerSpec => ({
  scaleTargetRef: { kind: 'Deployment', name: 'x' },
  minReplicas,
  maxReplicas,
  ...(behavior === undefined ? {} : { behavior }),
});
const minute = 60_000;
const reasons = ({ conditions }: ReturnType<typeof bound>): string[] => conditions.map(({ reason }) => reason);
const pods = (value: number, periodSeconds: number) => ({ type: 'Pods', value, periodSeconds });
const percent = (value: number, periodSeconds: number) => ({ type: 'Percent', value, periodSeconds });

test('without rules: at most twice as many, or four, and never beyond the bounds', () => {
  const look = (current: number, proposed: number): [number, string] => {
    const result = bound(spec(undefined, 2, 20), newHistory(), current, proposed, 0);
    return [result.replicas, reasons(result)[1]!];
  };
  expect(look(2, 10)).toEqual([4, 'ScaleUpLimit']);
  expect(look(5, 50)).toEqual([10, 'ScaleUpLimit']);
  expect(look(15, 50)).toEqual([20, 'TooManyReplicas']);
  expect(look(5, 1)).toEqual([2, 'TooFewReplicas']);
  expect(look(5, 7)).toEqual([7, 'DesiredWithinRange']);
});

test('without rules: fewer only once nothing more was recommended for five minutes', () => {
  const history = newHistory();
  bound(spec(), history, 10, 10, 0);
  const held = bound(spec(), history, 10, 3, 4 * minute);
  expect([held.replicas, reasons(held)]).toEqual([10, ['ScaleDownStabilized', 'DesiredWithinRange']]);
  const after = bound(spec(), history, 10, 3, 5 * minute + 1000);
  expect([after.replicas, reasons(after)[0]]).toEqual([3, 'ReadyForNewScale']);
});

test('windows of both directions', () => {
  const rules = { scaleUp: { stabilizationWindowSeconds: 60, policies: [pods(100, 15)] }, scaleDown: { stabilizationWindowSeconds: 0, policies: [percent(100, 15)] } }; // prettier-ignore
  const history = newHistory();
  bound(spec(rules), history, 5, 5, 0);
  const held = bound(spec(rules), history, 5, 9, 30_000);
  expect([held.replicas, reasons(held)[0]]).toEqual([5, 'ScaleUpStabilized']);
  expect(bound(spec(rules), history, 5, 9, 61_000).replicas).toBe(9);
  expect(bound(spec(rules), history, 5, 2, 62_000).replicas).toBe(2);
});

test('policies by number and percent, the larger or the smaller step, or none', () => {
  const up = (selectPolicy: string | undefined, ...policies: ReturnType<typeof pods>[]): number =>
    bound(spec({ scaleUp: { policies, ...(selectPolicy === undefined ? {} : { selectPolicy }) } }), newHistory(), 10, 90, 0).replicas;
  expect(up(undefined, pods(4, 15), percent(100, 15))).toBe(20);
  expect(up('Min', pods(4, 15), percent(100, 15))).toBe(14);
  expect(up('Disabled', pods(4, 15))).toBe(10);
  expect(up(undefined, percent(5, 15))).toBe(11);
  const down = (selectPolicy: string | undefined, ...policies: ReturnType<typeof pods>[]): number =>
    bound(spec({ scaleDown: { stabilizationWindowSeconds: 0, policies, ...(selectPolicy === undefined ? {} : { selectPolicy }) } }), newHistory(), 10, 1, 0).replicas; // prettier-ignore
  expect(down(undefined, pods(4, 15), percent(10, 15))).toBe(6);
  expect(down('Min', pods(4, 15), percent(10, 15))).toBe(9);
  expect(down('Disabled', pods(4, 15))).toBe(10);
});

test('what was changed within the period counts against the policy', () => {
  const rules = { scaleUp: { policies: [pods(4, 60)] }, scaleDown: { stabilizationWindowSeconds: 0, policies: [pods(2, 60)] } };
  const history = newHistory();
  recordScaling(history, 10, 13, 0);
  expect(bound(spec(rules), history, 13, 50, 30_000).replicas).toBe(14);
  expect(bound(spec(rules), history, 13, 50, 61_000).replicas).toBe(17);
  const other = newHistory();
  recordScaling(other, 10, 8, 0);
  const held = bound(spec(rules), other, 8, 1, 30_000);
  expect([held.replicas, reasons(held)[1]]).toEqual([8, 'ScaleDownLimit']);
  expect(bound(spec(rules), other, 8, 1, 61_000).replicas).toBe(6);
});
