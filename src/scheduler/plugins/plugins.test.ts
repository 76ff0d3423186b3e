import type { PodSpec } from '../../../openapi/types/core.v1.js';
import { createResourceReader } from '../cycle/resources.js';
import { normalize, reverseNormalize } from './normalize.js';

const spec = (value: unknown): PodSpec => value as PodSpec;

test('requests: containers together, the largest init container, sidecars with both, overhead, and those of the whole pod', () => {
  const reader = createResourceReader();
  const container = (cpu: string, more: object = {}) => ({ name: 'c', resources: { requests: { cpu } }, ...more });
  const cpu = (value: unknown) => reader.requests(spec(value)).cpu;
  expect(cpu({ containers: [container('100m'), container('1')] })).toBe(1100);
  expect(cpu({ containers: [container('1')], initContainers: [container('2')] })).toBe(2000);
  expect(cpu({ containers: [container('1')], initContainers: [container('500m', { restartPolicy: 'Always' }), container('2')] })).toBe(
    2500,
  );
  expect(cpu({ containers: [container('1')], overhead: { cpu: '250m' } })).toBe(1250);
  expect(cpu({ containers: [container('1')], resources: { requests: { cpu: '3' } } })).toBe(3000);
  const requests = reader.requests(
    spec({ containers: [{ name: 'c' }, { name: 'd', resources: { requests: { 'example.com/foo': '2' } } }] }),
  );
  expect(requests).toMatchObject({ cpu: 0, memory: 0, scoredCpu: 200, scoredMemory: 400 * 1024 * 1024 });
  expect(requests.others).toEqual(new Map([['example.com/foo', 2]]));
});

test('scores come to 0 to 100', () => {
  const scores = [1, 2, 4];
  normalize(scores);
  expect(scores).toEqual([25, 50, 100]);
  reverseNormalize(scores);
  expect(scores).toEqual([75, 50, 0]);
  const zeros = [0, 0];
  reverseNormalize(zeros);
  expect(zeros).toEqual([100, 100]);
});
