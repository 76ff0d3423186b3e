// Events as lines of a file or of standard output.
import { errorText, type Logger } from '../../client/logger.js';
import type { AuditMetrics } from './metrics.js';
import { BatchQueue, type BatchOptions } from './batch-queue.js';
import type { AuditBackend, AuditRecord } from './event.js';
import type { AuditMode } from './flags.js';
import { legacyLine } from './legacy-line.js';
import type { Clock } from '../../clock/clock.js';

export interface LogBackendOptions {
  readonly format: 'json' | 'legacy';
  readonly mode: AuditMode;
  readonly batch: BatchOptions;
  readonly clock: Clock;
  readonly metrics: AuditMetrics;
  readonly logger: Logger;
  /** Writes whole lines. Throws when it cannot. */
  write(text: string): void;
  close(): void;
}

/**
 * `blocking` (the default): what a client has had an answer to is in the file. The events of requests that have no answer yet wait for the next
 * one that has: one write for both. `batch`: all wait, as long as there is room.
 */
export function createLogBackend(options: LogBackendOptions): AuditBackend {
  const { format, mode, batch, clock, metrics, logger } = options;
  const name = 'log';
  const lost = (count: number, error: unknown): void => {
    metrics.failed(name, count);
    logger.warn('audit events could not be written', { backend: name, events: count, error: errorText(error) });
  };
  const lineOf = (record: AuditRecord): string => (format === 'json' ? `${record.text()}\n` : `${legacyLine(record.event())}\n`);
  const write = (lines: readonly string[]): boolean => {
    try {
      options.write(lines.length === 1 ? lines[0]! : lines.join(''));
      return true;
    } catch (error) {
      lost(lines.length, error);
      return false;
    }
  };
  if (mode === 'batch') {
    const queue = new BatchQueue<string>({
      ...batch,
      clock,
      send: async (lines) => void write(lines),
      sizeOf: (line) => line.length,
      lost: (count) => lost(count, 'too many wait'),
    });
    return {
      name,
      process: (record) => {
        queue.add(lineOf(record));
        return undefined;
      },
      stop: async () => {
        await queue.stop();
        options.close();
      },
    };
  }
  let held: string[] = [];
  const flush = (): boolean => {
    if (held.length === 0) return true;
    const lines = held;
    held = [];
    return write(lines);
  };
  return {
    name,
    process: (record) => {
      held.push(lineOf(record));
      if (record.stage === 'RequestReceived' && mode === 'blocking' && held.length < mostHeld) {
        if (held.length === 1) setImmediate(flush);
        return undefined;
      }
      const written = flush();
      return mode === 'blocking' || written ? undefined : false;
    },
    stop: async () => {
      flush();
      options.close();
    },
  };
}

const mostHeld = 100;
