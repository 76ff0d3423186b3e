// The sentences and scores are those of a real kube-scheduler v1.36.3 for the same nodes and pods.
import { NAMESPACES } from '../../client/resources.js';
import { createWorld } from '../testing/world.js';
import { interPodAffinity } from './inter-pod-affinity.js';

const zone = 'topology.kubernetes.io/zone';
const hostname = 'kubernetes.io/hostname';
const term = (app: string, topologyKey = zone, more: object = {}) => ({ labelSelector: { matchLabels: { app } }, topologyKey, ...more });
const required = (kind: 'podAffinity' | 'podAntiAffinity', ...terms: object[]) => ({
  affinity: { [kind]: { requiredDuringSchedulingIgnoredDuringExecution: terms } },
});
const away = "node(s) didn't match pod anti-affinity rules";
const near = "node(s) didn't match pod affinity rules";
const refused = "node(s) didn't satisfy existing pods anti-affinity rules";

async function cluster() {
  const world = createWorld();
  world.node('n0', { labels: { [zone]: 'a' } });
  world.node('n1', { labels: { [zone]: 'a' } });
  world.node('n2', { labels: { [zone]: 'b' } });
  world.node('n3');
  world.seed(NAMESPACES, { metadata: { name: 't' } });
  world.seed(NAMESPACES, { metadata: { name: 'other', labels: { team: 'x' } } });
  world.pod('web', 'n0', { labels: { app: 'web' } });
  world.pod('lonely', 'n2', { labels: { app: 'lonely' }, spec: required('podAntiAffinity', term('db')) });
  world.pod('far', 'n2', { labels: { app: 'far' }, namespace: 'other' });
  await world.start();
  return world;
}

test.each<[string, object, Record<string, string>]>([
  ['affinity', { spec: required('podAffinity', term('web')) }, { n0: 'yes', n1: 'yes', n2: near, n3: near }],
  ['affinity to nobody', { spec: required('podAffinity', term('x')) }, { n0: near, n1: near, n2: near, n3: near }],
  [
    'the first of its kind',
    { labels: { app: 'x' }, spec: required('podAffinity', term('x')) },
    { n0: 'yes', n1: 'yes', n2: 'yes', n3: near },
  ],
  ['anti-affinity by zone', { spec: required('podAntiAffinity', term('web')) }, { n0: away, n1: away, n2: 'yes', n3: 'yes' }],
  ['anti-affinity by host', { spec: required('podAntiAffinity', term('web', hostname)) }, { n0: away, n1: 'yes', n2: 'yes', n3: 'yes' }],
  ['anti-affinity of another', { labels: { app: 'db' } }, { n0: 'yes', n1: 'yes', n2: refused, n3: 'yes' }],
  ['only its own namespace', { spec: required('podAffinity', term('far')) }, { n0: near, n1: near, n2: near, n3: near }],
  [
    'a namespace by name',
    { spec: required('podAffinity', term('far', zone, { namespaces: ['other'] })) },
    { n0: near, n1: near, n2: 'yes', n3: near },
  ],
  [
    'namespaces by label',
    { spec: required('podAffinity', term('far', zone, { namespaceSelector: { matchLabels: { team: 'x' } } })) },
    { n0: near, n1: near, n2: 'yes', n3: near },
  ],
  [
    'two terms that no single pod meets',
    { spec: required('podAffinity', term('web'), term('lonely')) },
    { n0: near, n1: near, n2: near, n3: near },
  ],
  [
    'a selector by expressions',
    { spec: required('podAntiAffinity', { labelSelector: { matchExpressions: [{ key: 'app', operator: 'Exists' }] }, topologyKey: zone }) },
    { n0: away, n1: away, n2: away, n3: 'yes' },
  ],
])('%s', async (_name, pod, expected) => {
  const world = await cluster();
  expect(world.filter(interPodAffinity, pod)).toEqual(expected);
  world.stop();
});

test('the labels of a namespace change', async () => {
  const world = await cluster();
  const pod = { spec: required('podAffinity', term('far', zone, { namespaceSelector: { matchLabels: { team: 'y' } } })) };
  expect(world.filter(interPodAffinity, pod)).toMatchObject({ n2: near });
  world.seed(NAMESPACES, { metadata: { name: 'other', labels: { team: 'y' } } });
  await world.settle();
  expect(world.filter(interPodAffinity, pod)).toMatchObject({ n2: 'yes' });
  world.stop();
});

test('preferences of the pod, and of others towards it', async () => {
  const world = await cluster();
  const preferred = (weight: number, one: object) => ({
    preferredDuringSchedulingIgnoredDuringExecution: [{ weight, podAffinityTerm: one }],
  });
  const spec = { affinity: { podAffinity: preferred(50, term('web')), podAntiAffinity: preferred(20, term('lonely')) } };
  expect(world.score(interPodAffinity, { spec })).toEqual({ n0: 100, n1: 100, n2: 0, n3: 28 });
  expect(world.score(interPodAffinity, { labels: { app: 'new' } })).toBeUndefined();

  world.pod('fan', 'n2', { spec: required('podAffinity', term('new')) });
  await world.settle();
  expect(world.score(interPodAffinity, { labels: { app: 'new' } })).toEqual({ n0: 0, n1: 0, n2: 100, n3: 0 });
  expect(world.score(interPodAffinity, { labels: { app: 'new' } }, { hardPodAffinityWeight: 0 })).toBeUndefined();
  world.pod('wisher', 'n0', { spec: { affinity: { podAffinity: preferred(3, term('new')) } } });
  await world.settle();
  expect(world.score(interPodAffinity, { labels: { app: 'new' } })).toEqual({ n0: 100, n1: 100, n2: 33, n3: 0 });
  const ignoring = { ignorePreferredTermsOfExistingPods: true };
  expect(world.score(interPodAffinity, { labels: { app: 'new' } }, ignoring)).toEqual({ n0: 0, n1: 0, n2: 100, n3: 0 });
  world.stop();
});

test('a trial puts pods on nodes and takes them off', async () => {
  const world = await cluster();
  const plugin = interPodAffinity(world.handle, {});
  const pod = world.info('asked', { labels: { app: 'db' }, spec: required('podAntiAffinity', term('web')) });
  const check = plugin.preFilter!(pod);
  if (check === undefined || 'rejected' in check) throw new Error('a check was expected');
  const before = { n0: away, n1: away, n2: refused, n3: 'yes' };
  const on = (name: string) => world.cache.get(name)!;
  const trial = check.fork!();
  trial.remove!(on('n0').pods.get('t/web')!, on('n0'));
  trial.remove!(on('n2').pods.get('t/lonely')!, on('n2'));
  expect(world.verdictsOf(trial)).toEqual({ n0: 'yes', n1: 'yes', n2: 'yes', n3: 'yes' });
  const second = trial.fork!();
  second.add!(world.info('more', { labels: { app: 'web' } }), on('n2'));
  expect(world.verdictsOf(second)).toMatchObject({ n2: away });
  expect(world.verdictsOf(trial)).toMatchObject({ n2: 'yes' });
  expect(world.verdictsOf(check)).toEqual(before);
  world.stop();
});

test.each([{ hardPodAffinityWeight: 101 }, { ignorePreferredTermsOfExistingPods: 1 }])('refuses the arguments %j', (args) => {
  expect(() => interPodAffinity(createWorld().handle, args)).toThrow('InterPodAffinity: ');
});
