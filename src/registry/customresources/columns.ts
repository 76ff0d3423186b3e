// The columns of a custom resource's Table. https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#additional-printer-columns
import type { CustomResourceColumnDefinition } from '../../../openapi/types/apiextensions.v1.js';
import type { KubeObject } from '../../apimachinery/object.js';
import type { Work } from '../../clock/slices.js';
import type { Cell, TableColumn, TableContext } from '../kind.js';
import { age } from '../printing/duration.js';
import { compileJsonPath } from './json-path.js';
import { sortedText } from './sorted-text.js';

const nameColumn: TableColumn = { name: 'Name', type: 'string', format: 'name', description: 'What the object is called.' };

/** What a definition without columns shows. */
const plainColumns: readonly CustomResourceColumnDefinition[] = [
  { name: 'Age', type: 'date', description: 'How long ago the object was created.', jsonPath: '.metadata.creationTimestamp' },
];

function textOf(value: unknown): string {
  if (value === null) return '<no value>';
  return typeof value === 'string' ? value : sortedText(value);
}

/** A value as a column of this type shows it; null for one of another type. */
function cellOf(type: string, value: unknown, now: number): Cell {
  if (value === undefined) return null;
  switch (type) {
    case 'integer':
      return typeof value === 'number' ? Math.trunc(value) : null;
    case 'number':
      return typeof value === 'number' ? value : null;
    case 'boolean':
      return typeof value === 'boolean' ? value : null;
    case 'date':
      if (typeof value !== 'string') return null;
      return /^\d{4}-\d\d-\d\dT/.test(value) && !Number.isNaN(Date.parse(value)) ? age(value, now) : '<invalid>';
    default:
      return textOf(value);
  }
}

export interface Columns {
  readonly columns: readonly TableColumn[];
  cells(object: KubeObject, context: TableContext): readonly Cell[];
  /** {@link cells}, which yields between columns: there may be thousands, and each may search a long list. */
  cellsWork(object: KubeObject, context: TableContext): Work<readonly Cell[]>;
}

/** How many columns that only name fields are read at a time. */
const batch = 64;

/** Columns and cells of a version that asks for these. */
export function columnsOf(given: readonly CustomResourceColumnDefinition[] | undefined): Columns {
  // A column whose path cannot be read is not shown.
  const shown = (given === undefined || given.length === 0 ? plainColumns : given).flatMap((definition) => {
    const read = compileJsonPath(definition.jsonPath);
    return read === undefined ? [] : [{ definition, read }];
  });
  return {
    columns: [
      nameColumn,
      ...shown.map(({ definition: { name, type, format, priority, description, jsonPath } }) => ({
        name,
        type,
        ...(format === undefined || format === '' ? {} : { format }),
        ...(priority === undefined ? {} : { priority }),
        description:
          description === undefined || description === ''
            ? `Custom resource definition column (in JSONPath format): ${jsonPath}`
            : description,
      })),
    ],
    *cellsWork(object, { now }) {
      const cells: Cell[] = [object.metadata.name];
      for (const [index, { definition, read }] of shown.entries()) {
        if (definition.jsonPath.includes('[') || definition.jsonPath.includes('..') || index % batch === batch - 1) yield;
        cells.push(cellOf(definition.type, read(object), now));
      }
      return cells;
    },
    cells: (object, { now }) => [object.metadata.name, ...shown.map(({ definition, read }) => cellOf(definition.type, read(object), now))],
  };
}
