// What a user holds against what is to be granted.
import { uncovered } from './coverage.js';

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
