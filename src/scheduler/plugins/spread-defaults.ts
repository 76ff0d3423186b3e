// The arguments of PodTopologySpread: constraints for pods that have none.
// https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/#cluster-level-default-constraints
import type { PluginArgs } from '../framework.js';
import { ConfigurationError } from '../profile/configuration-error.js';
import { systemConstraints, type DefaultConstraints } from './spread-constraints.js';

export interface SpreadDefaults {
  readonly constraints: DefaultConstraints;
  /** They are the system's own. */
  readonly system: boolean;
}

export function spreadDefaults({ defaultingType = 'System', defaultConstraints }: PluginArgs): SpreadDefaults {
  if (defaultingType !== 'System' && defaultingType !== 'List')
    throw new ConfigurationError(`PodTopologySpread: defaultingType must be System or List, not ${JSON.stringify(defaultingType)}`);
  const given = defaultConstraints ?? [];
  if (!Array.isArray(given)) throw new ConfigurationError('PodTopologySpread: defaultConstraints must be a list');
  if (defaultingType === 'System') {
    if (given.length > 0) throw new ConfigurationError('PodTopologySpread: defaultConstraints need defaultingType List');
    return { constraints: systemConstraints, system: true };
  }
  return { constraints: given.map(checked), system: false };
}

function checked(value: unknown): DefaultConstraints[number] {
  const { topologyKey, maxSkew, whenUnsatisfiable, labelSelector } = (value ?? {}) as Readonly<Record<string, unknown>>;
  if (labelSelector !== undefined) throw new ConfigurationError('PodTopologySpread: a default constraint has no labelSelector');
  if (typeof topologyKey !== 'string' || topologyKey === '')
    throw new ConfigurationError('PodTopologySpread: a default constraint has a topologyKey');
  if (typeof maxSkew !== 'number' || !Number.isInteger(maxSkew) || maxSkew < 1)
    throw new ConfigurationError('PodTopologySpread: maxSkew of a default constraint must be a whole number of 1 or more');
  if (whenUnsatisfiable !== 'DoNotSchedule' && whenUnsatisfiable !== 'ScheduleAnyway')
    throw new ConfigurationError('PodTopologySpread: whenUnsatisfiable of a default constraint must be DoNotSchedule or ScheduleAnyway');
  return value as DefaultConstraints[number];
}
