// Documents too large to hold as objects: maps in them are made entry by entry while the document is written.
import { isRecord } from '../../apimachinery/object.js';
import { finish, type Work } from '../../clock/slices.js';

/** A JSON object whose entries are made one by one as they are asked for; it can be gone through again and again. */
export class Entries {
  constructor(readonly make: () => Iterable<readonly [name: string, value: unknown]>) {}
}

/** The entries of an object of either sort. */
export function entriesOf(value: unknown): Iterable<readonly [name: string, value: unknown]> {
  if (value instanceof Entries) return value.make();
  return isRecord(value) ? Object.entries(value) : [];
}

/** How deep {@link Entries} may stand in a document. */
const deepest = 3;

/** The document as JSON. Only one entry of each {@link Entries} is held as an object at a time. */
export function jsonBytes(document: unknown): Uint8Array {
  return finish(jsonWork(document));
}

/** {@link jsonBytes}, for documents of which it takes long. */
export function* jsonWork(document: unknown): Work<Uint8Array> {
  const chunks: Buffer[] = [];
  let text = '';
  const add = (more: string): void => {
    text += more;
    if (text.length < 64 * 1024) return;
    chunks.push(Buffer.from(text));
    text = '';
  };
  const write = function* (value: unknown, depth: number): Work<void> {
    if (!(value instanceof Entries) && (depth > deepest || !isRecord(value))) return add(JSON.stringify(value));
    let comma = '{';
    for (const [name, inner] of entriesOf(value)) {
      if (inner === undefined) continue;
      add(`${comma}${JSON.stringify(name)}:`);
      yield* write(inner, depth + 1);
      comma = ',';
      yield;
    }
    add(comma === '{' ? '{}' : '}');
  };
  yield* write(document, 0);
  chunks.push(Buffer.from(text));
  return Uint8Array.from(Buffer.concat(chunks));
}
