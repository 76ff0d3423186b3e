import { JOBS } from '../../client/resources.js';
import { createKit, type Kit } from '../testing/kit.js';
import { createTtlAfterFinishedController } from './index.js';

let kit: Kit;
afterEach(async () => {
  await kit?.stop();
  expect(kit.clock.pending()).toBe(0);
});

const finished = (type: string) => ({ conditions: [{ type, status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z' }] });
const seed = (name: string, spec: object, status: object = finished('Complete')): unknown =>
  kit.client.seed(JOBS, { metadata: { namespace: 'default', name }, spec, status });
const names = async (): Promise<string[]> => (await kit.client.list(JOBS)).items.map(({ metadata }) => metadata.name);

test('deletes finished jobs when their time has come, with their pods first', async () => {
  kit = createKit();
  seed('now', { ttlSecondsAfterFinished: 0 });
  seed('later', { ttlSecondsAfterFinished: 60 }, finished('Failed'));
  seed('kept', {});
  seed('running', { ttlSecondsAfterFinished: 1 }, {});
  await kit.start(createTtlAfterFinishedController);
  expect(await names()).toEqual(['later', 'kept', 'running']);
  await kit.run(59_000);
  expect(await names()).toContain('later');
  await kit.run(2000);
  expect(await names()).toEqual(['kept', 'running']);
  const deletions = kit.client.requests.filter(({ verb }) => verb === 'delete');
  expect(deletions.map(({ body }) => body)).toEqual(
    Array.from({ length: 2 }, () => expect.objectContaining({ propagationPolicy: 'Foreground' })),
  );
});

test('a time that was made longer counts', async () => {
  kit = createKit();
  seed('job', { ttlSecondsAfterFinished: 10 });
  await kit.start(createTtlAfterFinishedController);
  await kit.client.patch(JOBS, { namespace: 'default', name: 'job' }, 'merge', { spec: { ttlSecondsAfterFinished: 100 } });
  await kit.run(50_000);
  expect(await names()).toEqual(['job']);
  await kit.run(51_000);
  expect(await names()).toEqual([]);
});
