import fc from 'fast-check';
import { deepEqual } from '../equality.js';
import { compareObjects } from './compare.js';
import { emptySet } from './field-set.js';
import { isSetOf } from './fits-set.js';
import { nodeOf } from './golden/golden.js';
import { KeylessItem } from './list-items.js';
import { finish } from '../../clock/slices.js';
import { setOfNew as setOfNewWork } from './shared-sets.js';
import { structureOf } from './structure.js';

const pod = structureOf(nodeOf('io.k8s.api.core.v1.Pod'));
const changedIn = (object: unknown): unknown => compareObjects(pod, undefined, object).changed;

const name = fc.constantFrom('a', 'b', 'constructor', '');
const labels = fc.option(fc.dictionary(name, fc.constantFrom('', '1')), { nil: undefined });
const port = fc.record(
  { containerPort: fc.constantFrom(80, 81), protocol: fc.constantFrom('TCP', 'UDP'), name },
  { requiredKeys: ['containerPort'] },
);
const container = fc.record(
  {
    name,
    image: fc.constantFrom('', 'i', null),
    ports: fc.oneof(fc.array(port, { maxLength: 2 }), fc.constant(null)),
    args: fc.array(name, { maxLength: 2 }),
    resources: fc.record({ limits: fc.dictionary(name, fc.constant('1'), { maxKeys: 1 }) }, { requiredKeys: [] }),
    env: fc.array(fc.record({ name, value: name }), { maxLength: 2 }),
  },
  { requiredKeys: ['name'] },
);
const pods = fc.record(
  {
    metadata: fc.record(
      {
        name,
        labels,
        annotations: labels,
        finalizers: fc.option(fc.array(name, { maxLength: 3 })),
        ownerReferences: fc.array(fc.record({ uid: name }), { maxLength: 3 }),
        creationTimestamp: fc.constant(null),
      },
      { requiredKeys: [] },
    ),
    spec: fc.oneof(
      fc.constant(null),
      fc.record(
        {
          containers: fc.oneof(fc.array(container, { maxLength: 3 }), fc.constant(null)),
          hostNetwork: fc.boolean(),
          nodeName: fc.constantFrom('', 'n'),
          securityContext: fc.record({ fsGroup: fc.constantFrom(0, 1) }, { requiredKeys: [] }),
          tolerations: fc.array(fc.record({ key: name }), { maxLength: 1 }),
        },
        { requiredKeys: [] },
      ),
    ),
    status: fc.constantFrom({}, { phase: 'Pending' }, null),
  },
  { requiredKeys: [] },
);

/** What making the set says; undefined when it cannot be made. */
function made(object: unknown): ReturnType<typeof changedIn> {
  try {
    return changedIn(object);
  } catch (error) {
    if (error instanceof KeylessItem) return undefined;
    throw error;
  }
}

test('a set fits only objects whose own set it is', () => {
  fc.assert(
    fc.property(pods, pods, (one, other) => {
      const set = made(one);
      const own = made(other);
      if (set === undefined || own === undefined) return;
      if (isSetOf(pod, other, set as typeof emptySet)) expect(own).toEqual(set);
    }),
    { numRuns: 3000 },
  );
});

const web = (more: object = {}): object => ({
  kind: 'Pod',
  apiVersion: 'v1',
  metadata: { name: 'p', labels: { app: 'a' } },
  spec: { containers: [{ name: 'web', image: 'i', ports: [{ containerPort: 80, protocol: 'TCP' }], resources: {} }], ...more },
  status: {},
});

test('it fits an object that is set alike', () => {
  const other = { ...web({ hostNetwork: true }), metadata: { name: 'q', labels: { app: 'b' } } };
  expect(isSetOf(pod, other, compareObjects(pod, undefined, web({ hostNetwork: true })).changed)).toBe(true);
});

test.each([
  ['a field more', web({ nodeName: 'n' })],
  ['a field less', { ...web(), metadata: { name: 'p' } }],
  ['another label', { ...web(), metadata: { labels: { other: 'a' } } }],
  ['another container', { ...web(), spec: { containers: [{ name: 'other', image: 'i' }] } }],
  ['two containers of one name', { ...web(), spec: { containers: [{ name: 'web' }, { name: 'web' }] } }],
])('it does not fit one with %s', (_what, other) => {
  const set = compareObjects(pod, undefined, web()).changed;
  expect(isSetOf(pod, other, set)).toBe(false);
  expect(deepEqual(changedIn(other), set)).toBe(false);
});

test('it does not fit owners of which two are the same', () => {
  const owned = (...uids: string[]): object => ({ metadata: { ownerReferences: uids.map((uid) => ({ uid })), finalizers: uids } });
  const set = compareObjects(pod, undefined, owned('u', 'v')).changed;
  expect(isSetOf(pod, owned('u', 'v'), set)).toBe(true);
  expect(isSetOf(pod, owned('u', 'u'), set)).toBe(false);
});

test('objects that are set alike have the very same set', () => {
  const first = finish(setOfNewWork(pod, web(), emptySet));
  expect(finish(setOfNewWork(pod, web({ nodeName: 'n' }), emptySet))).not.toBe(first);
  expect(finish(setOfNewWork(pod, web(), emptySet))).toBe(first);
  expect(first).toEqual(changedIn(web()));
});
