// From the command line and the configuration file to the options of a cluster.
import { join } from 'node:path';
import { componentNames, OptionError, type ComponentName } from '../cluster/options.js';
import type { ConfigFile } from './config-schema.js';
import type { Flags } from './flags.js';
import { levels, type LogLevel } from './log.js';
import { schedulerConfigOf } from './scheduler-settings.js';
import { readServerSettings } from './server-settings.js';

export interface Settings extends Omit<ConfigFile, 'schedulerConfig'> {
  /** The document of the file that was named. */
  readonly schedulerConfig?: Readonly<Record<string, unknown>>;
  readonly logLevel: LogLevel;
}

/** The options that are numbers, and their names on the command line. */
const numbers = {
  nodes: 'nodes',
  port: 'port',
  maxRequestsInflight: 'max-requests-inflight',
  maxMutatingRequestsInflight: 'max-mutating-requests-inflight',
} as const;

/** Options of the command line win over the file's. Rejects with OptionError with one line that names what is wrong. */
export async function readSettings(flags: Flags): Promise<Settings> {
  const file = flags['config'] === undefined ? {} : (await import('./config-file.js')).readConfig(flags['config']);
  const number = (name: keyof typeof numbers): number | undefined => {
    const text = flags[name];
    if (text === undefined) return file[name];
    if (!/^\d{1,9}$/.test(text)) throw new OptionError(`--${numbers[name]} must be a whole number, not ${JSON.stringify(text)}`);
    return Number(text);
  };
  const nodes = number('nodes');
  const port = number('port');
  const maxRequestsInflight = number('maxRequestsInflight');
  const maxMutatingRequestsInflight = number('maxMutatingRequestsInflight');
  const bind = flags['bind'] ?? file.bind;
  const kubeconfig = flags['kubeconfig'] ?? file.kubeconfig;
  const certDir = flags['certDir'] ?? file.certDir;
  const components = flags['components'] === undefined ? file.components : componentsOf(flags['components']);
  const schedulerConfig = await schedulerConfigOf(flags, file.schedulerConfig);
  const level = flags['logLevel'] ?? file.logLevel ?? 'warn';
  if (!isLevel(level)) throw new OptionError(`--log-level must be one of ${levels.join(', ')}, not ${JSON.stringify(level)}`);
  return {
    ...(nodes === undefined ? {} : { nodes }),
    ...(port === undefined ? {} : { port }),
    ...(bind === undefined ? {} : { bind }),
    ...(kubeconfig === undefined ? {} : { kubeconfig }),
    ...(certDir === undefined ? {} : { certDir }),
    ...(components === undefined ? {} : { components }),
    ...(maxRequestsInflight === undefined ? {} : { maxRequestsInflight }),
    ...(maxMutatingRequestsInflight === undefined ? {} : { maxMutatingRequestsInflight }),
    ...(schedulerConfig === undefined ? {} : { schedulerConfig }),
    ...readServerSettings(flags, file),
    logLevel: level,
  };
}

function isLevel(text: string): text is LogLevel {
  return (levels as readonly string[]).includes(text);
}

function componentsOf(list: string): readonly ComponentName[] {
  return list
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
    .map((name) => {
      const known = componentNames.find((one) => one === name);
      if (known === undefined)
        throw new OptionError(`--components: there is no component ${JSON.stringify(name)}: choose from ${componentNames.join(', ')}`);
      return known;
    });
}

/** Where certificates and the kubeconfig go when nobody says: a checkout's own folder, else one in the user's home. */
export function defaultFolder(packageFolder: string, home: string, isCheckout: boolean): string {
  return isCheckout ? join(packageFolder, 'certs') : join(home, '.kubedouble');
}
