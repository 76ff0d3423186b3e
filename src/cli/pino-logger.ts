// The logger behind log.ts, in a file of its own to be loaded late: a bundler gives a late import of the package itself no named exports.
import { pino } from 'pino';
import type { Logger } from '../client/logger.js';
import type { LogLevel } from './log.js';

/** Lines of JSON to standard error. */
export function pinoLogger(level: LogLevel): Logger {
  const logger = pino({ level, base: null }, pino.destination({ dest: 2, sync: true }));
  return {
    debug: (message, fields) => logger.debug(fields ?? {}, message),
    info: (message, fields) => logger.info(fields ?? {}, message),
    warn: (message, fields) => logger.warn(fields ?? {}, message),
    error: (message, fields) => logger.error(fields ?? {}, message),
  };
}
