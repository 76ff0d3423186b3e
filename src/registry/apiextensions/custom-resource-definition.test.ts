// How definitions change: what the reference answered once a definition was established.
import type { KubeObject, Mutable } from '../../apimachinery/object.js';
import { realClock } from '../../clock/real-clock.js';
import { seededRandom } from '../../clock/random.js';
import type { StrategyContext } from '../kind.js';
import { customResourceDefinition } from './custom-resource-definition.js';

const context: StrategyContext = {
  clock: realClock(),
  random: seededRandom(1),
  user: { name: 'admin', groups: [] },
  dryRun: false,
  services: { takeAddress: () => undefined, releaseAddress: () => {}, takeNodePort: () => undefined, releaseNodePort: () => {} },
};
const strategy = customResourceDefinition.strategy!;
const schema = { openAPIV3Schema: { type: 'object' } };

function definition(spec: Mutable, status?: Mutable): Mutable {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'foos.example.com' },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { plural: 'foos', singular: 'foo', kind: 'Foo', listKind: 'FooList' },
      versions: [{ name: 'v1', served: true, storage: true, schema }],
      ...spec,
    },
    ...(status === undefined ? {} : { status }),
  };
}

const established = definition(
  {},
  { storedVersions: ['v1'], acceptedNames: { plural: 'foos', kind: 'Foo' }, conditions: [{ type: 'Established', status: 'True' }] },
) as unknown as KubeObject;
const twoVersions = {
  versions: [
    { name: 'v1', served: true, storage: false, schema },
    { name: 'v2', served: true, storage: true, schema },
  ],
};

test('an established definition keeps its scope and kind', () => {
  const now = definition({ scope: 'Cluster', names: { plural: 'foos', singular: 'bar', kind: 'Bar', listKind: 'BarList' } });
  expect(strategy.validateUpdate!(now as unknown as KubeObject, established)).toEqual([
    { field: 'spec.scope', reason: 'FieldValueInvalid', message: 'Invalid value: "Cluster": field is immutable' },
    { field: 'spec.names.kind', reason: 'FieldValueInvalid', message: 'Invalid value: "Bar": field is immutable' },
  ]);
});

test('a new storage version joins the stored versions, and status is kept', () => {
  const draft = definition(twoVersions, { storedVersions: ['nonsense'] });
  strategy.prepareForUpdate!(draft, established, context);
  expect(draft.status).toEqual({ ...(established as unknown as { status: object }).status, storedVersions: ['v1', 'v2'] });
  expect(strategy.validate!(draft as unknown as KubeObject)).toEqual([]);
});

test('a version with stored data stays in the spec', () => {
  const draft = definition({ versions: [{ name: 'v2', served: true, storage: true, schema }] });
  strategy.prepareForUpdate!(draft, established, context);
  expect(strategy.validate!(draft as unknown as KubeObject)).toEqual([
    {
      field: 'status.storedVersions[0]',
      reason: 'FieldValueInvalid',
      message:
        'Invalid value: "v1": missing from spec.versions; v1 was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in v1 and removes v1 from status.storedVersions',
    },
  ]);
});

test('a status write leaves the spec alone', () => {
  const draft = definition(twoVersions, { storedVersions: ['v2'] });
  strategy.prepareForStatusUpdate!(draft, established, context);
  expect(draft.spec).toEqual((established as unknown as { spec: object }).spec);
  expect(draft.status).toEqual({ storedVersions: ['v2'] });
});
