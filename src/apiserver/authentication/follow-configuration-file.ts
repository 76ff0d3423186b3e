// Follows a configuration file of the server, and says and counts what became of it.
import { errorText, type Logger } from '../../client/logger.js';
import type { Clock } from '../../clock/clock.js';
import type { CountReload } from '../metrics/reload-metrics.js';
import { followFile } from './follow-file.js';

export interface FollowContext {
  /** Real time: files are outside the cluster. */
  readonly systemClock: Clock;
  readonly logger: Logger;
  readonly count: CountReload;
}

export interface FollowedConfiguration {
  /** `authentication` or `authorization`. */
  readonly what: string;
  readonly path: string;
  /** What was read of it at the start. */
  readonly text: string;
  /** Takes the new text. What it rejects with is told of, and changes nothing. */
  readonly changed: (text: string) => Promise<void>;
}

/** Returns what ends it. */
export function followConfigurationFile({ what, path, text, changed }: FollowedConfiguration, context: FollowContext): () => void {
  const { systemClock, logger, count } = context;
  return followFile({
    path,
    text,
    clock: systemClock,
    async changed(now) {
      await changed(now);
      count('success');
      logger.info(`the ${what} configuration was read again`, { path });
    },
    failed(error) {
      count('failure');
      logger.error(`the ${what} configuration cannot be used; the one before it goes on`, { path, error: errorText(error) });
    },
  });
}
