import type { Toleration } from '../../../../openapi/types/core.v1.js';
import { includes, mergeTolerations } from './tolerations.js';

const exists: Toleration = { key: 'a', operator: 'Exists' };
const equal: Toleration = { key: 'a', operator: 'Equal', value: 'x', effect: 'NoExecute', tolerationSeconds: 100 };

test.each<[Toleration, Toleration, boolean]>([
  [exists, equal, true],
  [equal, exists, false],
  [{ operator: 'Exists' }, equal, true],
  [equal, { ...equal, tolerationSeconds: 50 }, true],
  [equal, { ...equal, tolerationSeconds: 101 }, false],
  [equal, { key: 'a', operator: 'Equal', value: 'x', effect: 'NoExecute' }, false],
  [equal, { ...equal, value: 'y' }, false],
  // The real server compares operators as they are written.
  [{ key: 'a', value: 'x' }, { key: 'a', value: 'x' }, true],
  [{ key: 'a', operator: 'Equal', value: 'x' }, { key: 'a', value: 'x' }, false],
  [{ key: '', operator: 'Equal' }, exists, false],
])('%j includes %j: %s', (wide, toleration, expected) => {
  expect(includes(wide, toleration)).toBe(expected);
});

test('of tolerations that are alike the first stays, and a wider one takes the place of others', () => {
  const other: Toleration = { key: 'b', operator: 'Exists' };
  expect(mergeTolerations([equal, other, other], [exists, { ...exists }])).toEqual([other, exists]);
  expect(mergeTolerations([], [])).toEqual([]);
});
