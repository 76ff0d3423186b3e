// A scheduler as a part of a cluster, or alone: with the configuration that an option names, and informers of its own.
import type { Client } from '../client/client.js';
import { createInformerFactory } from '../client/informer/factory.js';
import { ConfigurationError } from '../scheduler/profile/configuration-error.js';
import { readConfiguration } from '../scheduler/profile/configuration.js';
import { createScheduler, type Scheduler, type SchedulerOptions } from '../scheduler/scheduler.js';
import { OptionError } from './options.js';

type Tools = Pick<SchedulerOptions, 'clock' | 'random' | 'logger'>;

/**
 * The scheduler with informers of its own, as a process of its own has.
 * @param document a KubeSchedulerConfiguration; undefined: the default. Throws OptionError when it cannot be.
 */
export function schedulerPart(client: Client, tools: Tools, document: Readonly<Record<string, unknown>> | undefined): Scheduler {
  const informers = createInformerFactory({ client, ...tools });
  const scheduler = configuredScheduler({ client, informers, ...tools }, document);
  return {
    start() {
      scheduler.start();
      informers.start();
    },
    async stop() {
      await scheduler.stop();
      informers.stop();
    },
  };
}

function configuredScheduler(
  options: Omit<SchedulerOptions, 'configuration'>,
  document: Readonly<Record<string, unknown>> | undefined,
): Scheduler {
  try {
    return createScheduler({ ...options, ...(document === undefined ? {} : { configuration: readConfiguration(document) }) });
  } catch (error) {
    throw error instanceof ConfigurationError ? new OptionError(`the scheduler configuration: ${error.message}`) : error;
  }
}
