// What explain-scheduling says is what the scheduler would do, and nothing is changed by it.
import { linesOf } from '../cli/commands/explain-scheduling.js';
import { createMemoryClient } from '../client/testing/memory-client.js';
import { NODES, PODS } from '../client/resources.js';
import { manualClock } from '../clock/manual-clock.js';
import { seededRandom } from '../clock/random.js';
import { explainScheduling, ExplanationError } from './explain.js';
import { nodeOf, podOf } from './testing/world.js';

function cluster() {
  const clock = manualClock();
  const client = createMemoryClient({ clock });
  client.seed(NODES, nodeOf('n0'));
  client.seed(NODES, nodeOf('n1', { allocatable: { cpu: '8', memory: '16Gi' } }));
  client.seed(NODES, nodeOf('n2', { spec: { unschedulable: true, taints: [{ key: 'k', effect: 'NoSchedule' }] } }));
  const explain = async (name: string) => {
    const asked = explainScheduling({ client, clock, random: seededRandom(1) }, 't', name);
    asked.catch(() => undefined);
    for (let turn = 0; turn < 10; turn++) await clock.advance(0);
    return asked;
  };
  return { clock, client, explain };
}

const plain = { bold: (text: string) => text, dim: (text: string) => text };

test('scores of the nodes that do, verdicts on those that do not', async () => {
  const { clock, client, explain } = cluster();
  client.seed(PODS, podOf('web', { requests: { cpu: '1', memory: '1Gi' } }));
  const writes = () => client.requests.filter(({ verb }) => !['get', 'list', 'watch'].includes(verb)).length;
  const found = await explain('web');
  expect(found).toMatchObject({ schedulerName: 'default-scheduler', assigned: undefined, best: ['n1'], message: undefined });
  const [best, second, refused] = found.nodes;
  expect([best?.name, second?.name, refused?.name]).toEqual(['n1', 'n0', 'n2']);
  expect(best?.scores.find(({ plugin }) => plugin === 'NodeResourcesFit')).toEqual({
    plugin: 'NodeResourcesFit',
    weight: 1,
    raw: 90,
    normalized: 90,
    weighted: 90,
  });
  expect(best?.scores.find(({ plugin }) => plugin === 'TaintToleration')).toMatchObject({ raw: 0, normalized: 100, weighted: 300 });
  expect(best?.total).toBe(best?.scores.reduce((sum, { weighted }) => sum + weighted, 0));
  // All filters speak, not only the first that rejects.
  expect(refused?.verdicts.filter(({ passes }) => !passes)).toEqual([
    { plugin: 'NodeUnschedulable', passes: false, reasons: ['node(s) were unschedulable'] },
    { plugin: 'TaintToleration', passes: false, reasons: ['node(s) had untolerated taint(s)'] },
  ]);
  const lines = linesOf(found, plain).join('\n');
  expect(lines).toContain('Best: n1');
  expect(lines).toMatch(/^NODE +TOTAL +TaintToleration x3 +NodeResourcesFit x1/m);
  expect(lines).toContain('n2  NodeUnschedulable: node(s) were unschedulable; TaintToleration: node(s) had untolerated taint(s)');
  expect(writes()).toBe(0);
  expect(clock.pending()).toBe(0);
});

test('a pod that has its node is looked at as if it had none', async () => {
  const { client, explain } = cluster();
  client.seed(PODS, podOf('big', { requests: { cpu: '6' }, spec: { nodeName: 'n1' } }));
  expect(await explain('big')).toMatchObject({ assigned: 'n1', best: ['n1'] });
});

test('the sentence of the event, and what preemption would do', async () => {
  const { client, explain } = cluster();
  client.seed(PODS, podOf('big', { requests: { cpu: '100' } }));
  const found = await explain('big');
  expect(found.best).toEqual([]);
  expect(found.message).toBe(
    '0/3 nodes are available: 1 node(s) were unschedulable, 2 Insufficient cpu. no new claims to deallocate, preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.',
  );
  expect(linesOf(found, plain)).toContain(found.message);
  client.seed(PODS, podOf('low', { requests: { cpu: '8' }, spec: { nodeName: 'n1', priority: -5 } }));
  client.seed(PODS, podOf('low0', { requests: { cpu: '4' }, spec: { nodeName: 'n0', priority: 5 } }));
  client.seed(PODS, podOf('high', { requests: { cpu: '1' }, spec: { priority: 10 } }));
  const preempting = await explain('high');
  expect(preempting.preemption).toBe('n1');
  expect(linesOf(preempting, plain)).toContain('Preemption would make room on n1.');
});

test('what keeps a pod out of the queue, and what rules out all nodes', async () => {
  const { client, explain } = cluster();
  client.seed(PODS, podOf('gated', { spec: { schedulingGates: [{ name: 'example.com/gate' }] } }));
  expect(linesOf(await explain('gated'), plain)).toContain(
    'It does not enter the queue: SchedulingGates: waiting for scheduling gates: [example.com/gate]',
  );
  client.seed(PODS, podOf('claims', { spec: { volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'absent' } }] } }));
  expect(linesOf(await explain('claims'), plain)).toContain(
    'No node is looked at: VolumeRestrictions: persistentvolumeclaim "absent" not found',
  );
});

test('another scheduler, or no pod at all', async () => {
  const { client, explain } = cluster();
  client.seed(PODS, podOf('foreign', { spec: { schedulerName: 'mine' } }));
  await expect(explain('foreign')).rejects.toThrow(ExplanationError);
  await expect(explain('absent')).rejects.toMatchObject({ code: 404 });
});
