// What a user holds against what is to be granted.
import type { PolicyRule } from '../../../openapi/types/rbac.v1.js';
import { finish } from '../../clock/slices.js';
import { uncovered as uncoveredWork } from './coverage.js';

const uncovered = (own: readonly PolicyRule[], wanted: readonly PolicyRule[]): readonly string[] => finish(uncoveredWork(own, wanted));

const pods = { apiGroups: [''], resources: ['pods', 'pods/log'], verbs: ['get', 'list'] };

test('what is held is covered, alone and with wildcards', () => {
  expect(uncovered([pods], [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }])).toEqual([]);
  expect(uncovered([{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }], [pods])).toEqual([]);
  expect(uncovered([{ apiGroups: [''], resources: ['*/log'], verbs: ['get', 'list'] }], [{ ...pods, resources: ['pods/log'] }])).toEqual(
    [],
  );
  expect(uncovered([{ nonResourceURLs: ['/a/*'], verbs: ['get'] }], [{ nonResourceURLs: ['/a/b', '/a/*'], verbs: ['get'] }])).toEqual([]);
});

test('a wildcard is more than what it stands for', () => {
  expect(uncovered([pods], [{ apiGroups: [''], resources: ['*'], verbs: ['get'] }])).toEqual([
    '{APIGroups:[""], Resources:["*"], Verbs:["get"]}',
  ]);
});

test('verbs of one resource are told together, in order of resources; paths one by one', () => {
  const wanted = [
    { apiGroups: ['', 'x'], resources: ['secrets', 'pods'], verbs: ['get', 'watch'] },
    { nonResourceURLs: ['/b'], verbs: ['put', 'get'] },
  ];
  expect(uncovered([pods], wanted)).toEqual([
    '{APIGroups:[""], Resources:["pods"], Verbs:["watch"]}',
    '{APIGroups:[""], Resources:["secrets"], Verbs:["get" "watch"]}',
    '{APIGroups:["x"], Resources:["pods"], Verbs:["get" "watch"]}',
    '{APIGroups:["x"], Resources:["secrets"], Verbs:["get" "watch"]}',
    '{NonResourceURLs:["/b"], Verbs:["get"]}',
    '{NonResourceURLs:["/b"], Verbs:["put"]}',
  ]);
});

test('rights to objects of some names are rights to those alone', () => {
  const named = { apiGroups: [''], resources: ['configmaps'], verbs: ['get'], resourceNames: ['a'] };
  expect(uncovered([named], [{ ...named, resourceNames: ['a', 'b'] }])).toEqual([
    '{APIGroups:[""], Resources:["configmaps"], ResourceNames:["b"], Verbs:["get"]}',
  ]);
  expect(uncovered([named], [{ apiGroups: [''], resources: ['configmaps'], verbs: ['get'] }])).toHaveLength(1);
});

test('products of verbs, groups, resources and names that nobody can look at end soon, in pieces', () => {
  const many = (prefix: string): string[] => Array.from({ length: 2000 }, (_, index) => `${prefix}${index}`);
  const product = { apiGroups: many('g'), resources: many('r'), verbs: many('v'), resourceNames: many('n') };
  // One own rule that covers all of it ends the search at once.
  const covered = uncoveredWork([{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }], [product]);
  expect(covered.next()).toEqual({ done: true, value: [] });
  // Several that do so together are looked at for a while.
  const halves = [
    { ...product, verbs: product.verbs.slice(0, 1000) },
    { ...product, verbs: product.verbs.slice(1000) },
  ];
  const work = uncoveredWork(halves, [product]);
  let steps = 0;
  while (work.next().done !== true) steps++;
  expect(steps).toBeGreaterThan(1000);
  expect(steps).toBeLessThan(100_000);
  // And what is not covered at all is told as far as somebody can read it.
  const told = uncovered([], [product]);
  expect(told).toHaveLength(2000);
  expect(told.join('').split('"v').length - 1).toBe(50_000);
});
