// The program's log, on standard error: pino behind the components' own interface.
import type { Logger } from '../client/logger.js';
import { silentLogger } from '../client/logger.js';

export const levels = ['debug', 'info', 'warn', 'error', 'silent'] as const;

export type LogLevel = (typeof levels)[number];

/** A logger of this level; pino is loaded with the first line that is written. */
export function createLogger(level: LogLevel): Logger {
  if (level === 'silent') return silentLogger;
  const wanted = levels.indexOf(level);
  let loading: Promise<Logger> | undefined;
  const write = (
    name: 'debug' | 'info' | 'warn' | 'error',
    message: string,
    fields: Readonly<Record<string, unknown>> | undefined,
  ): void => {
    if (levels.indexOf(name) < wanted) return;
    loading ??= import('./pino-logger.js').then(({ pinoLogger }) => pinoLogger(level));
    void loading.then((logger) => logger[name](message, fields));
  };
  return {
    debug: (message, fields) => write('debug', message, fields),
    info: (message, fields) => write('info', message, fields),
    warn: (message, fields) => write('warn', message, fields),
    error: (message, fields) => write('error', message, fields),
  };
}
