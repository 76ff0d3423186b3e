// A custom resource's schema in the form in which the rest of the server knows types: for managed fields, apply and decoding.
import type { NodeType, SchemaField, SchemaNode } from '../../apimachinery/schema/node.js';
import { customDecoder, customDecoderWork } from './prune.js';
import type { Structural } from './structural.js';

const noFields: ReadonlyMap<string, SchemaField> = new Map();

const bare = { name: '', fields: noFields, items: undefined, additional: undefined, format: undefined, enum: undefined };

/** A value that no schema says anything about: maps in it are owned by field. */
const untyped: SchemaNode = { ...bare, type: 'any' };

const scalars: ReadonlyMap<string, NodeType> = new Map<string, NodeType>([
  ['string', 'string'],
  ['integer', 'integer'],
  ['number', 'number'],
  ['boolean', 'boolean'],
]);

const text: SchemaNode = { ...bare, type: 'string' };

function fieldOf(name: string, node: SchemaNode, place?: Structural): SchemaField {
  return {
    name,
    node,
    required: false,
    default: place?.default,
    listType: place?.listType ?? 'atomic',
    listMapKeys: place?.mapKeys ?? [],
    mapType: place?.mapType ?? node.mapType ?? 'granular',
    patchStrategy: '',
    patchMergeKey: '',
    whenEmpty: 'kept',
  };
}

/** An object with the fields of its schema, made when they are first asked for. */
class ObjectNode implements SchemaNode {
  readonly type = 'object';
  readonly name = '';
  readonly items = undefined;
  readonly format = undefined;
  readonly enum = undefined;
  readonly mapType: SchemaNode['mapType'];
  readonly additional: SchemaNode | undefined;
  readonly decode: SchemaNode['decode'];
  readonly decodeWork: SchemaNode['decodeWork'];
  readonly #open: boolean;
  #fields: ReadonlyMap<string, SchemaField> | undefined;

  constructor(
    private readonly place: Structural,
    private readonly meta: SchemaNode,
    /** Of the whole object, its kind's name. */
    private readonly root: string | undefined,
    /** Whether an object around it preserves unknown fields. They are then pruned here all the same, but an apply may name them. */
    open: boolean,
  ) {
    this.mapType = place.mapType;
    this.#open = open || place.open;
    this.additional = this.#open ? untyped : undefined;
    this.goType = root;
    this.decode = root === undefined ? undefined : customDecoder(place, meta);
    this.decodeWork = root === undefined ? undefined : customDecoderWork(place, meta);
  }

  readonly goType: string | undefined;

  get fields(): ReadonlyMap<string, SchemaField> {
    return (this.#fields ??= this.#made());
  }

  #made(): ReadonlyMap<string, SchemaField> {
    const fields = new Map<string, SchemaField>();
    for (const [name, property] of this.place.properties)
      fields.set(name, fieldOf(name, nodeOf(property, this.meta, this.#open), property));
    if (this.root === undefined && !this.place.embedded) return fields;
    for (const name of ['apiVersion', 'kind']) fields.set(name, fieldOf(name, text));
    // The root's metadata is always there, as that of any object: what the server sets in it is nobody's.
    const metadata = fieldOf('metadata', this.meta);
    fields.set('metadata', this.root === undefined ? metadata : { ...metadata, default: {}, whenEmpty: 'zero' });
    return fields;
  }
}

function nodeOf(place: Structural, meta: SchemaNode, around: boolean): SchemaNode {
  const open = around || place.open;
  // The published schema has no type for these: whatever comes is as free as where there is no schema.
  if (place.intOrString) return untyped;
  const scalar = scalars.get(place.type);
  if (scalar !== undefined) return { ...bare, type: scalar, format: place.schema['format'] === 'date-time' ? 'date-time' : undefined };
  if (place.type === 'array') {
    const hints = { listType: place.listType, listMapKeys: place.mapKeys };
    return { ...bare, ...hints, type: 'array', items: place.items === undefined ? untyped : nodeOf(place.items, meta, open) };
  }
  if (place.type !== 'object') return untyped;
  if (place.properties.size > 0 || place.embedded) return new ObjectNode(place, meta, undefined, around);
  if (typeof place.additional === 'object') {
    return { ...bare, type: 'map', mapType: place.mapType, additional: nodeOf(place.additional, meta, open) };
  }
  return { ...bare, type: 'map', mapType: place.mapType, additional: untyped };
}

/** The node of a whole custom resource. `meta` is that of every object's metadata. */
export function customNode(root: Structural, meta: SchemaNode, kind: string): SchemaNode {
  return new ObjectNode(root, meta, kind, false);
}
