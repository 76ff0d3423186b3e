// Reads the fields of a KubeSchedulerConfiguration; each function throws ConfigurationError when a field holds something else.
import { parseDurationText } from '../../apimachinery/cel/values/time.js';
import { ConfigurationError } from './configuration-error.js';

export type Fields = Readonly<Record<string, unknown>>;

/** A map of fields. `what` begins the sentence that says what is wrong, here and below. */
export function record(value: unknown, what: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new ConfigurationError(`${what} must be a map of fields`);
  return value as Fields;
}

/** Absent is empty. */
export function list(value: unknown, what: string): readonly unknown[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new ConfigurationError(`${what} must be a list`);
  return value;
}

/** A whole number. */
export function number(value: unknown, what: string, whenAbsent: number, least: number, most: number): number {
  if (value === undefined || value === null) return whenAbsent;
  if (typeof value !== 'number' || !Number.isInteger(value) || value < least || value > most)
    throw new ConfigurationError(`${what} must be a whole number from ${least} to ${most}, not ${JSON.stringify(value)}`);
  return value;
}

/** Throws for the first field that is not one of these names. */
export function known(fields: Fields, names: readonly string[], where: string | undefined): void {
  for (const name of Object.keys(fields)) {
    if (!names.includes(name))
      throw new ConfigurationError(
        `${where === undefined ? '' : `${where}: `}there is no field ${JSON.stringify(name)}: choose from ${names.join(', ')}`,
      );
  }
}

/** Absent is ''. */
export function text(value: unknown, what: string): string {
  if (value === undefined || value === null) return '';
  if (typeof value !== 'string') throw new ConfigurationError(`${what} must be a text, not ${JSON.stringify(value)}`);
  return value;
}

/** Absent is false. */
export function flag(value: unknown, what: string): boolean {
  if (value === undefined || value === null) return false;
  if (typeof value !== 'boolean') throw new ConfigurationError(`${what} must be true or false, not ${JSON.stringify(value)}`);
  return value;
}

/** Milliseconds of a text such as `5s` or `1m30s`; more than none. */
export function duration(value: unknown, what: string, whenAbsent: number): number {
  if (value === undefined || value === null) return whenAbsent;
  const read = typeof value === 'string' ? parseDurationText(value) : undefined;
  if (read === undefined || read.nanoseconds <= 0n)
    throw new ConfigurationError(`${what} must be a time such as 5s or 1m30s, not ${JSON.stringify(value)}`);
  return Number(read.nanoseconds / 1_000_000n);
}
