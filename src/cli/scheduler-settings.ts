// `--scheduler-config FILE`: the profiles of the scheduler.
import { readFileSync } from 'node:fs';
import { parse } from '../client/kubeconfig/yaml-library.js';
import { OptionError } from '../cluster/options.js';
import { readConfiguration } from '../scheduler/profile/configuration.js';
import type { Flags } from './settings.js';

/**
 * Reads the KubeSchedulerConfiguration that the command line, or else the configuration file, names.
 * Throws OptionError with one line that names the file and what is wrong.
 */
export function schedulerConfigOf(flags: Flags, inFile: string | undefined): Readonly<Record<string, unknown>> | undefined {
  const path = flags['schedulerConfig'] ?? inFile;
  if (path === undefined) return undefined;
  try {
    const document: unknown = parse(readFileSync(path, 'utf8'));
    readConfiguration(document);
    return document as Readonly<Record<string, unknown>>;
  } catch (error) {
    const why = error instanceof Error ? error.message.split('\n', 1)[0]! : String(error);
    throw new OptionError(`the scheduler configuration ${path}: ${why}`);
  }
}
