// What the programs of the bench have in common: how they read their flags, and how they end when something is wrong.
import { parseArgs, type ParseArgsConfig } from 'node:util';

/** A wrong command line; `message` is one line that says what to do. */
export class UsageError extends Error {}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

type Options = NonNullable<ParseArgsConfig['options']>;

/** The values of flags, by default those of the command line. Throws UsageError. */
export function flagsOf<const T extends Options>(
  options: T,
  args?: readonly string[],
): ReturnType<typeof parseArgs<{ options: T }>>['values'] {
  try {
    return parseArgs({ options, ...(args === undefined ? {} : { args: [...args] }) }).values;
  } catch (error) {
    throw new UsageError(messageOf(error));
  }
}

/** Says what ended the program, and lets it end with 2 for a wrong command line, else with 1. */
export function fail(error: unknown): void {
  console.error(`bench: ${messageOf(error)}`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
