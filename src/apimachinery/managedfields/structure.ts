// How a schema's places are owned: as a whole or part by part. Worked out once for each place, on its first use.
// https://kubernetes.io/docs/reference/using-api/server-side-apply/#merge-strategy
import { isRecord } from '../object.js';
import type { SchemaField, SchemaNode } from '../schema/node.js';

/**
 * - `leaf`: owned as a whole (scalars, atomic lists, maps and structs)
 * - `struct`, `map`: owned by field
 * - `set`: a list owned by value; `list`: a list owned by the keys of its items
 * - `deduced`: no schema; maps are owned by field, all else as a whole
 */
export type Shape = 'leaf' | 'struct' | 'map' | 'set' | 'list' | 'deduced';

/** A key of a keyed list. An item that leaves it out has the default, if there is one. */
export interface ListKey {
  readonly name: string;
  /** `"name":`, as the path element has it. */
  readonly label: string;
  readonly default: unknown;
}

/** A field of a struct. */
export interface Place {
  /** `f:<name>`. */
  readonly element: string;
  readonly structure: Structure;
  /** Nobody comes to own it, such as metadata.name. */
  readonly untracked: boolean;
}

/** What every object has and nobody owns. The parts of `metadata` that the server sets are owned by nobody as well. */
const untrackedFields = new Set(['apiVersion', 'kind']);
const untrackedMetadata = new Set([
  'name',
  'namespace',
  'creationTimestamp',
  'selfLink',
  'uid',
  'generation',
  'resourceVersion',
  'managedFields',
]);

type Role = 'object' | 'metadata' | 'other';

/** What the place says about a list or map beside its type. */
interface Hints {
  readonly listType?: SchemaField['listType'] | undefined;
  readonly listMapKeys?: readonly string[] | undefined;
  readonly mapType?: SchemaField['mapType'] | undefined;
}

/** One place of a schema as server-side apply sees it. */
export class Structure {
  readonly shape: Shape;
  readonly node: SchemaNode;
  /** The keys of a keyed list, in order of name. */
  readonly keys: readonly ListKey[];
  readonly #role: Role;
  readonly #places = new Map<string, Place>();
  #items: Structure | undefined;
  #values: Structure | undefined;
  #zero: Readonly<Record<string, unknown>> | undefined;

  constructor(node: SchemaNode, hints: Hints, role: Role = 'other') {
    this.node = node;
    this.#role = role;
    this.shape = shapeOf(node, hints);
    this.keys = this.shape === 'list' ? keysOf(node, hints) : [];
  }

  /** The field `name` of a struct; undefined when the schema does not declare it. */
  place(name: string): Place | undefined {
    const known = this.#places.get(name);
    if (known !== undefined) return known;
    const field = this.node.fields.get(name);
    if (field === undefined) return undefined;
    const untracked = (this.#role === 'object' && untrackedFields.has(name)) || (this.#role === 'metadata' && untrackedMetadata.has(name));
    const role = this.#role === 'object' && name === 'metadata' ? 'metadata' : 'other';
    const place = { element: `f:${name}`, structure: new Structure(field.node, field, role), untracked };
    this.#places.set(name, place);
    return place;
  }

  /** What is under the field `name` of a struct or the key `name` of a map. */
  below(name: string): Structure | undefined {
    return (
      this.place(name)?.structure ?? (this.node.additional === undefined ? (this.shape === 'deduced' ? this : undefined) : this.values)
    );
  }

  /** The values of a map. */
  get values(): Structure {
    return (this.#values ??= new Structure(this.node.additional ?? this.node, this.node.additional ?? {}));
  }

  /** The items of a list. */
  get items(): Structure {
    return (this.#items ??= new Structure(this.node.items ?? this.node, this.node.items ?? {}));
  }

  /** Whether nobody may take `metadata` of an object away. */
  get isObject(): boolean {
    return this.#role === 'object';
  }

  /** The value of a struct in which nothing is set: what the server writes all the same. A new object is compared with it. */
  get zero(): Readonly<Record<string, unknown>> {
    if (this.#zero !== undefined) return this.#zero;
    const zero: Record<string, unknown> = {};
    for (const field of this.node.fields.values()) {
      const value = zeroOf(field, () => this.place(field.name)!.structure.zero);
      if (value !== undefined) zero[field.name] = value;
    }
    return (this.#zero = zero);
  }
}

function zeroOf(field: SchemaField, struct: () => unknown): unknown {
  const whenEmpty =
    field.whenEmpty ?? (isRecord(field.default) || (field.required && isScalar(field.node)) ? 'zero' : field.required ? 'null' : 'kept');
  if (whenEmpty === 'null') return null;
  if (whenEmpty !== 'zero') return undefined;
  switch (field.node.type) {
    case 'object':
      return struct();
    case 'string':
      return '';
    case 'integer':
    case 'number':
    case 'intOrString':
      return 0;
    case 'quantity':
      return '0';
    case 'boolean':
      return false;
    default:
      return null;
  }
}

function isScalar(node: SchemaNode): boolean {
  return node.type === 'string' || node.type === 'integer' || node.type === 'number' || node.type === 'boolean';
}

function shapeOf(node: SchemaNode, hints: Hints): Shape {
  switch (node.type) {
    case 'object':
      return (hints.mapType ?? node.mapType) === 'atomic' ? 'leaf' : 'struct';
    case 'map':
      return (hints.mapType ?? node.mapType) === 'atomic' ? 'leaf' : 'map';
    case 'array':
      return hints.listType === 'map' ? 'list' : hints.listType === 'set' ? 'set' : 'leaf';
    case 'any':
      return node.name === '' ? 'deduced' : 'leaf';
    default:
      return 'leaf';
  }
}

function keysOf(node: SchemaNode, hints: Hints): readonly ListKey[] {
  return [...(hints.listMapKeys ?? [])]
    .sort()
    .map((name) => ({ name, label: `${JSON.stringify(name)}:`, default: node.items?.fields.get(name)?.default }));
}

/** A memo, not state: the same node gives the same structure, and it goes with the node. */
const structures = new WeakMap<SchemaNode, Structure>();

/** The structure of a whole object of the kind `node`. */
export function structureOf(node: SchemaNode): Structure {
  let structure = structures.get(node);
  if (structure === undefined) structures.set(node, (structure = new Structure(node, {}, 'object')));
  return structure;
}
