// Deleting pods: the grace period, the last status, and what is left.
import { PODS } from '../client/resources.js';
import { conflict } from '../apimachinery/errors/api-error.js';
import { createBench, type KubeletBench } from './testing/bench.js';

const key = (name: string): { namespace: string; name: string } => ({ namespace: 'default', name });

async function isThere(bench: KubeletBench, name: string): Promise<boolean> {
  const { items } = await bench.client.list(PODS, { namespace: 'default' });
  return items.some(({ metadata }) => metadata.name === name);
}

test('a deleted pod stops soon, is told as ended, and goes', async () => {
  const bench = await createBench();
  const made = bench.pod('web');
  await bench.clock.advance(50);
  await bench.client.delete(PODS, key('web'));
  await bench.clock.advance(10);
  expect(await isThere(bench, 'web')).toBe(true);
  expect(await bench.events('web')).toContain('Killing: Stopping container web');
  await bench.clock.advance(20);
  expect(await isThere(bench, 'web')).toBe(false);
  const requests = bench.client.requests.filter(({ resource, name }) => resource === 'pods' && name === 'web');
  expect(requests.at(-2)).toMatchObject({
    verb: 'patch',
    subresource: 'status',
    body: {
      metadata: { uid: made.metadata.uid },
      status: { phase: 'Succeeded', containerStatuses: [{ ready: false, state: { terminated: { exitCode: 0, reason: 'Completed' } } }] },
    },
  });
  expect(requests.at(-1)).toMatchObject({ verb: 'delete', body: { gracePeriodSeconds: 0, preconditions: { uid: made.metadata.uid } } });
  // Its address may be used again, after all others.
  expect(bench.clock.pending()).toBeLessThan(5);
  await bench.kubelets.stop();
});

test('a preStop hook’s sleep counts within the grace period, and a shorter one comes before it', async () => {
  const bench = await createBench();
  const lifecycle = { preStop: { sleep: { seconds: 20 } } };
  bench.pod('slow', { containers: [{ name: 'web', image: 'nginx', lifecycle }] });
  await bench.clock.advance(50);
  await bench.client.delete(PODS, key('slow'), { gracePeriodSeconds: 30 });
  await bench.clock.advance(19_000);
  expect(await isThere(bench, 'slow')).toBe(true);
  await bench.clock.advance(2000);
  expect(await isThere(bench, 'slow')).toBe(false);
  await bench.kubelets.stop();
});

test('a pod that was deleted by force leaves nothing running', async () => {
  const bench = await createBench();
  const made = bench.pod('web');
  await bench.clock.advance(50);
  await bench.client.delete(PODS, key('web'), { gracePeriodSeconds: 0 });
  await bench.clock.advance(50);
  const ask = bench.endpoints
    .get('node-0')!
    .containerLogs({ namespace: 'default', name: 'web', uid: made.metadata.uid }, { container: 'web' }, { write: () => {}, end: () => {} });
  await expect(ask).rejects.toMatchObject({ code: 404 });
  await bench.kubelets.stop();
});

test('a pod deleted before it has started fails and goes', async () => {
  const bench = await createBench();
  bench.pod('never', { containers: [{ name: 'web', image: 'invalid.example/web' }] });
  await bench.clock.advance(50);
  await bench.client.delete(PODS, key('never'));
  await bench.clock.advance(10);
  expect(await isThere(bench, 'never')).toBe(false);
  const last = bench.client.requests.filter(({ name, subresource }) => name === 'never' && subresource === 'status').at(-1);
  expect(last!.body).toMatchObject({
    status: { phase: 'Failed', containerStatuses: [{ state: { terminated: { exitCode: 137, reason: 'ContainerStatusUnknown' } } }] },
  });
  await bench.kubelets.stop();
});

test('a pod that has ended goes at once; one with a finalizer is deleted once', async () => {
  const bench = await createBench();
  bench.pod('done', { restartPolicy: 'Never', containers: [{ name: 'main', image: 'busybox', command: ['true'] }] });
  bench.pod('held', {}, { finalizers: ['example.com/hold'] });
  await bench.clock.advance(50);
  await bench.client.delete(PODS, key('done'));
  await bench.client.delete(PODS, key('held'));
  await bench.clock.advance(60_000);
  expect(await isThere(bench, 'done')).toBe(false);
  expect((await bench.get('held')).status.phase).toBe('Succeeded');
  expect(bench.client.requests.filter(({ verb, name }) => verb === 'delete' && name === 'held').length).toBeLessThan(4);
  await bench.kubelets.stop();
});

test('the last delete is tried again when the server fails', async () => {
  let failures = 2;
  const bench = await createBench({
    reactor: ({ verb, resource, body }) => {
      if (verb === 'delete' && resource === 'pods' && (body as { gracePeriodSeconds?: number }).gracePeriodSeconds === 0 && failures-- > 0)
        throw new Error('connection refused');
    },
  });
  bench.pod('web');
  await bench.clock.advance(50);
  await bench.client.delete(PODS, key('web'));
  await bench.clock.advance(500);
  expect(await isThere(bench, 'web')).toBe(true);
  await bench.clock.advance(5000);
  expect(await isThere(bench, 'web')).toBe(false);
  await bench.kubelets.stop();
});

test('conflicts of the last status and of the deletion itself are tried again', async () => {
  let refusals = 4;
  let deleting = false;
  const bench = await createBench({
    reactor: ({ verb, resource, subresource }) => {
      const last = resource === 'pods' && (verb === 'delete' || (verb === 'patch' && subresource === 'status'));
      if (last && deleting && refusals-- > 0) throw conflict(PODS, 'web', 'somebody else wrote');
    },
  });
  const pod = bench.pod('web');
  await bench.clock.advance(50);
  deleting = true;
  await bench.client.patch(PODS, pod.metadata, 'merge', {
    metadata: { deletionTimestamp: '2026-01-01T00:00:00Z', deletionGracePeriodSeconds: 1 },
  });
  await bench.clock.advance(60_000);
  await expect(bench.get('web')).rejects.toMatchObject({ code: 404 });
  expect(refusals).toBeLessThanOrEqual(0);
  await bench.kubelets.stop();
});
