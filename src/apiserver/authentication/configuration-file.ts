// Configuration files of the server: read strictly, with the real server's words for what does not fit.
import { isRecord } from '../../apimachinery/object.js';
import { parseDuration } from '../lifecycle/timeout.js';

/** What a field takes. Absent and null are its empty value. A duration is text such as `1m30s`; its value is nanoseconds. */
export type Shape =
  'string' | 'bool' | 'duration' | { readonly list: Shape } | { readonly struct: string; readonly fields: Readonly<Record<string, Shape>> };

/** What was read: only the fields of the shape, those that are there. */
export type Fields = Readonly<Record<string, unknown>>;

/** The file cannot be used; the message is the real server's. */
export class ConfigurationFileError extends Error {}

export interface FileKind {
  readonly kind: string;
  /** Of `apiserver.config.k8s.io`. */
  readonly versions: readonly string[];
  readonly struct: string;
  readonly fields: Readonly<Record<string, Shape>>;
}

const group = 'apiserver.config.k8s.io';

/** The text as a document of the kind. Rejects with {@link ConfigurationFileError}. */
export async function readConfigurationFile(text: string, kind: FileKind): Promise<Fields> {
  // Most clusters have no such file, and YAML takes a while to load.
  const { parse } = await import('../../client/kubeconfig/yaml-library.js');
  let value: unknown;
  try {
    value = parse(text, { version: '1.1', merge: true });
  } catch (error) {
    const why = error instanceof Error ? error.message.split('\n', 1)[0]!.replace(/:$/, '') : String(error);
    throw new ConfigurationFileError(`strict decoding error: yaml: ${why}`);
  }
  return decodeConfiguration(value, kind);
}

/** A document that was parsed already. Throws {@link ConfigurationFileError}. */
export function decodeConfiguration(value: unknown, { kind, versions, struct, fields }: FileKind): Fields {
  if (!isRecord(value)) throw new ConfigurationFileError(notAnObject(value));
  const { apiVersion, kind: name } = value;
  if (name !== kind || !versions.some((version) => apiVersion === `${group}/${version}`)) {
    throw new ConfigurationFileError(
      `no kind "${textOf(name)}" is registered for version "${textOf(apiVersion)}": use ${kind} of ${group}/${versions[0]!}`,
    );
  }
  const unknown: string[] = [];
  const read = decode(
    value,
    { struct, fields: { ...fields, apiVersion: 'string', kind: 'string' } },
    { go: struct, names: '', path: '', unknown },
  );
  if (unknown.length > 0) throw new ConfigurationFileError(`strict decoding error: ${unknown.join(', ')}`);
  return read as Fields;
}

interface Place {
  /** The struct that the field is in, then its path without indexes: what the real server's messages name. */
  readonly go: string;
  readonly names: string;
  readonly path: string;
  /** Fields that are not known are gathered here. */
  readonly unknown: string[];
}

function decode(value: unknown, shape: Shape, place: Place): unknown {
  if (value === null || value === undefined) return undefined;
  if (typeof shape === 'string') return scalar(value, shape, place);
  if ('list' in shape) {
    if (!Array.isArray(value)) throw mismatch(value, place, `[]${typeof shape.list === 'string' ? goTypes[shape.list] : 'struct'}`);
    const element = (index: number): Place => ({ ...place, path: `${place.path}[${index}]` });
    return value.map((one, index) => decode(one, shape.list, element(index)));
  }
  if (!isRecord(value)) throw mismatch(value, place, `v1.${shape.struct}`);
  const read: [string, unknown][] = [];
  // In the order of the alphabet, as the real server meets them.
  for (const name of Object.keys(value).sort()) {
    const path = place.path === '' ? name : `${place.path}.${name}`;
    if (!Object.hasOwn(shape.fields, name)) {
      place.unknown.push(`unknown field ${JSON.stringify(path)}`);
      continue;
    }
    const names = place.names === '' ? name : `${place.names}.${name}`;
    const field = decode(value[name], shape.fields[name]!, { go: shape.struct, names, path, unknown: place.unknown });
    if (field !== undefined) read.push([name, field]);
  }
  return Object.fromEntries(read);
}

const goTypes = { string: 'string', bool: 'bool', duration: 'string' } as const;

function scalar(value: unknown, shape: 'string' | 'bool' | 'duration', place: Place): unknown {
  if (typeof value !== (shape === 'bool' ? 'boolean' : 'string')) throw mismatch(value, place, goTypes[shape]);
  if (shape !== 'duration') return value;
  const read = parseDuration(value as string);
  if (typeof read === 'string') throw new ConfigurationFileError(read);
  return read;
}

function mismatch(value: unknown, { go, names }: Place, type: string): ConfigurationFileError {
  return new ConfigurationFileError(`json: cannot unmarshal ${jsonName(value)} into Go struct field ${go}.${names} of type ${type}`);
}

/** What the real server's messages call a value of JSON: `string`, `number`, `bool`, `array`, `object`. */
export function jsonName(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'boolean') return 'bool';
  return value !== null && typeof value === 'object' ? 'object' : typeof value;
}

/** What the real server says of a document that is no object. */
export function notAnObject(value: unknown): string {
  return `couldn't get version/kind; json parse error: json: cannot unmarshal ${jsonName(value)} into Go value of type struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }`;
}

/** What it says of an object of a kind that it does not take. */
export function unknownKind(kind: string, apiVersion: string): string {
  return `no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion)} in scheme "pkg/runtime/scheme.go:111"`;
}

/** A field's text, '' when it is not there. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** A field that is a struct, empty when it is not there. */
export function structOf(value: unknown): Fields {
  return isRecord(value) ? value : {};
}

/** A field that is a list, empty when it is not there. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
