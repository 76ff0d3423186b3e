// The flags of admission, and what is made of them: which plugins run, and their configurations.
import { readFile, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { readEventRateLimit, type EventRateLimit } from '../event-rate-limit/configuration.js';
import { readImagePolicy, type ImagePolicy } from '../image-policy-webhook/configuration.js';
import { readNodeSelectors, type NodeSelectors } from '../pod-node-selector/configuration.js';
import { readPodSecurity, type PodSecurityConfiguration } from '../pod-security/configuration.js';
import { readTolerationRestriction, type TolerationRestriction } from '../pod-toleration-restriction/configuration.js';
import { readLimitedResources, type LimitedResource } from '../resource-quota/configuration.js';
import { ConfigurationError, configurationOf, fieldsOf, listOf, textOf } from './decode.js';
import { choosePlugins, PluginChoiceError, type PluginName } from './names.js';

/** The flags of kube-apiserver of the same names. */
export interface AdmissionFlags {
  /** Plugins that run beside those that do by default. */
  readonly enableAdmissionPlugins?: readonly string[];
  /** Plugins that run by default and shall not. */
  readonly disableAdmissionPlugins?: readonly string[];
  /** A file with an AdmissionConfiguration: the configurations of plugins, or the paths of files with them. */
  readonly admissionControlConfigFile?: string;
}

/** A flag has a value that cannot be, or the file cannot be used; `message` is one line. */
export class AdmissionOptionError extends Error {}

/** Which plugins run, and how they are configured. */
export interface AdmissionControl {
  readonly plugins: ReadonlySet<PluginName>;
  readonly podSecurity: PodSecurityConfiguration;
  readonly limitedResources: readonly LimitedResource[];
  readonly nodeSelectors: NodeSelectors;
  readonly tolerations: TolerationRestriction;
  /** Present when its plugin runs. */
  readonly eventRateLimit: EventRateLimit | undefined;
  /** Present when its plugin runs. */
  readonly imagePolicy: ImagePolicy | undefined;
}

/** No file of configurations is larger, in bytes. */
const mostBytes = 3 * 1024 * 1024;
const versions = ['apiserver.config.k8s.io/v1', 'apiserver.k8s.io/v1alpha1'];
const webhookVersions = ['apiserver.config.k8s.io/v1', 'apiserver.config.k8s.io/v1alpha1'];

/** Reads the file, if one is named. Rejects with {@link AdmissionOptionError}. */
export async function loadAdmission(flags: AdmissionFlags): Promise<AdmissionControl> {
  const plugins = chosen(flags);
  const path = flags.admissionControlConfigFile;
  const said = (why: unknown): AdmissionOptionError =>
    new AdmissionOptionError(`${path === undefined ? '' : `--admission-control-config-file ${path}: `}${messageOf(why)}`);
  const configurations =
    path === undefined ? new Map<string, unknown>() : await readFileOf(path).catch((error: unknown) => Promise.reject(said(error)));
  const read = async <T>(name: PluginName, reader: (value: unknown) => T | Promise<T>): Promise<T | undefined> => {
    if (!plugins.has(name)) return undefined;
    try {
      return await reader(configurations.get(name));
    } catch (error) {
      throw said(`couldn't init admission plugin ${JSON.stringify(name)}: ${messageOf(error)}`);
    }
  };
  const folder = path === undefined ? process.cwd() : dirname(resolve(path));
  const imagePolicy = await read('ImagePolicyWebhook', (value) => readImagePolicy(value, folder));
  const podSecurity = await read('PodSecurity', readPodSecurity);
  const nodeSelectors = await read('PodNodeSelector', readNodeSelectors);
  const tolerations = await read('PodTolerationRestriction', readTolerationRestriction);
  const eventRateLimit = await read('EventRateLimit', readEventRateLimit);
  for (const name of ['MutatingAdmissionWebhook', 'ValidatingAdmissionWebhook'] as const) await read(name, checkWebhooks);
  const limitedResources = await read('ResourceQuota', readLimitedResources);
  return {
    plugins,
    podSecurity: podSecurity ?? readPodSecurity(undefined),
    limitedResources: limitedResources ?? [],
    nodeSelectors: nodeSelectors ?? readNodeSelectors(undefined),
    tolerations: tolerations ?? readTolerationRestriction(undefined),
    eventRateLimit,
    imagePolicy,
  };
}

function chosen({ enableAdmissionPlugins, disableAdmissionPlugins }: AdmissionFlags): ReadonlySet<PluginName> {
  try {
    return choosePlugins(enableAdmissionPlugins, disableAdmissionPlugins);
  } catch (error) {
    if (error instanceof PluginChoiceError) throw new AdmissionOptionError(error.message);
    throw error;
  }
}

/** The configurations by the plugins' names; of several for one plugin, the first. Names of no plugin are left alone, as by the real server. */
async function readFileOf(path: string): Promise<ReadonlyMap<string, unknown>> {
  const { plugins } = configurationOf(await readYaml(path), 'AdmissionConfiguration', versions, ['plugins']);
  const found = new Map<string, unknown>();
  for (const [index, one] of listOf(plugins, 'plugins').entries()) {
    const at = `plugins[${index}]`;
    const { name, path: file, configuration } = fieldsOf(one, at, ['name', 'path', 'configuration']);
    const plugin = textOf(name, `${at}.name`);
    const named = textOf(file, `${at}.path`);
    if (found.has(plugin)) continue;
    // What is written in place comes before a path.
    found.set(plugin, configuration ?? (named === '' ? undefined : await readYaml(resolve(dirname(path), named))));
  }
  return found;
}

async function readYaml(path: string): Promise<unknown> {
  if ((await stat(path)).size > mostBytes) throw new ConfigurationError(`${path} is larger than ${mostBytes} bytes`);
  // Most clusters have no such file, and YAML takes a while to load.
  const { parse, YamlBoundError } = await import('../../../client/kubeconfig/yaml-library.js');
  try {
    return parse(await readFile(path, 'utf8'));
  } catch (error) {
    throw error instanceof YamlBoundError ? new ConfigurationError(`${path} ${error.message}`) : error;
  }
}

/** The kubeconfig that a WebhookAdmissionConfiguration names has credentials for webhooks; here webhooks get none. */
function checkWebhooks(value: unknown): void {
  if (value === undefined || value === null) return;
  const { kubeConfigFile } = configurationOf(value, 'WebhookAdmissionConfiguration', webhookVersions, ['kubeConfigFile']);
  const path = textOf(kubeConfigFile, 'kubeConfigFile');
  if (path !== '' && !path.startsWith('/'))
    throw new ConfigurationError(`kubeConfigFile: Invalid value: ${JSON.stringify(path)}: must be an absolute file path`);
}

/** The first line: YAML's errors go on with a picture of the place. */
function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n', 1)[0]!;
}
