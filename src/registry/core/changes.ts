// What changed of an object, as text for messages: one hunk of a unified diff.
import { isRecord } from '../../apimachinery/object.js';

/** Lines before and after the change. */
const context = 2;

/** Maps whose keys are the client's own. */
const keyed = new Set(['Labels', 'MatchLabels', 'NodeSelector', 'Requests', 'Limits', 'Overhead', 'Annotations']);

/** The value as lines of indented JSON, with names as the server's messages have them: the first letter capital. */
function linesOf(value: unknown): readonly string[] {
  const capitalized = (key: string, inner: unknown): unknown => {
    if (keyed.has(key) || !isRecord(inner)) return inner;
    const entries = Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1));
    return Object.fromEntries(entries.map(([name, one]) => [name.charAt(0).toUpperCase() + name.slice(1), one]));
  };
  return JSON.stringify(value, capitalized, 1).split('\n');
}

/**
 * A unified diff from `before` to `now`, from the first line that differs to the last, with two lines around it. The real server's has
 * several hunks and every field of its own structures; both tell the reader what was changed.
 */
export function changesText(before: unknown, now: unknown): string {
  const old = linesOf(before);
  const fresh = linesOf(now);
  let start = 0;
  while (start < old.length && start < fresh.length && old[start] === fresh[start]) start++;
  let end = 0;
  while (end < old.length - start && end < fresh.length - start && old[old.length - 1 - end] === fresh[fresh.length - 1 - end]) end++;
  const from = Math.max(0, start - context);
  const tail = old.slice(old.length - end, old.length - end + context);
  const oldLines = old.slice(start, old.length - end);
  const newLines = fresh.slice(start, fresh.length - end);
  const around = start - from + tail.length;
  const head = `@@ -${from + 1},${around + oldLines.length} +${from + 1},${around + newLines.length} @@`;
  const mark = (sign: string, lines: readonly string[]): readonly string[] => lines.map((line) => `${sign}${line}`);
  const body = [...mark(' ', old.slice(from, start)), ...mark('-', oldLines), ...mark('+', newLines), ...mark(' ', tail)];
  return `\n${head}\n${body.join('\n')}\n`;
}
