import type { SchemaNode } from '../apimachinery/schema/node.js';
import { createRegistry, definitionName, definitions, documentName, findFactsFolder, loadFacts } from './index.js';
import type { Kind } from './kind.js';
import { compareVersions } from './versions.js';

const facts = loadFacts();
const node = { name: 'x' } as SchemaNode;
let compiled: string[] = [];
const registryOfFacts = () =>
  createRegistry(facts, { schemaFor: (definition, document) => (compiled.push(`${document} ${definition}`), node) });

beforeEach(() => (compiled = []));

test('finds the facts above the sources, and says so when there are none', () => {
  expect(findFactsFolder()).toMatch(/\/openapi$/);
  expect(() => findFactsFolder('file:///nowhere/at/all.js')).toThrow('no openapi/ folder');
});

test('has a kind for every resource of discovery, in its order', () => {
  const registry = registryOfFacts();
  for (const { name: group, versions } of facts.groups()) {
    for (const version of versions) {
      const expected = facts
        .resources(group, version)
        .map(({ name }) => name)
        .filter((name) => !name.includes('/'));
      expect(registry.kindsOf(group, version).map(({ resource }) => resource)).toEqual(expected);
    }
  }
  expect(registry.kinds()).toHaveLength(definitions.length);
});

test('knows the definition of every kind, in the document of its group and version', () => {
  for (const { group, version, kind, definition } of registryOfFacts().kinds()) {
    expect(definition).toBe(definitionName(group, version, kind));
    expect(facts.document(documentName(group, version))[definition]?.['x-kubernetes-group-version-kind']).toContainEqual({
      group,
      version,
      kind,
    });
  }
});

test('lists groups as discovery does, the core group first', () => {
  const groups = registryOfFacts().groups();
  expect(groups[0]).toEqual({ name: '', versions: ['v1'], preferredVersion: 'v1' });
  expect(groups).toEqual(facts.groups());
  expect(groups.find(({ name }) => name === 'autoscaling')?.versions).toEqual(['v2', 'v1']);
});

test('looks kinds up by resource and by kind, and compiles a schema once, when it is asked for', () => {
  const registry = registryOfFacts();
  const pods = registry.byResource('', 'v1', 'pods')!;
  expect(pods).toBe(registry.byKind('', 'v1', 'Pod'));
  expect(registry.byResource('apps', 'v1', 'pods')).toBeUndefined();
  expect(registry.byKind('nowhere', 'v1', 'Pod')).toBeUndefined();
  expect(compiled).toEqual([]);
  expect(pods.schema()).toBe(node);
  pods.schema();
  expect(compiled).toEqual(['api_v1 io.k8s.api.core.v1.Pod']);
});

test('takes names, verbs, subresources and columns from the facts', () => {
  const registry = registryOfFacts();
  const deployments = registry.byResource('apps', 'v1', 'deployments')!;
  expect(deployments).toMatchObject({
    listKind: 'DeploymentList',
    singular: 'deployment',
    shortNames: ['deploy'],
    namespaced: true,
    createOnly: false,
  });
  expect(deployments.subresources.get('scale')).toMatchObject({ group: 'autoscaling', version: 'v1', kind: 'Scale' });
  expect(deployments.subresources.get('status')).toMatchObject({ group: 'apps', version: 'v1', kind: 'Deployment' });
  expect(registry.byResource('', 'v1', 'bindings')?.createOnly).toBe(true);
  expect(registry.byResource('', 'v1', 'nodes')?.prefix).toBe('/registry/minions/');
  expect(registry.byResource('', 'v1', 'services')?.prefix).toBe('/registry/services/specs/');
});

test('serves kinds that come at run time, and says that something changed', () => {
  const registry = registryOfFacts();
  let changes = 0;
  const stop = registry.onChange(() => changes++);
  const pods = registry.byResource('', 'v1', 'pods')!;
  const custom = (group: string, version: string): Kind => ({ ...pods, group, version, kind: 'Widget', resource: 'widgets' });
  registry.add(custom('b.example', 'v1beta1'));
  registry.add(custom('b.example', 'v1'));
  registry.add(custom('a.example', 'v1alpha1'));
  expect(changes).toBe(3);
  const added = registry.groups().slice(-2);
  expect(added).toEqual([
    { name: 'a.example', versions: ['v1alpha1'], preferredVersion: 'v1alpha1' },
    { name: 'b.example', versions: ['v1', 'v1beta1'], preferredVersion: 'v1' },
  ]);
  expect(registry.byKind('b.example', 'v1', 'Widget')?.resource).toBe('widgets');
  registry.remove({ group: 'a.example', version: 'v1alpha1', resource: 'widgets' });
  registry.remove({ group: 'a.example', version: 'v1alpha1', resource: 'widgets' });
  expect(changes).toBe(4);
  expect(registry.groups().map(({ name }) => name)).not.toContain('a.example');
  stop();
  registry.remove({ group: 'b.example', version: 'v1', resource: 'widgets' });
  expect(changes).toBe(4);
  expect(registry.byKind('b.example', 'v1', 'Widget')).toBeUndefined();
});

test('a replaced kind is found by its new name only', () => {
  const registry = registryOfFacts();
  const pods = registry.byResource('', 'v1', 'pods')!;
  registry.add({ ...pods, group: 'a.example', kind: 'Old', resource: 'things' });
  registry.add({ ...pods, group: 'a.example', kind: 'New', resource: 'things' });
  expect(registry.byKind('a.example', 'v1', 'Old')).toBeUndefined();
  expect(registry.byKind('a.example', 'v1', 'New')).toBe(registry.byResource('a.example', 'v1', 'things'));
});

test('orders versions as the API does', () => {
  const sorted = ['v10', 'v2', 'v1', 'v11beta2', 'v10beta3', 'v3beta1', 'v12alpha1', 'v11alpha2', 'foo1', 'foo10'];
  expect([...sorted].reverse().sort(compareVersions)).toEqual(sorted);
});
