// From a request's bytes to an object of the expected kind, with the real server's errors.
import { badRequest, unsupportedMediaType, type ApiError } from '../errors/api-error.js';
import { invalid, invalidObject } from '../errors/field-error.js';
import { apiVersionOf, isRecord, type GroupVersionKind, type Mutable } from '../object.js';
import { decodeObject, DecodeError } from '../schema/decode.js';
import type { SchemaNode } from '../schema/node.js';
import type { Duplicates } from '../schema/problems.js';
import { checkCustomKind, checkKind } from './kind.js';
import { finish, type Work } from '../../clock/slices.js';
import { decodeObjectWork } from '../schema/decode-work.js';
import { hasDuplicates, longText, needsCare, parseAndScanWork } from './json.js';
import { readJsonWork, SyntaxProblem } from './json-reader.js';
import { parseYamlWork, YamlProblem } from './yaml.js';

export type FieldValidation = 'Ignore' | 'Warn' | 'Strict';

/** What the body was, with what strict validation wants to know about its text. */
interface Parsed {
  readonly value: unknown;
  readonly duplicates: Duplicates | undefined;
  /** YAML: `line 3: key "a" already set in map`. */
  readonly yamlDuplicates: readonly string[];
}

const unknownFormat =
  'the body of the request was in an unknown format - accepted media types include: application/json, application/yaml, application/vnd.kubernetes.protobuf';

/** The value in a body. `mediaType` is without parameters; '' means JSON. Throws ApiError 400 for bad text and 415 for another media type than JSON and YAML. */
export function decodeBody(bytes: Uint8Array, mediaType: string): unknown {
  return finish(decodeBodyWork(bytes, mediaType));
}

/** {@link decodeBody}, which yields in the midst of a long body. */
export function* decodeBodyWork(bytes: Uint8Array, mediaType: string): Work<unknown> {
  return (yield* worded(bytes, '', parse(bytes, mediaType, undefined, false))).value;
}

export interface BodyOptions {
  /** Without parameters; '' means JSON. */
  readonly mediaType: string;
  /** What the path serves; the body's own apiVersion and kind may be absent, or must be these. */
  readonly expected: GroupVersionKind;
  readonly node: SchemaNode;
  readonly fieldValidation: FieldValidation;
  /** Whether there is such a kind at all; decides between two errors. Absent: there is none. */
  readonly isKnown?: (kind: GroupVersionKind) => boolean;
  /** A custom resource, which must say what it is. */
  readonly custom?: boolean;
}

export interface DecodedBody {
  /** A fresh object, owned by the caller, with `apiVersion` and `kind` filled in and first. */
  readonly object: Mutable;
  /** Texts for `Warning` headers (fieldValidation Warn): `unknown field "spec.foo"`, `duplicate field "spec.x"`. */
  readonly warnings: readonly string[];
}

/** Body to object: parse, check apiVersion and kind, decode by the schema. Throws ApiError 400 (415 for the media type), with all of the real server's texts. */
export function decodeObjectBody(bytes: Uint8Array, options: BodyOptions): DecodedBody {
  return finish(decodeObjectBodyWork(bytes, options));
}

/** {@link decodeObjectBody}, which yields in the midst of a long body. */
export function* decodeObjectBodyWork(bytes: Uint8Array, options: BodyOptions): Work<DecodedBody> {
  const { expected, node, fieldValidation } = options;
  const strict = fieldValidation !== 'Ignore';
  const subject = `the object provided is unrecognized (must be of type ${expected.kind}): `;
  const parsed = yield* worded(bytes, subject, parse(bytes, options.mediaType, options.custom === true ? undefined : node));
  const found = yield* worded(bytes, subject, kindWork(parsed.value, bytes, options));
  const handled = `${found.kind} in version "${found.version}" cannot be handled as a ${expected.kind}: `;
  const { object, problems } = yield* decode(
    bytes,
    strict ? parsed : { ...parsed, duplicates: undefined },
    node,
    strict,
    handled,
    options.mediaType,
  );
  if (fieldValidation === 'Strict' && problems.length + parsed.yamlDuplicates.length > 0) {
    const yaml = parsed.yamlDuplicates.map((line) => `\n  ${line}`).join('');
    throw badRequest(
      `${handled}strict decoding error: ${[...(yaml === '' ? [] : [`yaml: unmarshal errors:${yaml}`]), ...problems].join(', ')}`,
    );
  }
  if (found.kind !== expected.kind) throw anotherKind(object, found.kind, expected);
  return { object: ordered(object, expected), warnings: strict ? [...parsed.yamlDuplicates, ...problems] : [] };
}

/** A custom resource that says that it is something else. */
function anotherKind({ metadata }: Mutable, kind: string, expected: GroupVersionKind): ApiError {
  const name = isRecord(metadata) && typeof metadata.name === 'string' ? metadata.name : '';
  return invalidObject({ group: expected.group, kind }, name, [invalid('kind', kind, `must be ${expected.kind}`)]);
}

function* kindWork(value: unknown, bytes: Uint8Array, { custom, expected, isKnown }: BodyOptions): Work<GroupVersionKind> {
  return custom === true ? checkCustomKind(value, bytes, expected) : checkKind(value, bytes, expected, isKnown);
}

function isJson(mediaType: string): boolean {
  return mediaType === '' || mediaType === 'application/json';
}

/** `typed`: what it becomes, of the kinds that the server knows, where what comes twice goes together. */
function* parse(bytes: Uint8Array, mediaType: string, typed: SchemaNode | undefined, literals = true): Work<Parsed> {
  if (mediaType === 'application/yaml') {
    const { value, duplicates } = yield* parseYamlWork(bytes, literals);
    return { value, duplicates: undefined, yamlDuplicates: duplicates };
  }
  if (!isJson(mediaType)) throw unsupportedMediaType(unknownFormat);
  const parsed = yield* parseAndScanWork(bytes);
  if (bytes.byteLength >= longText) yield;
  if (!literals || (!needsCare(parsed.scan) && !hasDuplicates(parsed)))
    return { value: parsed.value, duplicates: undefined, yamlDuplicates: [] };
  return { ...(yield* readJsonWork(bytes, { literals: true, merge: typed })), yamlDuplicates: [] };
}

function* decode(
  bytes: Uint8Array,
  { value, duplicates }: Parsed,
  node: SchemaNode,
  reportUnknown: boolean,
  handled: string,
  mediaType: string,
): Work<{ object: Mutable; problems: readonly string[] }> {
  try {
    // What was JSON is a tree; in YAML one part may be in two places.
    if (bytes.byteLength < longText) return decodeObject(node, value, { reportUnknown, duplicates, owned: isJson(mediaType) });
    yield;
    return yield* decodeObjectWork(node, value, { reportUnknown, duplicates });
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    if (!isJson(mediaType) || !error.message.includes('number ')) throw badRequest(handled + error.message);
  }
  // With numbers as they are in the text: a double may have changed one, for the message or beyond what fits.
  try {
    const exact = yield* readJsonWork(bytes, { literals: true, merge: node });
    return yield* decodeObjectWork(node, exact.value, { reportUnknown, duplicates: reportUnknown ? exact.duplicates : undefined });
  } catch (error) {
    throw error instanceof DecodeError ? badRequest(handled + error.message) : error;
  }
}

/** The object in the order that the server writes: kind, apiVersion, metadata, then the rest. */
function ordered(object: Mutable, { group, version, kind }: GroupVersionKind): Mutable {
  const output: Mutable = { kind, apiVersion: apiVersionOf(group, version) };
  if (object.metadata !== undefined) output.metadata = object.metadata;
  for (const key in object) if (key !== 'kind' && key !== 'apiVersion' && key !== 'metadata') output[key] = object[key];
  return output;
}

/** Words what is wrong with a text: a 400 that shows how it begins. */
function* worded<T>(bytes: Uint8Array, subject: string, work: Work<T>): Work<T> {
  try {
    return yield* work;
  } catch (error) {
    throw error instanceof SyntaxProblem
      ? textError(subject, `couldn't get version/kind; json parse error: ${error.message}`, bytes)
      : error instanceof YamlProblem
        ? textError(subject, error.message, bytes)
        : error;
  }
}

function textError(subject: string, problem: string, bytes: Uint8Array): ApiError {
  return badRequest(subject === '' ? problem : `${subject}${problem} (${beginning(bytes)})`);
}

/** The first thirty bytes, in hexadecimal unless they begin an object. */
function beginning(bytes: Uint8Array): string {
  if (bytes.length === 0) return '<empty>';
  const first = Buffer.from(bytes.subarray(0, 30));
  return `${first.toString(bytes[0] === 0x7b ? 'utf8' : 'hex')}${bytes.length > 30 ? ' ...' : ''}`;
}
