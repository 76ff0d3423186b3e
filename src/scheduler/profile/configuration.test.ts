// KubeSchedulerConfiguration: what it changes, and what it may not say.
import { createWorld, setUpScheduler } from '../testing/world.js';
import { readConfiguration } from './configuration.js';
import { createProfile } from './profile.js';

const head = { apiVersion: 'kubescheduler.config.k8s.io/v1', kind: 'KubeSchedulerConfiguration' };
const profileOf = (profile: object) =>
  createProfile(readConfiguration({ ...head, profiles: [profile] }).profiles[0]!, createWorld().handle);

// The plugins and weights that `kube-scheduler --write-config-to` of v1.36.3 writes.
test('the default profile', () => {
  const { checks, scores, postFilters, preEnqueue, queueSort, bind, schedulerName } = profileOf({});
  expect(schedulerName).toBe('default-scheduler');
  expect(checks.map(({ name }) => name)).toEqual([
    'NodeUnschedulable',
    'NodeName',
    'TaintToleration',
    'NodeAffinity',
    'NodePorts',
    'NodeResourcesFit',
    'VolumeRestrictions',
    'NodeVolumeLimits',
    'VolumeBinding',
    'VolumeZone',
    'PodTopologySpread',
    'InterPodAffinity',
    'DynamicResources',
    'NodeDeclaredFeatures',
  ]);
  expect(scores.map(({ plugin, weight }) => `${plugin.name} ${weight}`)).toEqual([
    'TaintToleration 3',
    'NodeAffinity 2',
    'NodeResourcesFit 1',
    'PodTopologySpread 2',
    'InterPodAffinity 2',
    'DynamicResources 2',
    'NodeResourcesBalancedAllocation 1',
    'ImageLocality 1',
  ]);
  expect(postFilters.map(({ name }) => name)).toEqual(['DynamicResources', 'DefaultPreemption']);
  expect(preEnqueue.map(({ name }) => name)).toEqual(['SchedulingGates', 'DynamicResources']);
  expect([queueSort.name, bind.name]).toEqual(['PrioritySort', 'DefaultBinder']);
});

test.each<[string, object, (profile: ReturnType<typeof profileOf>) => unknown, unknown]>([
  [
    'a score off, another with another weight',
    { score: { disabled: [{ name: 'ImageLocality' }, { name: 'NodeResourcesFit' }], enabled: [{ name: 'NodeResourcesFit', weight: 7 }] } },
    ({ scores }) => scores.map(({ plugin, weight }) => `${plugin.name} ${weight}`),
    [
      'NodeResourcesFit 7',
      'TaintToleration 3',
      'NodeAffinity 2',
      'PodTopologySpread 2',
      'InterPodAffinity 2',
      'DynamicResources 2',
      'NodeResourcesBalancedAllocation 1',
    ],
  ],
  ['all scores off', { score: { disabled: [{ name: '*' }] } }, ({ scores, checks }) => [scores.length, checks.length], [0, 14]],
  [
    'everywhere',
    { multiPoint: { disabled: [{ name: 'InterPodAffinity' }], enabled: [{ name: 'TaintToleration', weight: 9 }] } },
    ({ checks, scores }) => [checks.some(({ name }) => name === 'InterPodAffinity'), scores[0]?.plugin.name, scores[0]?.weight],
    [false, 'TaintToleration', 9],
  ],
  [
    'no filter, but what it said before is heard',
    { filter: { disabled: [{ name: 'NodePorts' }] } },
    ({ checks, filters }) => [checks.some(({ name }) => name === 'NodePorts'), filters.has('NodePorts')],
    [true, false],
  ],
])('%s', (_name, plugins, read, expected) => {
  expect(read(profileOf({ plugins }))).toEqual(expected);
});

test.each<[unknown, string]>([
  [undefined, 'it must be a map of fields'],
  [{ kind: 'KubeSchedulerConfiguration' }, 'it must be a KubeSchedulerConfiguration of kubescheduler.config.k8s.io/v1'],
  [{ ...head, profile: [] }, 'there is no field "profile"'],
  [{ ...head, extenders: [{}] }, 'extenders[0].urlPrefix must be a URL such as http://127.0.0.1:8888/scheduler, not ""'],
  [{ ...head, extenders: [{ urlPrefix: 'ftp://x' }] }, 'extenders[0].urlPrefix must be a URL'],
  [{ ...head, extenders: [{ urlPrefix: 'http://x', prioritizeVerb: 'p' }] }, 'extenders[0].weight must be 1 or more'],
  [{ ...head, extenders: [{ urlPrefix: 'http://x', httpTimeout: 'soon' }] }, 'extenders[0].httpTimeout must be a time such as 5s'],
  [{ ...head, extenders: [{ urlPrefix: 'http://x', verb: 'p' }] }, 'extenders[0]: there is no field "verb"'],
  [{ ...head, extenders: [{ urlPrefix: 'http://x', managedResources: [{ name: 'cpu' }] }] }, 'must be an extended resource'],
  [{ ...head, extenders: ['a', 'b'].map((x) => ({ urlPrefix: `http://${x}`, bindVerb: 'b' })) }, 'only one may bind pods, not 2'],
  [{ ...head, percentageOfNodesToScore: 101 }, 'percentageOfNodesToScore must be a whole number from 0 to 100, not 101'],
  [{ ...head, podInitialBackoffSeconds: 20 }, 'podMaxBackoffSeconds must be podInitialBackoffSeconds (20) or more'],
  [{ ...head, profiles: [{}, {}] }, 'there are two with the schedulerName "default-scheduler"'],
  [{ ...head, profiles: [{ plugins: { scores: {} } }] }, 'profiles[0].plugins: there is no field "scores"'],
  [{ ...head, profiles: [{ plugins: { score: { enabled: [{}] } } }] }, 'profiles[0].plugins.score.enabled: every entry needs a name'],
  [{ ...head, profiles: [{ pluginConfig: [{ name: 'NodePorts' }, { name: 'NodePorts' }] }] }, 'NodePorts is there twice'],
])('refuses %j', (document, message) => {
  expect(() => readConfiguration(document)).toThrow(message);
});

test.each<[object, string]>([
  [{ plugins: { score: { enabled: [{ name: 'Magic' }] } } }, 'there is no scheduler plugin "Magic": choose from SchedulingGates'],
  [{ pluginConfig: [{ name: 'Magic' }] }, 'there is no scheduler plugin "Magic"'],
  [{ plugins: { bind: { disabled: [{ name: '*' }] } } }, 'at least one bind plugin must be enabled'],
  [{ plugins: { queueSort: { disabled: [{ name: '*' }] } } }, 'one queueSort plugin must be enabled'],
  [{ pluginConfig: [{ name: 'DefaultPreemption', args: { minCandidateNodesPercentage: 101 } }] }, 'DefaultPreemption: '],
  [{ pluginConfig: [{ name: 'VolumeBinding', args: { bindTimeoutSeconds: -1 } }] }, 'VolumeBinding: '],
])('refuses the profile %j', (profile, message) => {
  expect(() => profileOf(profile)).toThrow(message);
});

test('extenders as they are read, and what they keep from being counted', () => {
  const { extenders, profiles } = readConfiguration({
    ...head,
    profiles: [{ pluginConfig: [{ name: 'NodeResourcesFit', args: { ignoredResources: ['example.com/own'] } }] }],
    extenders: [
      {
        urlPrefix: 'http://127.0.0.1:8888/scheduler/',
        filterVerb: 'filter',
        enableHTTPS: true,
        httpTimeout: '1m30s',
        tlsConfig: { caData: Buffer.from('PEM').toString('base64') },
        managedResources: [{ name: 'example.com/foo', ignoredByScheduler: true }, { name: 'example.com/bar' }],
      },
    ],
  });
  expect(extenders).toMatchObject([
    {
      urlPrefix: 'https://127.0.0.1:8888/scheduler',
      filterVerb: 'filter',
      bindVerb: '',
      timeout: 90_000,
      nodeCacheCapable: false,
      ignorable: false,
      tls: { insecure: false, caData: 'PEM' },
    },
  ]);
  expect(profiles[0]!.pluginConfig.get('NodeResourcesFit')).toEqual({ ignoredResources: ['example.com/own', 'example.com/foo'] });
});

test('each profile serves the pods that name it, with its own plugins and events', async () => {
  const set = setUpScheduler({
    configuration: {
      podInitialBackoffSeconds: 2,
      profiles: [
        { schedulerName: 'default-scheduler' },
        {
          schedulerName: 'packing',
          pluginConfig: [{ name: 'NodeResourcesFit', args: { scoringStrategy: { type: 'MostAllocated' } } }],
          plugins: { multiPoint: { disabled: [{ name: 'NodeResourcesBalancedAllocation' }] } },
        },
      ],
    },
  });
  set.node('n0');
  set.node('n1');
  set.pod('there', { requests: { cpu: '2', memory: '4Gi' }, spec: { nodeName: 'n0' } });
  const requests = { cpu: '1', memory: '1Gi' };
  set.pod('spread', { requests });
  set.pod('packed', { requests, spec: { schedulerName: 'packing' } });
  set.pod('foreign', { requests, spec: { schedulerName: 'mine' } });
  await set.start();
  expect([await set.nodeOf('spread'), await set.nodeOf('packed'), await set.nodeOf('foreign')]).toEqual(['n1', 'n0', undefined]);
  await set.stop();
});
