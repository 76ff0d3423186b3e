// What a scheduler knows of the cluster and the profiles made of it: for scheduling, and to explain what it would do.
import type { Pod } from '../../openapi/types/core.v1.js';
import type { Random } from '../clock/random.js';
import type { Clock } from '../clock/clock.js';
import type { Client } from '../client/client.js';
import type { EventRecorder } from '../client/events/recorder.js';
import type { InformerFactory } from '../client/informer/factory.js';
import type { Logger } from '../client/logger.js';
import { createNodeCache, type NodeCache } from './cycle/node-cache.js';
import { createResourceReader, type ResourceReader } from './cycle/resources.js';
import type { DeviceSelectorEvaluator } from './framework.js';
import { createListers, type Listers } from './listers.js';
import { createNominations, type MutableNominations } from './nominations.js';
import { defaultSchedulerName, type SchedulerConfiguration } from './profile/configuration.js';
import { createProfile, type Profile } from './profile/profile.js';
import { createTopologyIndex, type MutableTopologyIndex } from './topology/topology-index.js';

export interface SchedulerState {
  readonly listers: Listers;
  readonly reader: ResourceReader;
  readonly cache: NodeCache;
  readonly topology: MutableTopologyIndex;
  readonly nominations: MutableNominations;
  readonly profiles: ReadonlyMap<string, Profile>;
  /** Undefined: the pod is another scheduler's. */
  readonly profileOf: (pod: Pod) => Profile | undefined;
}

export interface SchedulerStateOptions {
  readonly client: Client;
  readonly informers: InformerFactory;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Writes the events of a profile. */
  readonly recorderOf: (schedulerName: string) => EventRecorder;
  readonly configuration: SchedulerConfiguration;
  readonly deviceSelectors: DeviceSelectorEvaluator | undefined;
}

/** Throws ConfigurationError. */
export function createSchedulerState(options: SchedulerStateOptions): SchedulerState {
  const { client, informers, clock, random, logger, configuration, deviceSelectors } = options;
  const listers = createListers(informers);
  const reader = createResourceReader();
  const topology = createTopologyIndex((namespace) => {
    const known = listers.namespaces.store.get(namespace);
    return known && (known.metadata.labels ?? {});
  });
  const cache = createNodeCache(reader, topology);
  const nominations = createNominations();
  const profiles = new Map<string, Profile>();
  for (const one of configuration.profiles) {
    const { schedulerName } = one;
    const recorder = options.recorderOf(schedulerName);
    const handle = {
      client,
      clock,
      random,
      logger,
      recorder,
      schedulerName,
      nodes: cache,
      topology,
      listers,
      nominations,
      deviceSelectors,
    };
    profiles.set(schedulerName, createProfile(one, handle));
  }
  return {
    listers,
    reader,
    cache,
    topology,
    nominations,
    profiles,
    profileOf: ({ spec }) => profiles.get(spec.schedulerName ?? defaultSchedulerName),
  };
}
