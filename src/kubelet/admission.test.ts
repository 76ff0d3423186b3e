// Pods that name their node themselves and do not fit.
import type { Pod } from '../../openapi/types/core.v1.js';
import { PODS } from '../client/resources.js';
import { createBench, type KubeletBench } from './testing/bench.js';

/** Puts a pod on the node past the scheduler. */
function put(bench: KubeletBench, name: string, spec: object = { containers: [{ name: 'web', image: 'nginx' }] }): void {
  bench.client.seed<Pod>(PODS, {
    metadata: { name, namespace: 'default' },
    spec: { nodeName: 'node-0', restartPolicy: 'Always', ...spec } as Pod['spec'],
    status: { phase: 'Pending' },
  });
}

const phaseOf = async (bench: KubeletBench, name: string): Promise<unknown> => {
  const { phase, reason, message } = (await bench.get(name)).status;
  return reason === undefined ? phase : [phase, reason, message];
};
const port = (hostIP?: string): object => ({
  containers: [
    { name: 'web', image: 'nginx', ports: [{ containerPort: 80, hostPort: 8080, ...(hostIP === undefined ? {} : { hostIP }) }] },
  ],
});
const cpu = (amount: string): object => ({ containers: [{ name: 'web', image: 'nginx', resources: { requests: { cpu: amount } } }] });

test('a host port that another pod has', async () => {
  const bench = await createBench();
  put(bench, 'first', port('10.0.0.1'));
  put(bench, 'other-address', port('10.0.0.2'));
  await bench.clock.advance(1500);
  put(bench, 'every-address', port());
  await bench.clock.advance(1500);
  expect([await phaseOf(bench, 'first'), await phaseOf(bench, 'other-address')]).toEqual(['Running', 'Running']);
  const message = "Pod was rejected: Predicate NodePorts failed: node(s) didn't have free ports for the requested pod ports";
  expect(await phaseOf(bench, 'every-address')).toEqual(['Failed', 'NodePorts', message]);
  expect((await bench.get('every-address')).status.containerStatuses).toBeUndefined();
  expect(await bench.events('every-address')).toEqual([`NodePorts: ${message}`]);
  await bench.kubelets.stop();
});

test('more than the node has left', async () => {
  const bench = await createBench({ capacity: { cpu: '2', pods: '3' } });
  put(bench, 'half', cpu('1500m'));
  await bench.clock.advance(1500);
  put(bench, 'much', cpu('1'));
  bench.pod('scheduled', cpu('1'));
  await bench.clock.advance(1500);
  put(bench, 'third');
  await bench.clock.advance(1500);
  put(bench, 'fourth');
  await bench.clock.advance(1500);
  const lack = (resource: string, numbers: string): string[] => [
    'Failed',
    `OutOf${resource}`,
    `Pod was rejected: Node didn't have enough resource: ${resource}, ${numbers}`,
  ];
  expect(await phaseOf(bench, 'much')).toEqual(lack('cpu', 'requested: 1000, used: 1500, capacity: 2000'));
  // The scheduler's word counts, and a pod that has failed takes no place.
  expect([await phaseOf(bench, 'scheduled'), await phaseOf(bench, 'third')]).toEqual(['Running', 'Running']);
  expect(await phaseOf(bench, 'fourth')).toEqual(lack('pods', 'requested: 1, used: 3, capacity: 3'));
  await bench.kubelets.stop();
});
