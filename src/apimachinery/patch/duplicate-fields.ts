// What strict validation says of keys that a patch's text has twice.
import { isRecord } from '../object.js';
import { quote, type Duplicates } from '../schema/problems.js';

/** Bounds what one hostile body can make us write into headers. */
const mostProblems = 1000;

/**
 * `<prefix>duplicate field "metadata.labels.a"` for each key that an object of `value` has twice, in the order of the text. `duplicates` is
 * what the reader of the text found.
 */
export function duplicateFieldProblems(value: unknown, duplicates: Duplicates, prefix = ''): readonly string[] {
  const problems: string[] = [];
  const walk = (one: unknown, path: string): void => {
    if (problems.length >= mostProblems) return;
    if (Array.isArray(one)) return (one as readonly unknown[]).forEach((item, index) => walk(item, `${path}[${index}]`));
    if (!isRecord(one)) return;
    const twice = duplicates.get(one);
    const at = (name: string): string => (path === '' ? name : `${path}.${name}`);
    const report = (index: number): void => {
      for (const { key, after } of twice ?? []) if (after === index) problems.push(`${prefix}duplicate field ${quote(at(key))}`);
    };
    let index = 0;
    for (const name of Object.keys(one)) {
      report(index++);
      walk(one[name], at(name));
    }
    report(index);
  };
  walk(value, '');
  return problems;
}
