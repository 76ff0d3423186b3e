import { seededRandom } from '../../clock/random.js';
import { createNodePorts } from './node-ports.js';

it('keeps the lower 86 of the usual ports for who names one', () => {
  const ports = createNodePorts([30000, 32767], seededRandom(2));
  for (let i = 0; i < 1000; i++) expect(ports.take(undefined)).toBeGreaterThanOrEqual(30086);
  expect(ports.take(30000)).toBe(30000);
  expect(ports.take(30000)).toBeUndefined();
  expect(ports.problem(30000)).toBe('provided port is already allocated');
  expect(ports.problem(1)).toBe('provided port is not in the valid range. The range of valid ports is 30000-32767');
});

it('gives out the lower ones when no other is left', () => {
  const ports = createNodePorts([30000, 30099], seededRandom(2));
  const taken = new Set(Array.from({ length: 100 }, () => ports.take(undefined)));
  expect(taken.size).toBe(100);
  expect(ports.take(undefined)).toBeUndefined();
});
