// Which values count as empty, so that the server drops them (`omitempty`).
import type { SchemaField } from './node.js';

/** 0: never dropped; 1: a scalar's zero; 2: an empty list; 3: an empty map. */
export type EmptyKind = 0 | 1 | 2 | 3;

export function emptyKindOf(field: SchemaField): EmptyKind {
  if (field.whenEmpty !== 'omitted') return 0;
  switch (field.node.type) {
    case 'array':
      return 2;
    case 'map':
    case 'object':
      return 3;
    case 'any':
      return 0;
    default:
      return 1;
  }
}

export function isEmpty(value: unknown, kind: EmptyKind): boolean {
  if (kind === 1) return value === '' || value === 0 || value === false;
  if (kind === 2) return (value as readonly unknown[]).length === 0;
  for (const _ in value as object) return false;
  return true;
}
