// The types that CEL's checker reasons about. https://kubernetes.io/docs/reference/using-api/cel/#type-checking

export type TypeKind =
  | 'dyn'
  | 'error'
  | 'null'
  | 'bool'
  | 'int'
  | 'uint'
  | 'double'
  | 'string'
  | 'bytes'
  | 'duration'
  | 'timestamp'
  | 'type'
  | 'list'
  | 'map'
  /** A declared object: `object` has its fields. */
  | 'object'
  /** A named type of a library, such as `kubernetes.Quantity` or `optional_type`. */
  | 'opaque'
  /** A type parameter of an overload, such as `A` in `list(A)`. */
  | 'param'
  /** A primitive that may also be null, as the wrappers of protobuf. */
  | 'wrapper';

/**
 * A type. Immutable and shared; compare with `sameType`, never by identity. Types that come from a schema carry its limits
 * (`maxElements`) and its rules of equality (`listType`, `listMapKeys`); neither changes what is assignable to what.
 */
export interface CelType {
  readonly kind: TypeKind;
  /** As it is written: `int`, `list`, `kubernetes.Quantity`, `A`. */
  readonly name: string;
  /** `[element]` of a list, `[key, value]` of a map, the parameters of an opaque type, `[inner]` of a wrapper. */
  readonly parameters: readonly CelType[];
  /** Of kind `object` alone. */
  readonly object?: ObjectType;
  /** At most so many characters (string), bytes, items or entries; for the cost estimate. */
  readonly maxElements?: number;
  /** At least so many bytes on the wire: bounds how many of it a request can hold. */
  readonly minSerializedSize?: number;
  /** `x-kubernetes-list-type` of a list: sets and maps compare and concatenate without regard to order. */
  readonly listType?: 'set' | 'map';
  /** `x-kubernetes-list-map-keys`, as they are named in JSON. */
  readonly listMapKeys?: readonly string[];
}

/** An object with known fields. */
export interface ObjectType {
  readonly name: string;
  /** By the name that expressions use, which is escaped: `__dash__`, `__in__`. */
  readonly fields: ReadonlyMap<string, ObjectField>;
  /** Any field may be read or set, its type is dyn: the `Object{}` of mutating policies whose schema is not known. */
  readonly open?: boolean;
  /** What the checker takes a field for that is not declared; absent: an undefined field. */
  readonly undeclared?: CelType;
}

export interface ObjectField {
  /** The key in JSON, not escaped. */
  readonly jsonName: string;
  readonly type: CelType;
  readonly required: boolean;
}

const none: readonly CelType[] = [];
function simple(kind: TypeKind, name: string = kind): CelType {
  return { kind, name, parameters: none };
}

export const dynType = simple('dyn');
export const errorType = simple('error', '!error!');
export const nullType = simple('null');
export const boolType = simple('bool');
export const intType = simple('int');
export const uintType = simple('uint');
export const doubleType = simple('double');
export const stringType = simple('string');
export const bytesType = simple('bytes');
export const durationType = simple('duration', 'google.protobuf.Duration');
export const timestampType = simple('timestamp', 'google.protobuf.Timestamp');

/** What `type(x)` has; without a parameter: any type. */
export function typeType(of: CelType = dynType): CelType {
  return { kind: 'type', name: 'type', parameters: [of] };
}

export function listType(element: CelType): CelType {
  return { kind: 'list', name: 'list', parameters: [element] };
}

export function mapType(key: CelType, value: CelType): CelType {
  return { kind: 'map', name: 'map', parameters: [key, value] };
}

export function objectType(object: ObjectType): CelType {
  return { kind: 'object', name: object.name, parameters: none, object };
}

export function opaqueType(name: string, ...parameters: CelType[]): CelType {
  return { kind: 'opaque', name, parameters };
}

export function optionalType(value: CelType): CelType {
  return opaqueType('optional_type', value);
}

export function paramType(name: string): CelType {
  return simple('param', name);
}

export function wrapperType(inner: CelType): CelType {
  return { kind: 'wrapper', name: 'wrapper', parameters: [inner] };
}

export function isOptional(type: CelType): boolean {
  return type.kind === 'opaque' && type.name === 'optional_type';
}

/** dyn, or a type about which nothing can be said before the evaluation. */
export function isDynamic(type: CelType): boolean {
  return type.kind === 'dyn' || type.kind === 'error' || type.kind === 'param';
}

/** The first parameter: a list's element, an optional's value. */
export function elementOf(type: CelType): CelType {
  return type.parameters[0] ?? dynType;
}

/** The second parameter: a map's value. */
export function valueOf(type: CelType): CelType {
  return type.parameters[1] ?? dynType;
}

/** Whether both are the same type; limits from schemas do not count. */
export function sameType(left: CelType, right: CelType): boolean {
  if (left === right) return true;
  if (left.kind !== right.kind || left.name !== right.name || left.parameters.length !== right.parameters.length) return false;
  return left.parameters.every((parameter, index) => {
    const other = right.parameters[index];
    return other !== undefined && sameType(parameter, other);
  });
}

/** As errors and `type()` show it: `map(string, int)`, `wrapper(int)`, `google.protobuf.Duration`. */
export function formatType(type: CelType): string {
  if (type.kind === 'type' && isDynamic(elementOf(type))) return 'type';
  if (type.parameters.length === 0) return type.name;
  return `${type.name}(${type.parameters.map(formatType).join(', ')})`;
}
