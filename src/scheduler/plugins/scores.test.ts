// Scores by resources and images. The figures are those of a real kube-scheduler v1.36.3 for the same nodes and pods.
import type { PluginArgs } from '../framework.js';
import { createWorld } from '../testing/world.js';
import { imageLocality, imageWithTag } from './image-locality.js';
import { nodeResourcesBalancedAllocation } from './node-resources-balanced-allocation.js';
import { nodeResourcesFit } from './node-resources-fit.js';

async function cluster() {
  const world = createWorld();
  const images = [{ names: ['registry.io/big:1'], sizeBytes: 700 * 1024 * 1024 }];
  world.node('n0');
  world.node('n1', { allocatable: { cpu: '8', memory: '16Gi' }, images });
  world.node('n2', { allocatable: { memory: '4Gi' }, images });
  world.node('n3', { allocatable: { cpu: '16', memory: '32Gi' } });
  await world.start();
  return world;
}

test('an image that nodes have, less when few have it', async () => {
  const world = await cluster();
  const containers = [{ name: 'c', image: 'registry.io/big:1' }];
  expect(world.score(imageLocality, { spec: { containers } })).toEqual({ n0: 0, n1: 33, n2: 33, n3: 0 });
  expect(world.score(imageLocality, {})).toBeUndefined();
  world.stop();
});

test.each([
  ['nginx', 'nginx:latest'],
  ['nginx:1', 'nginx:1'],
  ['localhost:5000/nginx', 'localhost:5000/nginx:latest'],
  ['a/b@sha256:00', 'a/b@sha256:00'],
])('%s is reported as %s', (image, expected) => {
  expect(imageWithTag(image)).toBe(expected);
});

test('the balance of resources, compared with what it is now', async () => {
  const world = await cluster();
  world.pod('hold0', 'n0', { requests: { cpu: '2' } });
  world.pod('hold1', 'n1', { requests: { memory: '4Gi' } });
  world.pod('hold2', 'n2', { requests: { cpu: '1', memory: '3Gi' } });
  await world.settle();
  const score = (requests: Record<string, string>) => world.score(nodeResourcesBalancedAllocation, { requests });
  expect(score({ cpu: '1', memory: '512Mi' })).toEqual({ n0: 70, n1: 77, n2: 78, n3: 73 });
  expect(score({ cpu: '1500m' })).toMatchObject({ n0: 65, n1: 79, n2: 84 });
  expect(score({})).toBeUndefined();
  world.stop();
});

describe('NodeResourcesFit', () => {
  const strategy = (scoringStrategy: object): PluginArgs => ({ scoringStrategy });
  const weighted = (cpu: number) => ({
    resources: [
      { name: 'cpu', weight: cpu },
      { name: 'memory', weight: 1 },
    ],
  });
  const shape = [
    { utilization: 0, score: 0 },
    { utilization: 40, score: 7 },
    { utilization: 100, score: 10 },
  ];

  test('LeastAllocated', async () => {
    const world = await cluster();
    expect(world.score(nodeResourcesFit, { requests: { cpu: '500m', memory: '1Gi' } })).toEqual({ n0: 87, n1: 93, n2: 81, n3: 96 });
    world.stop();
  });

  test('MostAllocated and RequestedToCapacityRatio, with pods there', async () => {
    const world = await cluster();
    world.pod('hold0', 'n0', { requests: { cpu: '200m', memory: '400Mi' } });
    world.pod('hold3', 'n3', { requests: { cpu: '200m', memory: '400Mi' } });
    await world.settle();
    const most = strategy({ type: 'MostAllocated', ...weighted(2) });
    expect(world.score(nodeResourcesFit, { requests: { cpu: '1' } }, most)).toEqual({ n0: 22, n1: 8, n2: 18, n3: 5 });
    world.pod('more', 'n0', { requests: { cpu: '1' } });
    await world.settle();
    const ratio = strategy({ type: 'RequestedToCapacityRatio', ...weighted(3), requestedToCapacityRatio: { shape } });
    expect(world.score(nodeResourcesFit, { requests: { cpu: '1', memory: '1Gi' } }, ratio)).toEqual({ n0: 66, n1: 18, n2: 43, n3: 11 });
    world.stop();
  });

  test.each<[object]>([
    [{ type: 'Best' }],
    [{ resources: [{ name: 'cpu', weight: 101 }] }],
    [{ type: 'RequestedToCapacityRatio' }],
    [{ type: 'RequestedToCapacityRatio', requestedToCapacityRatio: { shape: [{ utilization: 50, score: 11 }] } }],
    [{ type: 'RequestedToCapacityRatio', requestedToCapacityRatio: { shape: [...shape].reverse() } }],
  ])('refuses the strategy %j', (scoringStrategy) => {
    expect(() => nodeResourcesFit(createWorld().handle, { scoringStrategy })).toThrow('NodeResourcesFit: ');
  });

  test('resources that are left to others', async () => {
    const world = await cluster();
    const requests = { 'example.com/foo': '1', 'other.com/bar': '1' };
    const missing = 'Insufficient example.com/foo, Insufficient other.com/bar';
    expect(world.filter(nodeResourcesFit, { requests })).toMatchObject({ n0: missing });
    const some = { ignoredResources: ['other.com/bar'] };
    expect(world.filter(nodeResourcesFit, { requests }, some)).toMatchObject({ n0: 'Insufficient example.com/foo' });
    const all = { ignoredResourceGroups: ['example.com', 'other.com'] };
    expect(world.filter(nodeResourcesFit, { requests }, all)).toMatchObject({ n0: 'yes' });
    expect(() => nodeResourcesFit(world.handle, { ignoredResources: 'x' })).toThrow('ignoredResources must be a list');
    world.stop();
  });

  test('a resize counts with the most of what is asked for, promised and held, until it is called infeasible', async () => {
    const world = await cluster();
    const resized = (status: object) => ({
      requests: { cpu: '1' },
      status: { containerStatuses: [{ name: 'c', allocatedResources: { cpu: '2' }, resources: { requests: { cpu: '3' } } }], ...status },
    });
    expect(world.info('shrinks', resized({})).requests.cpu).toBe(3000);
    expect(world.info('grows', { ...resized({}), requests: { cpu: '3500m' } }).requests.cpu).toBe(3500);
    const infeasible = { conditions: [{ type: 'PodResizePending', status: 'True', reason: 'Infeasible' }] };
    expect(world.info('cannot', { ...resized(infeasible), requests: { cpu: '40' } }).requests.cpu).toBe(3000);
    world.stop();
  });
});
