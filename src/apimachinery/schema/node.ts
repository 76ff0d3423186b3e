// One place in an object's structure, compiled from the published OpenAPI schema.
import type { Work } from '../../clock/slices.js';
import type { Walk } from './problems.js';

/** How a list is merged by server-side apply. https://kubernetes.io/docs/reference/using-api/server-side-apply/#merge-strategy */
export type ListType = 'atomic' | 'set' | 'map';

export type NodeType =
  /** A struct with named fields. */
  | 'object'
  /** Free string keys, all values of one node (`additional`). */
  | 'map'
  | 'array'
  | 'string'
  | 'integer'
  | 'number'
  | 'boolean'
  /** An integer or a string (ports, percentages). */
  | 'intOrString'
  /** A quantity: string or number on the way in, a canonical string on the way out. */
  | 'quantity'
  /** RFC 3339, whole seconds. */
  | 'time'
  /** RFC 3339 with microseconds. */
  | 'microTime'
  /** Any JSON value, kept as it is (RawExtension, JSON, fieldsV1). */
  | 'any';

/** A node may be shared by several kinds and may contain itself (JSONSchemaProps): walk it with the object, never alone. */
export interface SchemaNode {
  readonly type: NodeType;
  /** The definition's name, such as `io.k8s.api.core.v1.PodSpec`; '' for inline schemas. */
  readonly name: string;
  /** The fields of an `object`, by name. */
  readonly fields: ReadonlyMap<string, SchemaField>;
  /** The elements of an `array`. */
  readonly items: SchemaNode | undefined;
  /** The values of a `map`. */
  readonly additional: SchemaNode | undefined;
  readonly format: string | undefined;
  readonly enum: readonly string[] | undefined;
  /** The type's name in the real server's decoding errors, such as `v1.PodSpec`; absent: as the type says. */
  readonly goType?: string | undefined;
  /** Of an `object`: what its definition says; a field's `mapType` has it taken into account. */
  readonly mapType?: 'atomic' | 'granular' | undefined;
  /** Of a list that is no field's own value, but an element or a map's value. */
  readonly listType?: ListType | undefined;
  readonly listMapKeys?: readonly string[] | undefined;
  /** Of a custom resource: decodes a whole object in its own way. As a decoder does, see decode.ts. */
  readonly decode?: ((value: unknown, walk: Walk, depth: number) => unknown) | undefined;
  /** `decode` in slices, for long values. */
  readonly decodeWork?: ((value: unknown, walk: Walk, depth: number) => Work<unknown>) | undefined;
}

/**
 * What becomes of a field's empty value (`""`, 0, false, `[]`, `{}`) on its way through the server.
 * `omitted`: an empty value is dropped. `kept`: it stays when it was given. `zero`: the empty value is written even when the field is absent.
 * `null`: stays when given, and `null` is written when the field is absent.
 */
export type WhenEmpty = 'omitted' | 'kept' | 'zero' | 'null';

/** A field of an object: what the place says beside what the type says. */
export interface SchemaField {
  readonly name: string;
  readonly node: SchemaNode;
  readonly required: boolean;
  /** The schema's default: `{}` says that a struct is always written, `""`/`0` (with `required`) that a scalar is. */
  readonly default: unknown;
  readonly listType: ListType;
  readonly listMapKeys: readonly string[];
  /** `atomic` maps and structs are owned as a whole. */
  readonly mapType: 'atomic' | 'granular';
  /** `merge`, `replace`, `retainKeys` or `merge,retainKeys`; '' when the schema says nothing (replace). */
  readonly patchStrategy: string;
  readonly patchMergeKey: string;
  /** Absent: `kept`. */
  readonly whenEmpty?: WhenEmpty;
  /** Names between the struct and the field in the real server's decoding errors, such as `ProbeHandler` or `RuleWithOperations.Rule`. */
  readonly embedded?: string | undefined;
}
