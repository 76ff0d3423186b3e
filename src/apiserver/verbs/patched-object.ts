// From the JSON value that a patch made to a draft of the request's kind.
import { deepEqual } from '../../apimachinery/equality.js';
import { badRequest, internalError, type ApiError } from '../../apimachinery/errors/api-error.js';
import { invalid, invalidObject } from '../../apimachinery/errors/field-error.js';
import { apiVersionOf, isRecord, parseApiVersion, type KubeObject, type Mutable } from '../../apimachinery/object.js';
import { setField } from '../../apimachinery/fields.js';
import { convertUnstructured } from '../../apimachinery/patch/unstructured.js';
import { decodeObject, DecodeError, type Decoded, type DecodeOptions } from '../../apimachinery/schema/decode.js';
import { decodeObjectWork } from '../../apimachinery/schema/decode-work.js';
import type { Work } from '../../clock/slices.js';
import type { SchemaNode } from '../../apimachinery/schema/node.js';
import { jsonType, quote, type Duplicates } from '../../apimachinery/schema/problems.js';
import type { Kind, Strategy } from '../../registry/kind.js';
import type { ApiRequest } from '../core/api-request.js';
import type { Core } from '../core/core.js';
import { isLongBody } from '../core/decode.js';

export interface Patched {
  /** The object with the patch applied; shares with the old one what the patch did not change. */
  readonly value: unknown;
  /** What was patched; undefined for an apply that creates. */
  readonly old: KubeObject | undefined;
  /** Makes the error for a value that is no object of the kind, from the decoder's message. */
  readonly unfit: (why: string) => ApiError;
  /** The value with its fields in the order in which the real server reads them; asked for the order of warnings. */
  readonly written?: () => unknown;
  /** Whether the real server converts the result itself instead of writing and reading it as JSON (strategic patches and apply): it then words wrong types otherwise. */
  readonly unstructured: boolean;
  /** The managers are the server's own (apply): they are not decoded. */
  readonly ownManagers?: boolean;
  /** What is wrong with the patch itself. */
  readonly problems: readonly string[];
  readonly duplicates?: Duplicates | undefined;
  /** Whether the value may be so long that it is decoded in slices. */
  readonly long: boolean;
}

/**
 * The draft, with defaults. What the patch left as it was are the old object's very parts (`draft.spec === old.spec`): so is told at once
 * that they have not changed. Throws what `unfit` makes, also for unknown fields under strict validation.
 */
export function* draftOfPatched(core: Core, request: ApiRequest, patched: Patched): Work<Mutable> {
  const { kind } = request;
  const value = patched.unstructured ? patched.value : inKind(core, request, patched);
  const validation = request.options.fieldValidation ?? 'Warn';
  // What is applied is never read as a body, which is where nulls are dropped.
  const options = { reportUnknown: validation !== 'Ignore', duplicates: patched.duplicates, keepNulls: patched.unstructured };
  const { object, problems } = yield* decoded(kind.schema(), value, options, patched);
  if (isLongBody(request)) yield;
  const ordered = problems.length > 1 ? inOrder(kind.schema(), options, patched, problems) : problems;
  const all = patched.problems.length === 0 ? ordered : [...patched.problems, ...ordered];
  if (all.length > 0) {
    if (validation === 'Strict') throw patched.unfit(`strict decoding error: ${all.join(', ')}`);
    request.warnings.push(...all);
  }
  object['apiVersion'] = apiVersionOf(kind.group, kind.version);
  object['kind'] = kind.kind;
  keepManagers(object, value);
  if (kind.strategy.applyDefaults !== undefined) yield* applyDefaults(object, kind.strategy, patched.old);
  return object;
}

/**
 * Defaults are written in place, which parts of the old object do not bear: they get copies, and where those stay as they were, as is usual
 * for what had its defaults when it was stored, the old parts come back.
 */
function* applyDefaults(draft: Mutable, strategy: Strategy, old: KubeObject | undefined): Work<void> {
  const before = old as unknown as Readonly<Record<string, unknown>> | undefined;
  let shared: string[] | undefined;
  if (before !== undefined) {
    for (const name in draft) {
      if (typeof draft[name] !== 'object' || draft[name] !== before[name]) continue;
      (shared ??= []).push(name);
      draft[name] = copyOf(draft[name]);
      yield;
    }
  }
  strategy.applyDefaults?.(draft);
  for (const name of shared ?? []) {
    yield;
    if (deepEqual(draft[name], before![name])) draft[name] = before![name];
  }
}

/** A deep copy of a decoded value. */
export function copyOf(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    const list: unknown[] = [];
    for (const item of value as readonly unknown[]) list.push(typeof item === 'object' ? copyOf(item) : item);
    return list;
  }
  const copy: Mutable = {};
  for (const name in value) {
    const inner = (value as Mutable)[name];
    if (name === '__proto__') setField(copy, name, copyOf(inner));
    else copy[name] = typeof inner === 'object' ? copyOf(inner) : inner;
  }
  return copy;
}

/** Unknown fields in the real server's order: as they are in the text, or sorted when there is none. */
function inOrder(node: SchemaNode, options: DecodeOptions, patched: Patched, problems: readonly string[]): readonly string[] {
  if (patched.unstructured) return [...problems].sort();
  return patched.written === undefined ? problems : decodeObject(node, patched.written(), options).problems;
}

/** The list of managers stays the very same where nothing changed it, which is how a write that changes nothing is told. */
function keepManagers(draft: Mutable, value: unknown): void {
  const metadata = isRecord(value) ? value['metadata'] : undefined;
  const managers = isRecord(metadata) ? metadata['managedFields'] : undefined;
  if (managers !== undefined) (draft['metadata'] as Mutable)['managedFields'] = managers;
}

function* decoded(node: SchemaNode, value: unknown, options: DecodeOptions, patched: Patched): Work<Decoded> {
  const { unstructured, unfit } = patched;
  try {
    return yield* decodeChanged(node, value, options, patched);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    if (!unstructured) throw unfit(error.message);
    return converted(node, value, options, unfit);
  }
}

/** What the decoder refuses, the real server's conversion refuses with other words, or makes to fit. */
function converted(node: SchemaNode, value: unknown, options: DecodeOptions, unfit: Patched['unfit']): Decoded {
  try {
    return decodeObject(node, convertUnstructured(node, value), options);
  } catch (error) {
    throw error instanceof DecodeError ? unfit(error.message) : error;
  }
}

/** Decodes what is not the very part of the old object, which was decoded when it was stored. */
function* decodeChanged(
  node: SchemaNode,
  value: unknown,
  options: DecodeOptions,
  { old, ownManagers = false, long }: Patched,
): Work<Decoded> {
  if (!isRecord(value) || old === undefined || options.duplicates !== undefined) return yield* decodeObjectWork(node, value, options);
  const before = old as unknown as Readonly<Record<string, unknown>>;
  const changed: Mutable = {};
  for (const name of Object.keys(value)) {
    const part = value[name];
    if (name === 'metadata') changed['metadata'] = ownManagers || isUnchangedList(part, old) ? withoutManagers(part) : part;
    else if (typeof part !== 'object' || part !== before[name]) setField(changed, name, part);
  }
  const { object, problems } = long ? yield* decodeObjectWork(node, changed, options) : decodeObject(node, changed, options);
  const draft: Mutable = {};
  for (const name of Object.keys(value)) {
    const part = Object.hasOwn(changed, name) ? object[name] : value[name];
    if (part !== undefined && name !== '__proto__') draft[name] = part;
  }
  // Fields that are always written.
  for (const name in object) if (draft[name] === undefined) draft[name] = object[name];
  return { object: draft, problems };
}

function isUnchangedList(metadata: unknown, { metadata: { managedFields } }: KubeObject): boolean {
  return managedFields !== undefined && isRecord(metadata) && metadata['managedFields'] === managedFields;
}

/** They are kept as they are: see `keepManagers`. */
function withoutManagers(metadata: unknown): unknown {
  if (!isRecord(metadata)) return metadata;
  const rest: Mutable = {};
  for (const name of Object.keys(metadata)) if (name !== 'managedFields') setField(rest, name, metadata[name]);
  return rest;
}

/**
 * The value of a JSON or merge patch in the request's kind. The real server reads the result as a body: by the apiVersion and kind that are
 * in it, which the patch may have changed.
 */
function inKind(core: Core, request: ApiRequest, patched: Patched): unknown {
  const { kind, name } = request;
  const { value, unfit } = patched;
  if (!isRecord(value)) return value;
  const { apiVersion, kind: kindName } = value;
  if (kindName === kind.kind && apiVersion === apiVersionOf(kind.group, kind.version)) return value;
  if (kind.customSchema !== undefined) throw anotherCustomKind(request, kindName, apiVersion);
  for (const [field, given] of [['apiVersion', apiVersion] as const, ['kind', kindName] as const]) {
    if (given === undefined || given === null || typeof given === 'string') continue;
    const why = `json: cannot unmarshal ${jsonType(given)} into Go struct field .${field} of type string`;
    throw unfit(`couldn't get version/kind; json parse error: ${why}`);
  }
  if (typeof apiVersion !== 'string' || apiVersion === '') throw nameless(request, value, name);
  if (apiVersion.split('/').length > 2) throw unfit(`unexpected GroupVersion string: ${apiVersion}`);
  const { group, version } = parseApiVersion(apiVersion);
  const called = typeof kindName === 'string' && kindName !== '' ? kindName : kind.kind;
  if (called === kind.kind && group === kind.group && version === kind.version) return value;
  const other = core.registry.byKind(group, version, called);
  if (other === undefined)
    throw unfit(`no kind ${quote(called)} is registered for version ${quote(apiVersion)} in scheme "pkg/runtime/scheme.go:111"`);
  return fromOther(request, patched, other);
}

/** What a patch makes of a custom resource that says then that it is something else. */
function anotherCustomKind({ kind, name }: ApiRequest, kindName: unknown, apiVersion: unknown): ApiError {
  if (typeof apiVersion !== 'string' || apiVersion === '')
    return internalError("Object 'apiVersion' is missing in 'object has no apiVersion field'");
  if (typeof kindName !== 'string' || kindName === '') return internalError("Object 'Kind' is missing in 'object has no kind field'");
  const wanted = apiVersionOf(kind.group, kind.version);
  const errors = [
    ...(kindName === kind.kind ? [] : [invalid('kind', kindName, `must be ${kind.kind}`)]),
    ...(apiVersion === wanted ? [] : [invalid('apiVersion', apiVersion, `must be ${wanted}`)]),
  ];
  return invalidObject({ group: parseApiVersion(apiVersion).group, kind: kindName }, name, errors);
}

/** An object without an apiVersion is none that has a name. */
function nameless(request: ApiRequest, value: Readonly<Record<string, unknown>>, name: string): ApiError {
  if (request.options.fieldValidation !== 'Ignore') {
    const unknown = Object.keys(value).filter((field) => field !== 'apiVersion' && field !== 'kind');
    request.warnings.push(...unknown.sort().map((field) => `unknown field ${quote(field)}`));
  }
  return badRequest(`the name of the object (${name} based on URL) was undeterminable: name must be provided`);
}

/** A value that says that it is of another kind: another version of the same kind is converted, anything else is refused. */
function fromOther({ kind, warnings, options }: ApiRequest, { value, unfit }: Patched, other: Kind): unknown {
  let read: Decoded;
  try {
    read = decodeObject(other.schema(), value, { reportUnknown: options.fieldValidation !== 'Ignore' });
  } catch (error) {
    throw error instanceof DecodeError ? unfit(error.message) : error;
  }
  if (other.prefix !== kind.prefix) {
    const own = kind.group === '' ? 'core' : kind.group.split('.')[0]!;
    throw unfit(`converting (${other.version}.${other.kind}) to (${own}.${kind.kind}): unknown conversion`);
  }
  warnings.push(...read.problems);
  const stored = other.conversion === undefined ? read.object : other.conversion.toStored(read.object);
  const object = stored as unknown as KubeObject;
  return kind.conversion === undefined ? object : kind.conversion.fromStored(object);
}
