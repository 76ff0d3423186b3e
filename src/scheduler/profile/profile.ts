// A profile: the plugins of one scheduler name at each point, made from the configuration.
// https://kubernetes.io/docs/reference/scheduling/config/#multiple-profiles
import type {
  BindPlugin,
  HintPlugin,
  Plugin,
  PluginHandle,
  PostFilterPlugin,
  PreEnqueuePlugin,
  PreFilterPlugin,
  QueueSortPlugin,
  ScorePlugin,
} from '../framework.js';
import { plugins as known } from '../plugins/index.js';
import { ConfigurationError } from './configuration-error.js';
import type { PluginSet, ProfileConfiguration } from './configuration.js';

type At<T> = T & { readonly name: string };

export interface Profile {
  readonly schedulerName: string;
  readonly percentageOfNodesToScore: number;
  readonly queueSort: At<QueueSortPlugin>;
  readonly preEnqueue: readonly At<PreEnqueuePlugin>[];
  /** In this order; the first that rejects a node speaks for it. */
  readonly checks: readonly At<PreFilterPlugin>[];
  /** Of the checks, those whose filters run. */
  readonly filters: ReadonlySet<string>;
  readonly postFilters: readonly At<PostFilterPlugin>[];
  readonly scores: readonly { readonly plugin: At<ScorePlugin>; readonly weight: number }[];
  readonly reserves: ReadonlySet<string>;
  readonly bind: At<BindPlugin>;
  readonly hints: ReadonlyMap<string, HintPlugin>;
}

/** Throws ConfigurationError for a plugin that is not known, arguments that cannot be, and a profile that binds nothing. */
export function createProfile(configuration: ProfileConfiguration, handle: PluginHandle): Profile {
  const { schedulerName, percentageOfNodesToScore, pluginConfig } = configuration;
  for (const name of pluginConfig.keys()) if (!known.some((one) => one.name === name)) throw unknown(name);
  const made = new Map<string, Plugin>();
  const plugin = (name: string): Plugin => {
    let one = made.get(name);
    if (one === undefined) {
      const registered = known.find((other) => other.name === name);
      if (registered === undefined) throw unknown(name);
      made.set(name, (one = registered.create(handle, pluginConfig.get(name) ?? {})));
    }
    return one;
  };
  const base = merged({ enabled: known.map(({ name, weight = 0 }) => ({ name, weight })), disabled: [] }, configuration.at('multiPoint'));
  const at = (point: string): PluginSet['enabled'] => {
    const { enabled, disabled } = configuration.at(point);
    const off = new Set(disabled);
    const rest = off.has('*') ? [] : base.filter(({ name }) => !off.has(name) && !enabled.some((one) => one.name === name));
    return [...enabled, ...rest];
  };
  const having = <K extends keyof Plugin>(point: string, method: K): readonly (Plugin & Required<Pick<Plugin, K>>)[] =>
    at(point)
      .map(({ name }) => plugin(name))
      .filter((one): one is Plugin & Required<Pick<Plugin, K>> => one[method] !== undefined);

  const filters = new Set(at('filter').map(({ name }) => name));
  const preFilters = new Set(at('preFilter').map(({ name }) => name));
  const checks = [...new Set([...having('filter', 'preFilter'), ...having('preFilter', 'preFilter')])];
  const [queueSort] = having('queueSort', 'before');
  const [bind] = having('bind', 'bind');
  if (queueSort === undefined) throw new ConfigurationError(`profile ${schedulerName}: one queueSort plugin must be enabled`);
  if (bind === undefined) throw new ConfigurationError(`profile ${schedulerName}: at least one bind plugin must be enabled`);
  const weightOf = (name: string, given: number): number => given || (base.find((one) => one.name === name)?.weight ?? 0) || 1;
  const scores = at('score').flatMap(({ name, weight }) => {
    const { preScore } = plugin(name);
    return preScore === undefined ? [] : [{ plugin: { name, preScore }, weight: weightOf(name, weight) }];
  });
  return {
    schedulerName,
    percentageOfNodesToScore,
    queueSort,
    preEnqueue: having('preEnqueue', 'preEnqueue'),
    checks: checks.filter(({ name }) => filters.has(name) || preFilters.has(name)),
    filters,
    postFilters: having('postFilter', 'postFilter'),
    scores,
    reserves: new Set(at('reserve').map(({ name }) => name)),
    bind,
    hints: new Map([...made].flatMap(([name, { listens, helps }]) => (listens && helps ? [[name, { listens, helps }] as const] : []))),
  };
}

/** The defaults without what is disabled; what is enabled again takes the place and gets the weight that it says. */
function merged(defaults: PluginSet, { enabled, disabled }: PluginSet): PluginSet['enabled'] {
  const off = new Set(disabled);
  const kept = off.has('*') ? [] : defaults.enabled.filter(({ name }) => !off.has(name));
  const replaced = kept.map((one) => enabled.find(({ name }) => name === one.name) ?? one);
  return [...replaced, ...enabled.filter(({ name }) => !kept.some((one) => one.name === name))];
}

function unknown(name: string): ConfigurationError {
  return new ConfigurationError(
    `there is no scheduler plugin ${JSON.stringify(name)}: choose from ${known.map((one) => one.name).join(', ')}`,
  );
}
