// Tables: what kubectl prints, computed by the server. https://kubernetes.io/docs/reference/using-api/api-concepts/#receiving-resources-as-tables
import type { KubeObject, ListMeta } from '../../apimachinery/object.js';
import type { Kind, TableColumn } from '../../registry/kind.js';

export type IncludeObject = 'None' | 'Metadata' | 'Object';

interface ColumnDefinition {
  readonly name: string;
  readonly type: string;
  readonly format: string;
  readonly description: string;
  readonly priority: number;
}

function definitionOf({ name, type, format, priority }: TableColumn): ColumnDefinition {
  return { name, type, format: format ?? '', description: '', priority: priority ?? 0 };
}

/** `includeObject` of the query; Metadata when absent. */
export function includeObjectOf(parameter: string | null): IncludeObject {
  return parameter === 'None' || parameter === 'Object' ? parameter : 'Metadata';
}

/** A Table of these objects (of the kind's version). `columns`: false in watch events after the first. */
export function tableOf(
  kind: Kind,
  objects: readonly KubeObject[],
  metadata: ListMeta,
  include: IncludeObject,
  now: number,
  columns = true,
): unknown {
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata,
    columnDefinitions: columns ? kind.columns.map(definitionOf) : null,
    rows: objects.map((object) => ({ cells: kind.cells(object, { now }), ...conditions(kind, object), ...rowObject(object, include) })),
  };
}

function conditions({ rowConditions }: Kind, object: KubeObject): { conditions?: unknown } {
  const found = rowConditions?.(object) ?? [];
  return found.length === 0 ? {} : { conditions: found };
}

function rowObject(object: KubeObject, include: IncludeObject): { object: unknown } {
  if (include === 'None') return { object: null };
  return { object: include === 'Object' ? object : partialMetadata(object) };
}

/** An object's metadata alone. https://kubernetes.io/docs/reference/using-api/api-concepts/#metadata-only-fetches */
export function partialMetadata(object: KubeObject): unknown {
  return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: object.metadata };
}

/** A list of metadata. Items say their own kind, as the real server's do. */
export function partialMetadataList(objects: readonly KubeObject[], metadata: ListMeta): unknown {
  return { kind: 'PartialObjectMetadataList', apiVersion: 'meta.k8s.io/v1', metadata, items: objects.map(partialMetadata) };
}
