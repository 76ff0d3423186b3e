// What a user holds against what is to be granted.
import type { PolicyRule } from '../../../openapi/types/rbac.v1.js';
import fc from 'fast-check';
import { finish, Steps } from '../../clock/slices.js';
import { uncovered as uncoveredWork } from './coverage.js';
import { atomsOf, HeldRule } from './held-rule.js';
import { coveredTogether } from './rule-products.js';

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
  expect(steps).toBeGreaterThan(100);
  expect(steps).toBeLessThan(100_000);
  // And what is not covered at all is told as far as somebody can read it.
  const told = uncovered([], [product]);
  expect(told).toHaveLength(2000);
  expect(told.join('').split('"v').length - 1).toBe(50_000);
});

describe('rules that stand for more permissions than can be looked at', () => {
  const many = (letter: string): string[] => Array.from({ length: 300 }, (_, index) => `${letter}${index}`);
  const wanted = { apiGroups: many('g'), resources: many('r'), verbs: many('v'), resourceNames: many('n') };

  test('are covered by own rules together', () => {
    const halves = [
      { ...wanted, apiGroups: wanted.apiGroups.slice(0, 200) },
      { ...wanted, apiGroups: wanted.apiGroups.slice(100), verbs: wanted.verbs.slice(0, 150) },
      { ...wanted, apiGroups: wanted.apiGroups.slice(150), verbs: ['*'], resourceNames: [] },
    ];
    expect(uncovered(halves, [wanted])).toEqual([]);
    expect(
      uncovered(
        halves,
        Array.from({ length: 50 }, () => wanted),
      ),
    ).toEqual([]);
  });

  test('are not covered when one permission lacks', () => {
    const own = [
      { ...wanted, verbs: wanted.verbs.slice(1) },
      { ...wanted, apiGroups: wanted.apiGroups.slice(1) },
    ];
    expect(uncovered(own, [wanted])).not.toEqual([]);
  });

  test('are looked at in steps', () => {
    const work = uncoveredWork([wanted, { ...wanted, verbs: ['*'] }], [{ ...wanted, resourceNames: many('m') }]);
    let steps = 0;
    while (work.next().done !== true) steps++;
    expect(steps).toBeGreaterThan(20);
  });
});

test('rules are covered as their permissions are, one by one', () => {
  const some = fc.subarray(['a', 'b', 'c', 'd', 'e', 'x/y', '*/y', '*'], { minLength: 1 });
  const rule = fc.oneof(
    fc.record({ verbs: some, apiGroups: some, resources: some, resourceNames: fc.subarray(['m', 'n']) }),
    fc.record({ verbs: some, nonResourceURLs: fc.subarray(['/a', '/a/b', '/a/*', '/*'], { minLength: 1 }) }),
  );
  const steps = new Steps(64);
  fc.assert(
    fc.property(fc.array(rule, { maxLength: 6 }), rule, (own, wanted) => {
      const held = own.map((one) => new HeldRule(one));
      const singly = [...atomsOf(wanted)].every((atom) => held.some((one) => one.covers(atom)));
      expect(finish(coveredTogether(held, wanted, steps))).toBe(singly);
      expect(uncovered(own, [wanted]).length === 0).toBe(singly);
    }),
  );
});
