// For tests: decodes protobuf by the tables that the encoder writes by, and refuses what they do not know.
import { parse } from 'yaml';
import type { Field, Messages } from '../protobuf/encode.js';

/** One field of a message as it is on the wire. */
interface WireField {
  readonly number: number;
  readonly value: number | Buffer;
}

/** The JSON document in these bytes. Throws on fields that the table does not have, on a wrong wire type, and on cut bytes. */
export function decodeMessage(messages: Messages, root: string, bytes: Uint8Array): unknown {
  const scalar = (type: string, value: number | Buffer): unknown => {
    if (type === 'bool') return value === 1;
    if (typeof value === 'number') return value;
    if (type === 'any') return anyValue(decodeFields(value)[0]!.value.toString());
    return value.toString('utf8');
  };
  const decode = (type: string, value: number | Buffer): unknown => {
    const table = messages[type];
    if (table === undefined) return scalar(type, value);
    if (typeof value === 'number') throw new Error(`${type} is not a message on the wire`);
    const fields = decodeFields(value);
    if ('options' in table) {
      const known = Object.values(table.options);
      const used = fields.map((field) => known.find(([number]) => number === field.number) ?? unknown(type, field));
      const repeated = known.some(([, , mark]) => mark !== undefined);
      const values = fields.map((field, index) => decode(used[index]![1], field.value));
      // An only element and an only type are written plainly; a message without a field is an object that has no place in it.
      return repeated && (values.length > 1 || type === 'StringArray') ? values : fields.length === 0 ? {} : values[0];
    }
    const object: Record<string, unknown> = {};
    if ('map' in table) {
      for (const field of fields) {
        if (field.number !== table.map[0]) unknown(type, field);
        addNamed(object, table.map[1], field);
      }
      return object;
    }
    const byNumber = new Map<number, readonly [string, Field]>(
      Object.entries(table.fields).map(([name, field]) => [field[0], [name, field]]),
    );
    for (const field of fields) {
      if (field.number === table.extensions) {
        addNamed(object, 'any', field);
        continue;
      }
      const [name, [, inner, repeated]] = byNumber.get(field.number) ?? unknown(type, field);
      if (repeated === undefined) object[name] = decode(inner, field.value);
      else object[name] = [...((object[name] as unknown[] | undefined) ?? []), decode(inner, field.value)];
    }
    return object;
  };
  const addNamed = (object: Record<string, unknown>, type: string, field: WireField): void => {
    const [name, value] = decodeFields(field.value as Buffer);
    object[String(name!.value)] = decode(type, value!.value);
  };
  return decode(root, Buffer.from(bytes));
}

/** YAML; ours is JSON, which is read much faster as such. */
function anyValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return parse(text);
  }
}

function unknown(type: string, { number }: WireField): never {
  throw new Error(`${type} has no field ${number}`);
}

export function decodeFields(bytes: Buffer): readonly WireField[] {
  const fields: WireField[] = [];
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = bytes[at++];
      if (byte === undefined) throw new Error('cut in a number');
      value += (byte % 128) * factor;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const key = varint();
    const [number, wireType] = [Math.floor(key / 8), key % 8];
    if (wireType === 0) fields.push({ number, value: varint() });
    else if (wireType === 1) fields.push({ number, value: bytes.readDoubleLE((at += 8) - 8) });
    else if (wireType === 2) {
      const size = varint();
      if (at + size > bytes.length) throw new Error('cut in a field');
      fields.push({ number, value: bytes.subarray(at, (at += size)) });
    } else throw new Error(`wire type ${wireType}`);
  }
  return fields;
}
