// KubeSchedulerConfiguration: which profiles there are, what each is made of, and how long pods wait between two tries.
// https://kubernetes.io/docs/reference/config-api/kube-scheduler-config.v1/
import { ConfigurationError } from './configuration-error.js';

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
  /** In milliseconds. */
  readonly initialBackoff: number;
  readonly maxBackoff: number;
}

type Fields = Readonly<Record<string, unknown>>;

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
];
/** Fields of the real one that say nothing about placement: they are taken and change nothing. */
const ignored = [
  'clientConnection',
  'leaderElection',
  'parallelism',
  'enableProfiling',
  'enableContentionProfiling',
  'delayCacheUntilActive',
  'extenders',
  'healthzBindAddress',
  'metricsBindAddress',
];
const taken = ['apiVersion', 'kind', 'profiles', 'percentageOfNodesToScore', 'podInitialBackoffSeconds', 'podMaxBackoffSeconds'];
const mostProfiles = 100;

export const defaultSchedulerName = 'default-scheduler';

export const defaultConfiguration: SchedulerConfiguration = readConfiguration({
  apiVersion: 'kubescheduler.config.k8s.io/v1',
  kind: 'KubeSchedulerConfiguration',
});

/** Reads a document. Throws ConfigurationError that says which field is wrong and what it takes. */
export function readConfiguration(document: unknown): SchedulerConfiguration {
  const fields = record(document, 'the scheduler configuration');
  if (fields['apiVersion'] !== 'kubescheduler.config.k8s.io/v1' || fields['kind'] !== 'KubeSchedulerConfiguration')
    throw new ConfigurationError('the scheduler configuration must be a KubeSchedulerConfiguration of kubescheduler.config.k8s.io/v1');
  known(fields, [...taken, ...ignored], 'the scheduler configuration');
  if (list(fields['extenders'], 'extenders').length > 0) throw new ConfigurationError('extenders are not supported');
  const percentage = number(fields['percentageOfNodesToScore'], 'percentageOfNodesToScore', 0, 0, 100);
  const initial = number(fields['podInitialBackoffSeconds'], 'podInitialBackoffSeconds', 1, 1, 86_400);
  const most = number(fields['podMaxBackoffSeconds'], 'podMaxBackoffSeconds', 10, 1, 86_400);
  if (most < initial)
    throw new ConfigurationError(`podMaxBackoffSeconds must be podInitialBackoffSeconds (${initial}) or more, not ${most}`);
  const given = list(fields['profiles'], 'profiles');
  if (given.length > mostProfiles) throw new ConfigurationError(`there may be ${mostProfiles} profiles at most`);
  const profiles = (given.length === 0 ? [{}] : given).map((one, index) => readProfile(one, `profiles[${index}]`, percentage));
  const names = profiles.map(({ schedulerName }) => schedulerName);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new ConfigurationError(`profiles: there are two with the schedulerName ${JSON.stringify(twice)}`);
  return { profiles, initialBackoff: initial * 1000, maxBackoff: most * 1000 };
}

function readProfile(value: unknown, where: string, percentage: number): ProfileConfiguration {
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

function record(value: unknown, what: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new ConfigurationError(`${what} must be a map of fields`);
  return value as Fields;
}

function list(value: unknown, what: string): readonly unknown[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new ConfigurationError(`${what} must be a list`);
  return value;
}

function number(value: unknown, what: string, whenAbsent: number, least: number, most: number): number {
  if (value === undefined || value === null) return whenAbsent;
  if (typeof value !== 'number' || !Number.isInteger(value) || value < least || value > most)
    throw new ConfigurationError(`${what} must be a whole number from ${least} to ${most}, not ${JSON.stringify(value)}`);
  return value;
}

function known(fields: Fields, names: readonly string[], where: string): void {
  for (const name of Object.keys(fields)) {
    if (!names.includes(name))
      throw new ConfigurationError(`${where}: there is no field ${JSON.stringify(name)}: choose from ${names.join(', ')}`);
  }
}
