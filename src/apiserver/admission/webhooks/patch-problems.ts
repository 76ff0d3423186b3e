// What was wrong with a JSON Patch that cannot be applied, in words that clients know.
import { isRecord } from '../../../apimachinery/object.js';
import { brokenOperation } from '../../../apimachinery/patch/json-patch.js';
import { inSlices } from '../../../clock/slices.js';

export interface PatchProblem {
  readonly text: string;
  /** It is a `test` that failed. */
  readonly test: boolean;
}

/** Says of the first operation that cannot be carried out why not; `message` when all can. */
export async function jsonPatchProblem(before: unknown, patch: readonly unknown[], message: string): Promise<PatchProblem> {
  const broken = await inSlices(brokenOperation(before, patch));
  if (broken === undefined) return { text: message, test: false };
  return problemOf(isRecord(broken.operation) ? broken.operation : {}, broken.document);
}

function problemOf(operation: Readonly<Record<string, unknown>>, document: unknown): PatchProblem {
  const field = (name: string): string => {
    const value = operation[name];
    return typeof value === 'string' ? value : '';
  };
  const [op, path] = [field('op'), field('path')];
  const problem = (text: string): PatchProblem => ({ text, test: false });
  switch (op) {
    case 'remove':
      return problem(
        path !== '' && hasParent(document, path)
          ? `error in remove for path: '${path}': ${missingKey(path)}`
          : `remove operation does not apply: doc is missing path: ${JSON.stringify(path)}: missing value`,
      );
    case 'test':
      return hasParent(document, path)
        ? { text: `testing value ${path} failed: test failed`, test: true }
        : problem(`test operation does not apply: is missing path: ${path}: missing value`);
    case 'add':
      return problem(`add operation does not apply: doc is missing path: ${JSON.stringify(path)}: missing value`);
    case 'replace':
      return problem(
        path === ''
          ? 'replace operation value must be object or array: %!w(<nil>)'
          : `replace operation does not apply: doc is missing path: ${path}: missing value`,
      );
    case 'move':
    case 'copy':
      return problem(movingProblem(op, operation['from'], path, document));
    default:
      return problem(`Unexpected kind: ${typeof operation['op'] === 'string' ? op : 'unknown'}`);
  }
}

function movingProblem(op: string, from: unknown, path: string, document: unknown): string {
  if (typeof from !== 'string') return `${op} operation failed to decode from: operation, missing from field: missing value`;
  if (!hasParent(document, from)) return `${op} operation does not apply: doc is missing from path: ${from}: missing value`;
  if (!hasParent(document, path)) return `${op} operation does not apply: doc is missing destination path: ${path}: missing value`;
  return `error in ${op} for path: '${lastOf(from)}': ${missingKey(from)}`;
}

function lastOf(pointer: string): string {
  return pointer.slice(pointer.lastIndexOf('/') + 1);
}

function missingKey(pointer: string): string {
  return `Unable to remove nonexistent key: ${lastOf(pointer)}: missing value`;
}

/** Whether what is to hold the last name of the path is there. */
function hasParent(document: unknown, path: string): boolean {
  let value = document;
  for (const part of path.split('/').slice(1, -1)) {
    const name = part.replaceAll('~1', '/').replaceAll('~0', '~');
    if (Array.isArray(value)) value = (value as readonly unknown[])[Number(name)];
    else value = isRecord(value) && Object.hasOwn(value, name) ? value[name] : undefined;
  }
  return typeof value === 'object' && value !== null;
}
