// Makes a Kind out of a kind's own definition and the recorded facts.
import type { KubeObject } from '../apimachinery/object.js';
import type { SchemaNode } from '../apimachinery/schema/node.js';
import type { Schemas } from '../apimachinery/schema/compile.js';
import { documentName, type Facts, type ResourceFacts } from './facts.js';
import type { Cell, Kind, KindDefinition, SubresourceFacts, TableColumn } from './kind.js';

/** What Tables show for a resource without columns of its own. */
const plainColumns: readonly TableColumn[] = [
  { name: 'Name', type: 'string', format: 'name' },
  { name: 'Created At', type: 'date' },
];

function plainCells(object: KubeObject): readonly Cell[] {
  return [object.metadata.name ?? '', object.metadata.creationTimestamp ?? null];
}

/** Groups whose definitions are not under `io.k8s.api`. */
const definitionPrefixes: Readonly<Record<string, string>> = {
  'apiextensions.k8s.io': 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions',
  'apiregistration.k8s.io': 'io.k8s.kube-aggregator.pkg.apis.apiregistration',
};

/** The definition's name in openapi/schemas: `io.k8s.api.core.v1.Pod`. */
export function definitionName(group: string, version: string, kind: string): string {
  const prefix = definitionPrefixes[group] ?? `io.k8s.api.${group === '' ? 'core' : group.split('.', 1)[0]!}`;
  return `${prefix}.${version}.${kind}`;
}

function subresourcesOf(definition: KindDefinition, resources: readonly ResourceFacts[]): ReadonlyMap<string, SubresourceFacts> {
  const start = `${definition.resource}/`;
  const subresources = new Map<string, SubresourceFacts>();
  for (const facts of resources) {
    if (!facts.name.startsWith(start)) continue;
    const name = facts.name.slice(start.length);
    subresources.set(name, {
      name,
      kind: facts.kind,
      group: facts.version === undefined ? definition.group : (facts.group ?? ''),
      version: facts.version ?? definition.version,
      verbs: facts.verbs,
    });
  }
  return subresources;
}

/**
 * One kind of the registry. The schema is compiled when it is first asked for.
 * @throws Error when discovery knows no such resource.
 */
export function defineKind(facts: Facts, schemas: Schemas, definition: KindDefinition): Kind {
  const { group, version, resource } = definition;
  const resources = facts.resources(group, version);
  const found = resources.find((one) => one.name === resource);
  if (found === undefined) throw new Error(`openapi/discovery.json has no ${resource} in ${group}/${version}`);

  const columns = facts.columns(group, version, resource);
  const name = definitionName(group, version, found.kind);
  let schema: SchemaNode | undefined;
  return {
    group,
    version,
    resource,
    kind: found.kind,
    listKind: `${found.kind}List`,
    singular: found.singularName,
    shortNames: found.shortNames ?? [],
    categories: found.categories ?? [],
    namespaced: found.namespaced,
    verbs: found.verbs,
    storageVersionHash: found.storageVersionHash,
    subresources: subresourcesOf(definition, resources),
    definition: name,
    schema: () => (schema ??= schemas.schemaFor(name, documentName(group, version))),
    prefix: `/registry/${definition.storage ?? resource}/`,
    conversion: definition.conversion,
    strategy: definition.strategy ?? {},
    nameRule: definition.nameRule ?? 'subdomain',
    standardFinalizers: definition.standardFinalizers ?? true,
    createOnUpdate: definition.createOnUpdate ?? false,
    unconditionalUpdate: definition.unconditionalUpdate ?? true,
    generation: definition.generation ?? false,
    deleteReturnsObject: definition.deleteReturnsObject ?? false,
    gracefulDeletion: definition.gracefulDeletion,
    deletionHold: definition.deletionHold,
    orphansByDefault: definition.orphansByDefault ?? false,
    selectableFields: new Map(Object.entries(definition.selectableFields ?? {})),
    indexedFields: definition.indexedFields ?? [],
    columns: columns ?? plainColumns,
    cells: definition.cells ?? plainCells,
    rowConditions: definition.rowConditions,
    rowOrder: definition.rowOrder,
    deprecation: definition.deprecation,
    unknownField: definition.unknownField,
    createOnly: found.verbs.length === 1 && found.verbs[0] === 'create',
    scale: definition.scale,
  };
}
