// The JSON of an object's long parts, made in slices before the object is stored: to encode it then takes no time.
import { safeText } from '../../apimachinery/codec/json.js';
import type { KubeObject } from '../../apimachinery/object.js';
import { isLong } from '../../apimachinery/schema/weigh.js';
import { Steps, type Work } from '../../clock/slices.js';
import { keepPart } from './object-encoder.js';

type Fields = Readonly<Record<string, unknown>>;

/** How many parts of a value are written at a time. */
const batch = 64;

/** Returns how many bytes the whole object takes as plain JSON. The object's parts must not be changed any more. */
export function* encodeAhead(object: KubeObject): Work<number> {
  const found = { size: 0, steps: new Steps(batch) };
  const rest: Record<string, unknown> = {};
  const fields = object as unknown as Fields;
  for (const name in fields) {
    const field = fields[name];
    rest[name] = name === 'metadata' ? yield* metadataRest(field as Fields | undefined, found) : yield* partRest(field, found);
  }
  return found.size + Buffer.byteLength(JSON.stringify(rest));
}

interface Found {
  /** Of the parts that are encoded, without the digit that stands for each in the rest. */
  size: number;
  readonly steps: Steps;
}

/** The metadata without its long parts. */
function* metadataRest(metadata: Fields | undefined, found: Found): Work<unknown> {
  const managedFields = metadata?.['managedFields'];
  if (!Array.isArray(managedFields)) return metadata;
  const managers: unknown[] = [];
  for (const entry of managedFields as readonly Fields[]) managers.push({ ...entry, fieldsV1: yield* partRest(entry['fieldsV1'], found) });
  return { ...metadata, managedFields: managers };
}

function* partRest(part: unknown, found: Found): Work<unknown> {
  if (typeof part !== 'object' || part === null || !isLong(part)) return part;
  const text = new Text();
  yield* write(part, text, found.steps);
  yield;
  keepPart(part, text.bytes());
  found.size += text.size - 1;
  return 0;
}

/** Characters that are gathered before they become bytes: to make one text of very many takes long. */
const chunk = 16 * 1024;

/** A JSON text that is being written. */
class Text {
  /** How many bytes it would take as JSON.stringify writes it. */
  size = 0;
  readonly #chunks: Buffer[] = [];
  #text = '';

  add(text: string): void {
    this.#text += text;
    if (this.#text.length >= chunk) this.#flush();
  }

  bytes(): Buffer {
    this.#flush();
    return Buffer.concat(this.#chunks);
  }

  #flush(): void {
    this.size += Buffer.byteLength(this.#text);
    this.#chunks.push(Buffer.from(safeText(this.#text)));
    this.#text = '';
  }
}

/** What JSON.stringify writes. */
function* write(value: object, text: Text, steps: Steps): Work<void> {
  let before = '';
  if (Array.isArray(value)) {
    text.add('[');
    for (const one of value as readonly unknown[]) {
      if (steps.due()) yield;
      text.add(before);
      before = ',';
      if (isLong(one)) yield* write(one as object, text, steps);
      else text.add(JSON.stringify(one ?? null));
    }
    return text.add(']');
  }
  text.add('{');
  for (const name of Object.keys(value)) {
    if (steps.due()) yield;
    const one = (value as Fields)[name];
    if (one === undefined) continue;
    text.add(`${before}${JSON.stringify(name)}:`);
    before = ',';
    if (isLong(one)) yield* write(one as object, text, steps);
    else text.add(JSON.stringify(one));
  }
  text.add('}');
}
