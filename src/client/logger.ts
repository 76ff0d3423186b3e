// How components log: a small interface that the composition root fills.

/** What more a line says; values are shown as JSON. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Takes log lines. The methods never throw and return at once. */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

/** A logger that drops everything. */
export const silentLogger: Logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** The text of whatever was thrown, for a log field. */
export function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
