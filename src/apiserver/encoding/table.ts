// Tables: what kubectl prints, computed by the server. https://kubernetes.io/docs/reference/using-api/api-concepts/#receiving-resources-as-tables
import { badRequest } from '../../apimachinery/errors/api-error.js';
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

function definitionOf({ name, type, format, priority, description }: TableColumn): ColumnDefinition {
  return { name, type, format: format ?? '', description: description ?? '', priority: priority ?? 0 };
}

/** `includeObject` of the query; Metadata when absent. Throws 400 for what it cannot be. */
export function includeObjectOf(parameter: string | null): IncludeObject {
  if (parameter === null || parameter === '') return 'Metadata';
  if (parameter === 'None' || parameter === 'Object' || parameter === 'Metadata') return parameter;
  const why = "must be 'Metadata', 'Object', 'None', or empty";
  throw badRequest(`Unable to convert to Table as requested: includeObject: Invalid value: ${JSON.stringify(parameter)}: ${why}`);
}

/** A Table of these objects (of the kind's version); `apiVersion` is its own. `columns`: false in watch events after the first. */
export function tableOf(
  kind: Kind,
  objects: readonly KubeObject[],
  metadata: ListMeta,
  include: IncludeObject,
  now: number,
  apiVersion: string,
  columns = true,
): unknown {
  const { head, sorted, row } = tableParts(kind, objects, metadata, include, now, apiVersion, columns);
  return { ...head, rows: sorted.map(row) };
}

/** A Table that is put together elsewhere: all but its rows, and what makes them, an object a row. */
export interface TableParts {
  readonly head: Readonly<Record<string, unknown>>;
  readonly sorted: readonly KubeObject[];
  readonly row: (object: KubeObject) => unknown;
}

/** The parts of {@link tableOf}. */
export function tableParts(
  kind: Kind,
  objects: readonly KubeObject[],
  metadata: ListMeta,
  include: IncludeObject,
  now: number,
  apiVersion: string,
  columns = true,
): TableParts {
  return {
    head: { kind: 'Table', apiVersion, metadata, columnDefinitions: columns ? kind.columns.map(definitionOf) : null },
    sorted: kind.rowOrder === undefined ? objects : [...objects].sort(kind.rowOrder),
    row: (object) => ({
      cells: kind.cells(object, { now }),
      ...conditions(kind, object),
      ...rowObject(object, include, apiVersion),
    }),
  };
}

function conditions({ rowConditions }: Kind, object: KubeObject): { conditions?: unknown } {
  const found = rowConditions?.(object) ?? [];
  return found.length === 0 ? {} : { conditions: found };
}

function rowObject(object: KubeObject, include: IncludeObject, apiVersion: string): { object: unknown } {
  if (include === 'None') return { object: null };
  return { object: include === 'Object' ? object : partialMetadata(object, apiVersion) };
}

/** An object's metadata alone. https://kubernetes.io/docs/reference/using-api/api-concepts/#metadata-only-fetches */
export function partialMetadata(object: KubeObject, apiVersion: string): unknown {
  return { kind: 'PartialObjectMetadata', apiVersion, metadata: object.metadata };
}
