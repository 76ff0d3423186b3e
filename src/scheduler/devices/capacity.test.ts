// What requests take of shared devices. The amounts are those of a real kube-scheduler v1.36.3.
import type { Device } from '../../../openapi/types/resource.v1.js';
import { capacitiesOf, consumptionOf, hasCapacity, writtenConsumption } from './capacity.js';

const shared = {
  name: 'd',
  capacity: {
    range: { value: '100Gi', requestPolicy: { default: '1024Mi', validRange: { min: '1Gi', step: '1Gi' } } },
    most: { value: '100G', requestPolicy: { default: '2000M', validRange: { min: '1000M', step: '500M', max: '3G' } } },
    values: { value: '10', requestPolicy: { default: '1.0', validValues: ['1.0', '2', '3000m'] } },
    plain: { value: '10Gi' },
  },
} as unknown as Device;
const standard = { range: '1Gi', most: '2G', values: '1', plain: '10Gi' };

test.each<[Readonly<Record<string, string>>, Readonly<Record<string, string>>]>([
  [{}, standard],
  [
    { range: '1500M', most: '1.2G', values: '0.7', plain: '1073741824' },
    { range: '2Gi', most: '1500M', values: '1', plain: '1073741824' },
  ],
  [
    { range: '2048Mi', most: '1500000k', values: '1000m', plain: '1.5Gi' },
    { range: '2Gi', most: '1500M', values: '1', plain: '1536Mi' },
  ],
  [
    { range: '1', values: '2500m', plain: '0.5' },
    { ...standard, values: '3', plain: '500m' },
  ],
  [{ plain: '0' }, { ...standard, plain: '0' }],
])('%j', (requests, expected) => {
  const taken = consumptionOf(capacitiesOf(shared), requests);
  expect(taken && writtenConsumption(taken)).toEqual(expected);
});

test.each([[{ values: '4' }], [{ most: '3001M' }], [{ plain: '11Gi' }], [{ range: '101Gi' }], [{ other: '1' }], [{ constructor: '1' }]])(
  'the policy does not allow %j',
  (requests) => {
    expect(consumptionOf(capacitiesOf(shared), requests)).toBeUndefined();
  },
);

test('a device that is given as a whole has enough, or not', () => {
  const capacities = capacitiesOf({ name: 'd', capacity: { memory: { value: '10Gi' } } });
  expect(hasCapacity(capacities, { memory: '10Gi' })).toBe(true);
  expect(hasCapacity(capacities, { memory: '11Gi' })).toBe(false);
  expect(hasCapacity(capacities, { other: '0' })).toBe(false);
});
