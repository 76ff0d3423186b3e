// KubeSchedulerConfiguration: which profiles there are, what each is made of, and how long pods wait between two tries.
// https://kubernetes.io/docs/reference/config-api/kube-scheduler-config.v1/
import { readExtenders, type ExtenderConfiguration } from '../extenders/configuration.js';
import { ConfigurationError } from './configuration-error.js';
import { known, list, number, record, type Fields } from './fields.js';

export interface PluginSet {
  readonly enabled: readonly { readonly name: string; readonly weight: number }[];
  /** `*` stands for all. */
  readonly disabled: readonly string[];
}

export interface ProfileConfiguration {
  readonly schedulerName: string;
  /** 0: as many as the size of the cluster suggests. */
  readonly percentageOfNodesToScore: number;
  readonly pluginConfig: ReadonlyMap<string, Readonly<Record<string, unknown>>>;
  /** What is said of one point: `multiPoint`, `filter`, `score`, … */
  at(point: string): PluginSet;
}

export interface SchedulerConfiguration {
  readonly profiles: readonly ProfileConfiguration[];
  /** In the order in which they are asked, for pods of every profile. */
  readonly extenders: readonly ExtenderConfiguration[];
  /** In milliseconds. */
  readonly initialBackoff: number;
  readonly maxBackoff: number;
}

const points = [
  'multiPoint',
  'preEnqueue',
  'queueSort',
  'preFilter',
  'filter',
  'postFilter',
  'preScore',
  'score',
  'reserve',
  'permit',
  'preBind',
  'bind',
  'postBind',
  'placementGenerate',
  'placementScore',
];
/** Fields of the real one that say nothing about placement: they are taken and change nothing. */
const ignored = [
  'clientConnection',
  'leaderElection',
  'parallelism',
  'enableProfiling',
  'enableContentionProfiling',
  'delayCacheUntilActive',
  'healthzBindAddress',
  'metricsBindAddress',
];
const taken = [
  'apiVersion',
  'kind',
  'profiles',
  'extenders',
  'percentageOfNodesToScore',
  'podInitialBackoffSeconds',
  'podMaxBackoffSeconds',
];
const mostProfiles = 100;
const fit = 'NodeResourcesFit';

export const defaultSchedulerName = 'default-scheduler';

export const defaultConfiguration: SchedulerConfiguration = readConfiguration({
  apiVersion: 'kubescheduler.config.k8s.io/v1',
  kind: 'KubeSchedulerConfiguration',
});

/** Reads a document. Throws ConfigurationError that says which field is wrong and what it takes. */
export function readConfiguration(document: unknown): SchedulerConfiguration {
  const fields = record(document, 'it');
  if (fields['apiVersion'] !== 'kubescheduler.config.k8s.io/v1' || fields['kind'] !== 'KubeSchedulerConfiguration')
    throw new ConfigurationError('it must be a KubeSchedulerConfiguration of kubescheduler.config.k8s.io/v1');
  known(fields, [...taken, ...ignored], undefined);
  const extenders = readExtenders(fields['extenders']);
  const uncounted = uncountedBy(extenders);
  const percentage = number(fields['percentageOfNodesToScore'], 'percentageOfNodesToScore', 0, 0, 100);
  const initial = number(fields['podInitialBackoffSeconds'], 'podInitialBackoffSeconds', 1, 1, 86_400);
  const most = number(fields['podMaxBackoffSeconds'], 'podMaxBackoffSeconds', 10, 1, 86_400);
  if (most < initial)
    throw new ConfigurationError(`podMaxBackoffSeconds must be podInitialBackoffSeconds (${initial}) or more, not ${most}`);
  const given = list(fields['profiles'], 'profiles');
  if (given.length > mostProfiles) throw new ConfigurationError(`there may be ${mostProfiles} profiles at most`);
  const profiles = (given.length === 0 ? [{}] : given).map((one, index) => readProfile(one, `profiles[${index}]`, percentage, uncounted));
  const names = profiles.map(({ schedulerName }) => schedulerName);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new ConfigurationError(`profiles: there are two with the schedulerName ${JSON.stringify(twice)}`);
  return { profiles, extenders, initialBackoff: initial * 1000, maxBackoff: most * 1000 };
}

/** Resources that only an extender counts. */
function uncountedBy(extenders: readonly ExtenderConfiguration[]): readonly string[] {
  return extenders.flatMap(({ managedResources }) => managedResources.filter(({ ignored }) => ignored).map(({ name }) => name));
}

function readProfile(value: unknown, where: string, percentage: number, uncounted: readonly string[]): ProfileConfiguration {
  const fields = record(value, where);
  known(fields, ['schedulerName', 'percentageOfNodesToScore', 'plugins', 'pluginConfig'], where);
  const schedulerName = fields['schedulerName'] ?? defaultSchedulerName;
  if (typeof schedulerName !== 'string' || schedulerName === '')
    throw new ConfigurationError(`${where}.schedulerName must be a name, not ${JSON.stringify(schedulerName)}`);
  const sets = record(fields['plugins'] ?? {}, `${where}.plugins`);
  known(sets, points, `${where}.plugins`);
  const read = new Map(points.map((point) => [point, readSet(sets[point] ?? {}, `${where}.plugins.${point}`)]));
  const pluginConfig = new Map<string, Fields>();
  for (const one of list(fields['pluginConfig'], `${where}.pluginConfig`)) {
    const { name, args } = record(one, `${where}.pluginConfig`);
    if (typeof name !== 'string') throw new ConfigurationError(`${where}.pluginConfig: every entry needs a name`);
    if (pluginConfig.has(name)) throw new ConfigurationError(`${where}.pluginConfig: ${name} is there twice`);
    pluginConfig.set(name, record(args ?? {}, `${where}.pluginConfig: the args of ${name}`));
  }
  if (uncounted.length > 0) {
    const args = pluginConfig.get(fit) ?? {};
    const ignoredResources = [...list(args['ignoredResources'], `${where}.pluginConfig: ${fit}: ignoredResources`), ...uncounted];
    pluginConfig.set(fit, { ...args, ignoredResources });
  }
  return {
    schedulerName,
    percentageOfNodesToScore: number(fields['percentageOfNodesToScore'], `${where}.percentageOfNodesToScore`, percentage, 0, 100),
    pluginConfig,
    at: (point) => read.get(point) ?? { enabled: [], disabled: [] },
  };
}

function readSet(value: unknown, where: string): PluginSet {
  const fields = record(value, where);
  known(fields, ['enabled', 'disabled'], where);
  const entries = (which: string): readonly { name: string; weight: number }[] =>
    list(fields[which], `${where}.${which}`).map((one) => {
      const { name, weight } = record(one, `${where}.${which}`);
      if (typeof name !== 'string' || name === '') throw new ConfigurationError(`${where}.${which}: every entry needs a name`);
      return { name, weight: number(weight, `${where}.${which}: the weight of ${name}`, 0, 0, 100_000) };
    });
  return { enabled: entries('enabled'), disabled: entries('disabled').map(({ name }) => name) };
}
