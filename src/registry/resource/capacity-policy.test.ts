// Policies of shared capacity that no recorded exchange shows.
import { capacityErrors } from './capacity-policy.js';

test('a step of nothing is not divided by', () => {
  const policy = { default: '4', validRange: { min: '1', step: '0' } };
  expect(capacityErrors('c', { value: '10', requestPolicy: policy }, true)).toEqual([]);
});

test('steps are counted in whole amounts', () => {
  const policy = { default: '300m', validRange: { min: '100m', step: '100m', max: '1' } };
  expect(capacityErrors('c', { value: '1', requestPolicy: policy }, true)).toEqual([]);
});
