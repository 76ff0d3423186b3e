// Encodes a JSON document as protobuf by a table of messages.
import { finish, type Work } from '../../../clock/slices.js';
import { entriesOf } from '../entries.js';
import { WireWriter } from './writer.js';

/**
 * A field's number, the name of its message or of a scalar (`string`, `bool`, `integer`, `double`, `any`), and whether it repeats. `any` is
 * gnostic's message Any: the value as YAML text in field 2. JSON is YAML.
 */
export type Field = readonly [number: number, type: string, repeated?: 'repeated'];

/** How one JSON value is written. */
export type Message =
  /** A JSON object with known names; names with `x-` go to the field `extensions`, others that are not known are left out. */
  | { readonly fields: Readonly<Record<string, Field>>; readonly extensions?: number }
  /** A JSON object with free names: repeated messages of name (1) and value (2) in this field. */
  | { readonly map: Field }
  /** A value that is the only field of a message: which of the options, the value tells; undefined leaves it out. */
  | { readonly options: Readonly<Record<string, Field>>; readonly choose: (value: unknown) => string | undefined };

export type Messages = Readonly<Record<string, Message>>;

/**
 * The bytes of `document`, an instance of the message `root`. What a table does not know is left out.
 * @throws Error when the table names a message that it does not have.
 */
export function encodeMessage(messages: Messages, root: string, document: unknown): Uint8Array {
  return finish(encodeWork(messages, root, document));
}

/** So deep in a document its maps are: what is in an entry of theirs is written at once. */
const deepest = 4;

/** {@link encodeMessage}, for documents of which it takes long. */
export function* encodeWork(messages: Messages, root: string, document: unknown): Work<Uint8Array> {
  const writer = new WireWriter();

  const field = ([number, type, repeated]: Field, value: unknown): void => {
    if (repeated === undefined) return single(number, type, value);
    for (const element of Array.isArray(value) ? value : [value]) single(number, type, element);
  };

  const single = (number: number, type: string, value: unknown): void => {
    switch (type) {
      case 'string':
        if (typeof value === 'string') writer.string(number, value);
        return;
      case 'bool':
        if (typeof value === 'boolean') writer.bool(number, value);
        return;
      case 'integer':
        if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) writer.integer(number, value);
        return;
      case 'double':
        if (typeof value === 'number') writer.double(number, value);
        return;
      case 'any':
        writer.message(number, () => writer.string(2, `${JSON.stringify(value)}\n`));
        return;
      default:
        writer.message(number, () => message(type, value));
    }
  };

  const named = (number: number, type: string, name: string, value: unknown): void => {
    writer.message(number, () => {
      writer.string(1, name);
      single(2, type, value);
    });
  };

  const message = (type: string, value: unknown): void => {
    const table = messages[type];
    if (table === undefined) throw new Error(`no protobuf message ${type}`);
    if ('choose' in table) {
      const chosen = table.choose(value);
      if (chosen !== undefined) field(table.options[chosen]!, value);
    } else if ('map' in table) {
      for (const [name, inner] of entriesOf(value)) named(table.map[0], table.map[1], name, inner);
    } else {
      for (const [name, inner] of entriesOf(value)) {
        if (Object.hasOwn(table.fields, name)) field(table.fields[name]!, inner);
        else if (table.extensions !== undefined && name.startsWith('x-')) named(table.extensions, 'any', name, inner);
      }
    }
  };

  /** As `message`, entry by entry. */
  const outer = function* (type: string, value: unknown, depth: number): Work<void> {
    const table = messages[type];
    if (depth > deepest || table === undefined || 'choose' in table) return message(type, value);
    for (const [name, inner] of entriesOf(value)) {
      yield;
      if ('map' in table) {
        const [number, type] = table.map;
        const end = writer.begin(number);
        writer.string(1, name);
        yield* part(2, type, inner, depth);
        end();
      } else if (Object.hasOwn(table.fields, name)) {
        const [number, type, repeated] = table.fields[name]!;
        if (repeated === undefined) yield* part(number, type, inner, depth);
        else field(table.fields[name]!, inner);
      } else if (table.extensions !== undefined && name.startsWith('x-')) named(table.extensions, 'any', name, inner);
    }
  };
  const part = function* (number: number, type: string, value: unknown, depth: number): Work<void> {
    if (messages[type] === undefined) return single(number, type, value);
    const end = writer.begin(number);
    yield* outer(type, value, depth + 1);
    end();
  };
  yield* outer(root, document, 0);
  return writer.finish();
}
