// Tables: what kubectl prints, computed by the server. https://kubernetes.io/docs/reference/using-api/api-concepts/#receiving-resources-as-tables
import { badRequest } from '../../apimachinery/errors/api-error.js';
import type { KubeObject, ListMeta } from '../../apimachinery/object.js';
import type { Work } from '../../clock/slices.js';
import type { Cell, Kind, TableColumn } from '../../registry/kind.js';

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

export interface TableOptions {
  /** In the version of the objects. */
  readonly kind: Kind;
  readonly metadata: ListMeta;
  readonly include: IncludeObject;
  /** Milliseconds since the epoch: ages are told at this time. */
  readonly now: number;
  /** The Table's own. */
  readonly apiVersion: string;
  /** Whether it says what its columns are, as all do but watch events after the first; true when absent. */
  readonly columns?: boolean;
}

/** A Table of these objects. */
export function tableOf(objects: readonly KubeObject[], options: TableOptions): unknown {
  const { head, sorted, row } = tableParts(objects, options);
  return { ...head, rows: sorted.map(row) };
}

/** {@link tableOf}, of a kind whose cells may take long. */
export function* tableWork(objects: readonly KubeObject[], options: TableOptions): Work<unknown> {
  const parts = tableParts(objects, options);
  return { ...parts.head, rows: yield* rowsOf(parts) };
}

/** All rows, made with what makes them in pieces. */
export function* rowsOf({ sorted, row, rowWork }: TableParts): Work<readonly unknown[]> {
  const rows: unknown[] = [];
  for (const object of sorted) {
    yield;
    rows.push(rowWork === undefined ? row(object) : yield* rowWork(object));
  }
  return rows;
}

/** A Table that is put together elsewhere: all but its rows, and what makes them, an object a row. */
export interface TableParts {
  readonly head: Readonly<Record<string, unknown>>;
  readonly sorted: readonly KubeObject[];
  readonly row: (object: KubeObject) => unknown;
  /** {@link row}, of a kind whose cells may take long. */
  readonly rowWork: ((object: KubeObject) => Work<unknown>) | undefined;
}

/** The parts of {@link tableOf}. */
export function tableParts(
  objects: readonly KubeObject[],
  { kind, metadata, include, now, apiVersion, columns = true }: TableOptions,
): TableParts {
  const around = (object: KubeObject, cells: readonly Cell[]): unknown => ({
    cells,
    ...conditions(kind, object),
    ...rowObject(object, include, apiVersion),
  });
  return {
    head: { kind: 'Table', apiVersion, metadata, columnDefinitions: columns ? kind.columns.map(definitionOf) : null },
    sorted: kind.rowOrder === undefined ? objects : [...objects].sort(kind.rowOrder),
    row: (object) => around(object, kind.cells(object, { now })),
    rowWork:
      kind.cellsWork === undefined
        ? undefined
        : function* (object) {
            return around(object, yield* kind.cellsWork!(object, { now }));
          },
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
