import { readFileSync } from 'node:fs';
import type { KubeObject } from '../../../apimachinery/object.js';
import { loadFacts } from '../../../registry/index.js';
import { nodeRules, type ControlPlaneFacts } from '../../bootstrap/control-plane.js';
import { reviewSubjectAccess } from '../reviews.js';
import { createNodeGraph, type NodeGraph } from './graph.js';
import { createNodeAuthorizer } from './node-authorizer.js';

/** What a real server answered when these objects were there: true, or the reason of the refusal. */
const { objects, answers } = JSON.parse(readFileSync(new URL('./golden/answers.json', import.meta.url), 'utf8')) as {
  readonly objects: readonly KubeObject[];
  readonly answers: readonly (readonly [object, true | string])[];
};
const rules = nodeRules(loadFacts().file('fresh-control-plane.json') as ControlPlaneFacts);

let graph: NodeGraph;
beforeEach(() => {
  graph = createNodeGraph();
});

/** Each order of events must come to the same. */
test.each([
  ['in order', objects],
  ['backwards', [...objects].reverse()],
])('decides as the real server, objects %s', async (_, list) => {
  for (const object of list) graph.put(object);
  const authorizer = createNodeAuthorizer(rules, graph);
  const got = await Promise.all(
    answers.map(async ([spec]) => {
      const { status } = await reviewSubjectAccess({ spec }, authorizer);
      return [spec, status?.allowed === true ? true : (status?.reason ?? '')];
    }),
  );
  expect(got).toEqual(answers);
});

const object = <T>(value: T): KubeObject => value as unknown as KubeObject;
const pod = (name: string, nodeName: string, secretName: string, more: object = {}, annotations = {}): KubeObject =>
  object({
    kind: 'Pod',
    metadata: { namespace: 'd', name, uid: name, annotations },
    spec: { nodeName, volumes: [{ name: 'v', secret: { secretName } }], ...more },
  });
const reads = (node: string, resource: string, name: string): boolean => graph.isRelated(node, resource, 'd', name);

test('forgets what the last pod referred to', () => {
  const [a, b] = [pod('a', 'n1', 's'), pod('b', 'n1', 's')];
  graph.put(a);
  graph.put(b);
  graph.remove(a);
  expect([reads('n1', 'secrets', 's'), reads('n1', 'pods', 'a'), reads('n1', 'pods', 'b')]).toEqual([true, false, true]);
  graph.remove(b);
  expect([reads('n1', 'secrets', 's'), reads('n2', 'secrets', 's')]).toEqual([false, false]);
  // Told twice, nothing is counted twice.
  graph.put(a);
  graph.put(a);
  graph.remove(a);
  expect(reads('n1', 'secrets', 's')).toBe(false);
});

test('follows volumes to the secrets of their driver', () => {
  const user = pod('a', 'n1', 's', { volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'c' } }] });
  const volume = object({
    kind: 'PersistentVolume',
    metadata: { name: 'pv' },
    spec: { claimRef: { namespace: 'd', name: 'c' }, csi: { driver: 'x', nodeStageSecretRef: { name: 'stage', namespace: 'd' } } },
  });
  const state = (): unknown => [graph.isRelated('n1', 'persistentvolumes', '', 'pv'), reads('n1', 'secrets', 'stage')];
  graph.put(volume);
  expect(state()).toEqual([false, false]);
  graph.put(user);
  expect(state()).toEqual([true, true]);
  graph.remove(volume);
  expect(state()).toEqual([false, false]);
  graph.put(volume);
  graph.remove(user);
  expect(state()).toEqual([false, false]);
});

test('an update that moves no reference reads no volume', () => {
  const before = pod('a', 'n1', 's');
  graph.put(before);
  const { spec } = before as KubeObject & { spec: object };
  const after = object({
    ...before,
    spec: Object.defineProperty({ ...spec }, 'volumes', {
      get: () => {
        throw new Error('looked at the volumes');
      },
    }),
    status: { phase: 'Running' },
  });
  expect(() => graph.put(after, before)).not.toThrow();
  const claimed = object({ ...before, status: { resourceClaimStatuses: [{ name: 'r', resourceClaimName: 'rc' }] } });
  graph.put(claimed, before);
  expect(reads('n1', 'resourceclaims', 'rc')).toBe(true);
});

test('a mirror pod gives its node nothing', () => {
  graph.put(pod('a', 'n1', 's', {}, { 'kubernetes.io/config.mirror': 'x' }));
  expect([reads('n1', 'pods', 'a'), reads('n1', 'secrets', 's')]).toEqual([true, false]);
});

test('reads everything again after it lost its place', () => {
  graph.put(pod('a', 'n1', 's'));
  graph.replace('Pod', [pod('b', 'n2', 't')]);
  expect([reads('n1', 'secrets', 's'), reads('n2', 'secrets', 't')]).toEqual([false, true]);
});
