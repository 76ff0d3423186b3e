// A scheduler with the configuration that an option names.
import { ConfigurationError } from '../scheduler/profile/configuration-error.js';
import { readConfiguration } from '../scheduler/profile/configuration.js';
import { createScheduler, type Scheduler, type SchedulerOptions } from '../scheduler/scheduler.js';
import { OptionError } from './options.js';

/** @param document a KubeSchedulerConfiguration; undefined: the default. Throws OptionError when it cannot be. */
export function configuredScheduler(
  options: Omit<SchedulerOptions, 'configuration'>,
  document: Readonly<Record<string, unknown>> | undefined,
): Scheduler {
  try {
    return createScheduler({ ...options, ...(document === undefined ? {} : { configuration: readConfiguration(document) }) });
  } catch (error) {
    throw error instanceof ConfigurationError ? new OptionError(`the scheduler configuration: ${error.message}`) : error;
  }
}
