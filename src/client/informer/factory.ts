// Shares one informer per resource among the components of a process.
import type { KubeObject } from '../../apimachinery/object.js';
import type { ResourceType } from '../client.js';
import { createInformer, type InformerOptions } from './informer.js';
import type { Indexers, Informer } from './types.js';

export type InformerFactoryOptions = Pick<InformerOptions<KubeObject>, 'client' | 'clock' | 'random' | 'logger' | 'resync'>;

export interface SharedInformerOptions<T extends KubeObject> {
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
  readonly indexers?: Indexers<T> | undefined;
}

export interface InformerFactory {
  /** The one informer of this resource and these selectors; indexers are added to it. Once the factory has started, new ones start at once. */
  informer<T extends KubeObject>(type: ResourceType<T>, options?: SharedInformerOptions<T>): Informer<T>;
  /** Starts all informers asked for so far, and those asked for later. */
  start(): void;
  /** Resolves true when all informers asked for so far have their first list, false when stopped or aborted before. */
  waitForSync(signal?: AbortSignal): Promise<boolean>;
  stop(): void;
}

/** Makes a factory; its options are those of every informer it makes. */
export function createInformerFactory(options: InformerFactoryOptions): InformerFactory {
  const informers = new Map<string, Informer<KubeObject>>();
  let state: 'new' | 'started' | 'stopped' = 'new';
  return {
    informer<T extends KubeObject>(type: ResourceType<T>, shared: SharedInformerOptions<T> = {}): Informer<T> {
      const { indexers, ...where } = shared;
      const id = JSON.stringify([
        type.group,
        type.version,
        type.resource,
        where.namespace ?? '',
        where.labelSelector ?? '',
        where.fieldSelector ?? '',
      ]);
      const known = informers.get(id) as Informer<T> | undefined;
      if (known) {
        if (indexers) known.addIndexers(indexers);
        return known;
      }
      const made = createInformer<T>({ ...options, ...where, type, indexers });
      informers.set(id, made);
      if (state === 'started') made.start();
      if (state === 'stopped') made.stop();
      return made;
    },
    start() {
      if (state !== 'new') return;
      state = 'started';
      for (const informer of informers.values()) informer.start();
    },
    async waitForSync(signal) {
      const all = await Promise.all([...informers.values()].map((informer) => informer.waitForSync(signal)));
      return all.every(Boolean);
    },
    stop() {
      state = 'stopped';
      for (const informer of informers.values()) informer.stop();
    },
  };
}
