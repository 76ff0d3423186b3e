// Logs through the endpoint that the API server asks.
import type { LogSink } from '../client/kubelet-endpoint.js';
import { createBench } from './testing/bench.js';

function counter(): object {
  return {
    containers: [
      { name: 'main', image: 'busybox', args: ['sh', '-c', 'i=0; while true; do echo "$i: $(date)"; i=$((i+1)); sleep 1; done'] },
    ],
  };
}

test('what a container printed, by every option', async () => {
  const bench = await createBench();
  bench.pod('counter', counter());
  await bench.clock.advance(4500);
  const line = (second: number): string => `${second}: Thu Jan  1 00:00:0${second} UTC 2026\n`;
  expect(await bench.log('counter')).toBe([0, 1, 2, 3, 4].map(line).join(''));
  expect(await bench.log('counter', { tailLines: 2 })).toBe(line(3) + line(4));
  expect(await bench.log('counter', { tailLines: 0 })).toBe('');
  expect(await bench.log('counter', { sinceSeconds: 1 })).toBe(line(4));
  expect(await bench.log('counter', { sinceTime: Date.parse('2026-01-01T00:00:03Z') })).toBe(line(3) + line(4));
  expect(await bench.log('counter', { limitBytes: 5 })).toBe('0: Th');
  expect(await bench.log('counter', { tailLines: 1, timestamps: true })).toBe(`2026-01-01T00:00:04.000000000Z ${line(4)}`);
  expect(await bench.log('counter', { stream: 'Stderr' })).toBe('');
  await bench.kubelets.stop();
});

test('following goes on until the container ends, or the reader has enough', async () => {
  const bench = await createBench();
  const pod = bench.pod('talk', {
    restartPolicy: 'Never',
    containers: [{ name: 'main', image: 'busybox', command: ['sh', '-c', 'for i in 1 2 3; do echo $i; sleep 1; done'] }],
  });
  await bench.clock.advance(500);
  const said: string[] = [];
  const sink = (name: string): LogSink => ({
    write: (chunk) => void said.push(`${name}${Buffer.from(chunk).toString()}`),
    end: () => void said.push(`${name}end`),
  });
  const endpoint = bench.endpoints.get('node-0')!;
  const reference = { namespace: 'default', name: 'talk', uid: pod.metadata.uid };
  await endpoint.containerLogs(reference, { container: 'main', follow: true }, sink('a'));
  const second = await endpoint.containerLogs(reference, { container: 'main', follow: true, tailLines: 0 }, sink('b'));
  await endpoint.containerLogs(reference, { container: 'main', follow: true, limitBytes: 3 }, sink('c'));
  await bench.clock.advance(1000);
  second.stop();
  await bench.clock.advance(5000);
  expect(said).toEqual(['a1\n', 'c1\n', 'a2\n', 'b2\n', 'c2', 'cend', 'a3\n', 'aend']);
  await bench.kubelets.stop();
});

test('the errors of containers that have no log', async () => {
  const bench = await createBench();
  bench.pod('nope', { containers: [{ name: 'web', image: 'nosuch' }] });
  bench.pod('config', { volumes: [{ name: 'cfg', configMap: { name: 'missing' } }] });
  bench.pod('web');
  await bench.clock.advance(100);
  await expect(bench.log('nope')).rejects.toMatchObject({
    code: 400,
    message: `container "web" in pod "nope" is waiting to start: image can't be pulled`,
  });
  await bench.clock.advance(1000);
  await expect(bench.log('nope')).rejects.toThrow('container "web" in pod "nope" is waiting to start: trying and failing to pull image');
  await expect(bench.log('config')).rejects.toThrow('container "web" in pod "config" is waiting to start: ContainerCreating');
  await expect(bench.log('web', { previous: true })).rejects.toThrow('previous terminated container "web" in pod "web" not found');
  await expect(bench.log('web', { container: 'other' })).rejects.toMatchObject({ code: 400 });
  await bench.kubelets.stop();
});
