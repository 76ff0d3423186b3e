// For tests of documents: a registry of all recorded resources, without schemas and strategies, and a custom resource to add to it.
import { defineKind, loadFacts, registryOf, type Registry } from '../../../registry/index.js';
import type { Kind } from '../../../registry/kind.js';

/** All recorded resources; asking one for its compiled schema throws. */
export function recordedRegistry(): Registry {
  const facts = loadFacts();
  const schemas = {
    schemaFor: (definition: string) => {
      throw new Error(`documents need no compiled schema, not even of ${definition}`);
    },
  };
  const kinds = facts.groups().flatMap(({ name: group, versions }) =>
    versions.flatMap((version) =>
      facts
        .resources(group, version)
        .filter(({ name }) => !name.includes('/'))
        .map(({ name }) => defineKind(facts, schemas, { group, version, resource: name })),
    ),
  );
  return registryOf(kinds, facts.groups());
}

/** The CronTab of `stable.example.com/v1` with status and scale subresources and this structural schema. */
export function cronTab(registry: Registry, customSchema: Readonly<Record<string, unknown>>): Kind {
  const verbs = ['get', 'patch', 'update'];
  const own = { group: 'stable.example.com', version: 'v1' };
  return {
    ...registry.byResource('apps', 'v1', 'deployments')!,
    ...own,
    kind: 'CronTab',
    listKind: 'CronTabList',
    resource: 'crontabs',
    singular: 'crontab',
    shortNames: ['ct'],
    categories: ['all'],
    verbs: ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch'],
    storageVersionHash: 'cGsHI5+MmIs=',
    definition: 'com.example.stable.v1.CronTab',
    customSchema,
    subresources: new Map([
      ['status', { name: 'status', kind: 'CronTab', ...own, verbs }],
      ['scale', { name: 'scale', kind: 'Scale', group: 'autoscaling', version: 'v1', verbs }],
    ]),
  };
}
