// Reading configurations strictly: what is of the wrong type or of no known name is an error.
import { isRecord } from '../../../apimachinery/object.js';

/** A configuration cannot be used; `message` says why, in one line. */
export class ConfigurationError extends Error {}

export type Fields = Readonly<Record<string, unknown>>;

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'a list' : typeof value === 'object' ? 'a map' : `a ${typeof value}`;
}

function wrongType(path: string, wanted: string, value: unknown): ConfigurationError {
  return new ConfigurationError(`${path === '' ? 'it' : path} must be ${wanted}, not ${kindOf(value)}`);
}

/** The fields of a map; none when it is absent. Throws for another type and for names that are not known. */
export function fieldsOf(value: unknown, path: string, known: readonly string[]): Fields {
  if (value === undefined || value === null) return {};
  if (!isRecord(value)) throw wrongType(path, 'a map', value);
  const unknown = Object.keys(value).filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    const prefix = path === '' ? '' : `${path}.`;
    throw new ConfigurationError(
      `strict decoding error: ${unknown.map((name) => `unknown field ${JSON.stringify(prefix + name)}`).join(', ')}`,
    );
  }
  return value;
}

export function listOf(value: unknown, path: string): readonly unknown[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw wrongType(path, 'a list', value);
  return value;
}

/** '' when absent. */
export function textOf(value: unknown, path: string): string {
  if (value === undefined || value === null) return '';
  if (typeof value !== 'string') throw wrongType(path, 'a string', value);
  return value;
}

export function textsOf(value: unknown, path: string): readonly string[] {
  return listOf(value, path).map((one, index) => textOf(one, `${path}[${index}]`));
}

/** A whole number of 32 bits; `absent` when there is none. */
export function integerOf(value: unknown, path: string, absent = 0): number {
  if (value === undefined || value === null) return absent;
  if (typeof value !== 'number' || !Number.isInteger(value) || value < -(2 ** 31) || value >= 2 ** 31)
    throw new ConfigurationError(`${path} must be a whole number of 32 bits, not ${typeof value === 'number' ? value : kindOf(value)}`);
  return value;
}

export function booleanOf(value: unknown, path: string): boolean {
  if (value === undefined || value === null) return false;
  if (typeof value !== 'boolean') throw wrongType(path, 'true or false', value);
  return value;
}

/**
 * The fields of a configuration with a kind. Throws when it is of another kind or version, and for unknown fields.
 * @param versions the versions that are taken
 */
export function configurationOf(value: unknown, kind: string, versions: readonly string[], known: readonly string[]): Fields {
  if (!isRecord(value)) throw wrongType('', 'a map', value);
  const { apiVersion, kind: given } = value;
  for (const [name, field] of [
    ['Kind', given],
    ['apiVersion', apiVersion],
  ] as const) {
    if (typeof field !== 'string' || field === '') throw new ConfigurationError(`Object '${name}' is missing`);
  }
  if (given !== kind || !versions.includes(apiVersion as string)) {
    throw new ConfigurationError(
      `no kind ${JSON.stringify(given)} is registered for version ${JSON.stringify(apiVersion)}: use ${kind} of ${versions[0]!}`,
    );
  }
  return fieldsOf(value, '', ['apiVersion', 'kind', ...known]);
}

/** One error as it is, several in brackets. */
export function joined(errors: readonly string[]): string {
  return errors.length === 1 ? errors[0]! : `[${errors.join(', ')}]`;
}
