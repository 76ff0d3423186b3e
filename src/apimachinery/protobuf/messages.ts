// Compiles the codecs of messages, each once, from the schema (what a field is) and protobuf.json (which number it has).
import type { SchemaNode } from '../schema/node.js';
import type { ProtobufFacts } from './facts.js';
import { StructCodec, type FieldFacts } from './struct.js';
import { listMessageCodec, unionCodec } from './union.js';
import { scalarCodecs, specialCodecs, type ValueCodec } from './value.js';

/** Codecs of structs by definition name. */
export interface Messages {
  /** Whether there is such a message: custom resources have none. */
  has(definition: string): boolean;
  /** The codec of the struct `node`, a definition that `has` knows. Cheap: fields are compiled when the first message is read or written. */
  structOf(node: SchemaNode): StructCodec;
}

export function compileMessages(facts: Pick<ProtobufFacts, 'messages'>): Messages {
  const structs = new Map<string, StructCodec>();

  /** The codec of one value: an element of a list, a map's value, or a field that is neither. */
  const valueCodec = (node: SchemaNode, type: string): ValueCodec => {
    if (node.type === 'array') return listMessageCodec(valueCodec(node.items!, type));
    const known = specialCodecs.get(type) ?? scalarCodecs.get(type);
    if (known !== undefined) return known;
    if (node.type === 'any' && node.additional !== undefined) return unionCodec(type, valueCodec(node.additional, node.additional.name));
    return struct(node, type);
  };

  const fieldOf = (node: SchemaNode, name: string, number: number, type: string): FieldFacts => {
    const inner = node.fields.get(name)?.node;
    if (inner === undefined) return { number, name, type, shape: 'inline', codec: () => inlineStruct(node, type) };
    if (inner.type === 'array') return { number, name, type, shape: 'list', codec: () => valueCodec(inner.items!, type) };
    if (inner.type === 'map') return { number, name, type, shape: 'map', codec: () => valueCodec(inner.additional!, type) };
    return { number, name, type, shape: 'one', codec: () => valueCodec(inner, type) };
  };

  const inlineStruct = (node: SchemaNode, message: string): StructCodec =>
    new StructCodec(message.slice(message.lastIndexOf('.') + 1), () =>
      Object.entries(facts.messages[message] ?? {}).map(([name, [number, , , type]]) => fieldOf(node, name, number, type)),
    );

  const struct = (node: SchemaNode, message: string): StructCodec => {
    let codec = structs.get(message);
    if (codec === undefined) structs.set(message, (codec = inlineStruct(node, message)));
    return codec;
  };

  return {
    has: (definition) => Object.hasOwn(facts.messages, definition),
    structOf: (node) => struct(node, node.name),
  };
}
