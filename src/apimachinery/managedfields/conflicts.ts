// Fields that an apply would change although others manage them.
// https://kubernetes.io/docs/reference/using-api/server-side-apply/#conflicts
import { ApiError } from '../errors/api-error.js';
import { difference, intersection, pathsOf, type FieldSet } from './field-set.js';
import type { Manager } from './managers.js';
import { pathText } from './path-element.js';
import type { ComparisonFor } from './versions.js';

export interface Conflict {
  readonly manager: Manager;
  readonly fields: FieldSet;
}

/** The conflicts of a write with these managers, the applying one not among them. */
export function findConflicts(others: readonly Manager[], comparisonFor: ComparisonFor): readonly Conflict[] {
  return others.flatMap((manager) => {
    const fields = intersection(manager.fields, comparisonFor(manager).changed);
    return fields === undefined ? [] : [{ manager, fields }];
  });
}

/** The conflicts but for those over `allowed` fields. */
export function conflictsOutside(conflicts: readonly Conflict[], allowed: FieldSet): readonly Conflict[] {
  return conflicts.flatMap(({ manager, fields }) => {
    const left = difference(fields, allowed);
    return pathsOf(left).length > 0 ? [{ manager, fields: left }] : [];
  });
}

function nameOf({ name, operation, apiVersion, subresource }: Manager): string {
  const within = subresource === '' ? '' : ` with subresource ${JSON.stringify(subresource)}`;
  return `${JSON.stringify(name)}${within}${operation === 'Update' ? ` using ${apiVersion}` : ''}`;
}

/** The 409 for these conflicts, with a cause for each field. */
export function conflictError(conflicts: readonly Conflict[]): ApiError {
  const named = conflicts
    .map(({ manager, fields }) => ({ name: nameOf(manager), paths: pathsOf(fields).map(pathText) }))
    .sort((a, b) => (a.name < b.name ? -1 : a.name === b.name ? 0 : 1));
  const count = named.reduce((sum, { paths }) => sum + paths.length, 0);
  const first = named[0];
  const text =
    count === 1 && first !== undefined
      ? `conflict with ${first.name}: ${first.paths.join('')}`
      : named.map(({ name, paths }) => `conflicts with ${name}:\n${paths.map((path) => `- ${path}`).join('\n')}`).join('\n');
  const causes = named.flatMap(({ name, paths }) =>
    paths.map((field) => ({ reason: 'FieldManagerConflict', message: `conflict with ${name}`, field })),
  );
  return new ApiError(409, 'Conflict', `Apply failed with ${count} conflict${count === 1 ? '' : 's'}: ${text}`, { causes });
}
