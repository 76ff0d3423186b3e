// `--scheduler-config FILE`: the profiles of the scheduler.
import { readFileSync } from 'node:fs';
import { OptionError } from '../cluster/options.js';
import { readConfiguration } from '../scheduler/profile/configuration.js';
import type { Flags } from './flags.js';

/**
 * Reads the KubeSchedulerConfiguration that the command line, or else the configuration file, names.
 * Rejects with OptionError with one line that names the file and what is wrong.
 */
export async function schedulerConfigOf(flags: Flags, inFile: string | undefined): Promise<Readonly<Record<string, unknown>> | undefined> {
  const path = flags['schedulerConfig'] ?? inFile;
  if (path === undefined) return undefined;
  const { parse } = await import('../client/kubeconfig/yaml-library.js');
  try {
    const document: unknown = parse(readFileSync(path, 'utf8'));
    readConfiguration(document);
    return document as Readonly<Record<string, unknown>>;
  } catch (error) {
    const why = error instanceof Error ? error.message.split('\n', 1)[0]! : String(error);
    throw new OptionError(`the scheduler configuration ${path}: ${why}`);
  }
}
