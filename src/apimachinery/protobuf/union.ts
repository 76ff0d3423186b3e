// Messages that are one thing or another in JSON: a JSON schema or a list, a boolean or names; and lists that are values of a map.
// https://kubernetes.io/docs/reference/kubernetes-api/extend-resources/custom-resource-definition-v1/
import { lengthWire } from './reader.js';
import { boolCodec, readFields, stringCodec, writeFields, type ValueCodec } from './value.js';

/** Which number a union's parts have: JSONSchemaPropsOrArray, …OrBool and …OrStringArray. */
const parts = {
  Array: { schema: 1, other: 2 },
  Bool: { schema: 2, other: 1 },
  StringArray: { schema: 1, other: 2 },
} as const;

/** `definition` ends in `JSONSchemaPropsOrArray` or one of its like; `schema` is the codec of JSONSchemaProps. */
export function unionCodec(definition: string, schema: ValueCodec): ValueCodec {
  const name = definition.slice(definition.lastIndexOf('.') + 1);
  const other = name.slice(name.lastIndexOf('Or') + 2) as keyof typeof parts;
  const otherCodec = other === 'Bool' ? boolCodec : other === 'Array' ? schema : stringCodec;
  const schemaTag = parts[other].schema * 8 + lengthWire;
  const otherTag = parts[other].other * 8 + otherCodec.wire;
  return {
    wire: lengthWire,
    read: (reader, depth) => {
      let props: unknown = null;
      let allows = false;
      const list: unknown[] = [];
      readFields(reader, name, (tag) => {
        if (tag === schemaTag) props = schema.read(reader, depth + 1);
        else if (tag !== otherTag) reader.skip(tag & 7);
        else if (other === 'Bool') allows = boolCodec.read(reader, depth) === true;
        else list.push(otherCodec.read(reader, depth + 1));
      });
      if (other === 'Bool') return props ?? allows;
      return list.length > 0 ? list : props;
    },
    write: (writer, value) =>
      writeFields(writer, () => {
        const isSchema = typeof value === 'object' && value !== null && !Array.isArray(value);
        const writeSchema = (): void => {
          if (!isSchema) return;
          schema.write(writer, value);
          writer.varint(schemaTag);
        };
        // From the last field to the first.
        if (other === 'Bool') {
          writeSchema();
          boolCodec.write(writer, isSchema || value === true);
          writer.varint(otherTag);
          return;
        }
        const list: readonly unknown[] = Array.isArray(value) ? value : [];
        for (let index = list.length - 1; index >= 0; index--) {
          otherCodec.write(writer, list[index]);
          writer.varint(otherTag);
        }
        writeSchema();
      }),
    zero: () => null,
  };
}

/** A list as a map's value: a message whose field 1 repeats. */
export function listMessageCodec(items: ValueCodec): ValueCodec {
  const tag = 8 + items.wire;
  return {
    wire: lengthWire,
    read: (reader, depth) => {
      const list: unknown[] = [];
      readFields(reader, 'ExtraValue', (found) => {
        if (found === tag) list.push(items.read(reader, depth));
        else reader.skip(found & 7);
      });
      return list;
    },
    write: (writer, value) =>
      writeFields(writer, () => {
        const list = value as readonly unknown[];
        for (let index = list.length - 1; index >= 0; index--) {
          items.write(writer, list[index]);
          writer.varint(tag);
        }
      }),
    zero: () => null,
  };
}
