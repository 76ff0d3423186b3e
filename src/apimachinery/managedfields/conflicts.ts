// Fields that an apply would change although others manage them.
// https://kubernetes.io/docs/reference/using-api/server-side-apply/#conflicts
import { ApiError } from '../errors/api-error.js';
import { finish, Steps, type Work } from '../../clock/slices.js';
import { difference, pathsWork, type FieldSet } from './field-set.js';
import { intersectionWork } from './intersection-work.js';
import type { Manager } from './managers.js';
import { pathText } from './path-element.js';
import type { ComparisonFor } from './versions.js';

export interface Conflict {
  readonly manager: Manager;
  readonly fields: FieldSet;
}

/** How many fields are looked at at a time. */
const batch = 256;

/** The conflicts of a write with these managers, the applying one not among them. Yields in the midst of long sets. */
export function* findConflicts(others: readonly Manager[], comparisonFor: ComparisonFor): Work<readonly Conflict[]> {
  const found: Conflict[] = [];
  const steps = new Steps(batch);
  for (const manager of others) {
    const fields = yield* intersectionWork(manager.fields, comparisonFor(manager).changed, steps);
    if (fields !== undefined) found.push({ manager, fields });
  }
  return found;
}

/** The conflicts but for those over `allowed` fields. */
export function conflictsOutside(conflicts: readonly Conflict[], allowed: FieldSet): readonly Conflict[] {
  return conflicts.flatMap(({ manager, fields }) => {
    const left = difference(fields, allowed);
    return finish(pathsWork(left, new Steps(Infinity))).length > 0 ? [{ manager, fields: left }] : [];
  });
}

function nameOf({ name, operation, apiVersion, subresource }: Manager): string {
  const within = subresource === '' ? '' : ` with subresource ${JSON.stringify(subresource)}`;
  return `${JSON.stringify(name)}${within}${operation === 'Update' ? ` using ${apiVersion}` : ''}`;
}

/** The 409 for these conflicts, with a cause for each field. Yields in the midst of many. */
export function* conflictError(conflicts: readonly Conflict[]): Work<ApiError> {
  const steps = new Steps(batch);
  const named: { readonly name: string; readonly paths: readonly string[] }[] = [];
  for (const { manager, fields } of conflicts) {
    const paths: string[] = [];
    for (const path of yield* pathsWork(fields, steps)) {
      if (steps.due()) yield;
      paths.push(pathText(path));
    }
    named.push({ name: nameOf(manager), paths });
  }
  named.sort((a, b) => (a.name < b.name ? -1 : a.name === b.name ? 0 : 1));
  const count = named.reduce((sum, { paths }) => sum + paths.length, 0);
  const first = named[0];
  const text =
    count === 1 && first !== undefined
      ? `conflict with ${first.name}: ${first.paths.join('')}`
      : named.map(({ name, paths }) => `conflicts with ${name}:\n${paths.map((path) => `- ${path}`).join('\n')}`).join('\n');
  yield;
  const causes = named.flatMap(({ name, paths }) =>
    paths.map((field) => ({ reason: 'FieldManagerConflict', message: `conflict with ${name}`, field })),
  );
  return new ApiError(409, 'Conflict', `Apply failed with ${count} conflict${count === 1 ? '' : 's'}: ${text}`, { causes });
}
