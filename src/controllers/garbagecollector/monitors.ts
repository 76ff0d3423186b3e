// Watches every resource that the server has, those of custom resource definitions that come and go included.
import type { KubeObject } from '../../apimachinery/object.js';
import { apiVersionOf } from '../../apimachinery/object.js';
import type { DiscoveredResource, ResourceType } from '../../client/client.js';
import { createInformer } from '../../client/informer/informer.js';
import type { Informer, InformerRegistration } from '../../client/informer/types.js';
import { errorText } from '../../client/logger.js';
import { CUSTOM_RESOURCE_DEFINITIONS } from '../../client/resources.js';
import type { Timer } from '../../clock/clock.js';
import { sleep } from '../../clock/clock.js';
import type { ControllerContext } from '../definition.js';
import type { Graph } from './graph.js';

export interface Monitors {
  /** Discovers, watches, and resolves when all first lists are in the graph (or have been waited for long enough). */
  start(signal: AbortSignal): Promise<void>;
  resourceOf(apiVersion: string, kind: string): ResourceType | undefined;
  stop(): void;
}

interface Monitor {
  readonly type: DiscoveredResource;
  readonly informer: Informer<KubeObject>;
  readonly registration: InformerRegistration;
  /** It is not one of the shared informers. */
  readonly own: boolean;
}

/** Events have owners of no kind, and there are many. */
const ignored = new Set(['events', 'events.events.k8s.io']);
const period = 30_000;
/** After a custom resource definition changed, its resource is served a moment later. */
const settle = 500;
const patience = 30_000;
const retry = 1000;

const idOf = ({ group, resource }: ResourceType): string => (group === '' ? resource : `${resource}.${group}`);

/** @param changed called when resources have come or gone */
export function createMonitors(
  { client, clock, random, logger, informers }: ControllerContext,
  graph: Graph,
  changed: () => void,
): Monitors {
  const monitors = new Map<string, Monitor>();
  const byKind = new Map<string, ResourceType>();
  let timers: Timer[] = [];
  let soon: Timer | undefined;
  let started = false;

  const watch = (type: DiscoveredResource): void => {
    const untyped: ResourceType = {
      group: type.group,
      version: type.version,
      resource: type.resource,
      kind: type.kind,
      namespaced: type.namespaced,
    };
    // Resources that come later can go again, and then their informer must end.
    const informer = started
      ? createInformer<KubeObject>({ client, type: untyped, clock, random, logger })
      : informers.informer<KubeObject>(untyped);
    const registration = informer.addHandler({
      add: (object) => graph.put(untyped, object),
      update: (_previous, current) => graph.put(untyped, current),
      delete: (last) => graph.remove(last.metadata.uid),
    });
    monitors.set(idOf(type), { type, informer, registration, own: started });
    if (started) informer.start();
  };
  const unwatch = (id: string, { type, informer, registration, own }: Monitor): void => {
    monitors.delete(id);
    registration.remove();
    if (own) informer.stop();
    graph.removeAll(type);
  };
  const refresh = async (): Promise<void> => {
    const found = (await client.discover()).filter((type) => type.verbs.includes('delete') && !ignored.has(idOf(type)));
    const served = new Set(found.map(idOf));
    let news = false;
    for (const [id, monitor] of monitors) {
      if (served.has(id)) continue;
      unwatch(id, monitor);
      news = true;
    }
    byKind.clear();
    for (const type of found) {
      byKind.set(JSON.stringify([type.group, type.kind]), type);
      const known = monitors.get(idOf(type));
      if (known !== undefined && known.type.version === type.version) continue;
      if (known !== undefined) unwatch(idOf(type), known);
      watch(type);
      news = true;
    }
    if (news && started) changed();
  };
  const refreshLogged = (): void => {
    refresh().catch((error: unknown) => logger.warn('garbage collector: discovery failed', { error: errorText(error) }));
  };
  const refreshSoon = (): void => {
    if (!started) return;
    soon?.cancel();
    soon = clock.after(settle, refreshLogged);
  };

  return {
    async start(signal) {
      for (;;) {
        try {
          await refresh();
          break;
        } catch (error) {
          logger.warn('garbage collector: discovery failed', { error: errorText(error) });
          await sleep(clock, retry, signal);
        }
        if (signal.aborted) return;
      }
      if (signal.aborted) return;
      started = true;
      timers = [clock.every(period, refreshLogged)];
      informers.informer(CUSTOM_RESOURCE_DEFINITIONS).addHandler({ add: refreshSoon, update: refreshSoon, delete: refreshSoon });
      // Stopped informers settle too, so this never hangs; one signal for all of them would be a listener each.
      const synced = Promise.all([...monitors.values()].map(({ informer }) => informer.waitForSync()));
      const limit = new AbortController();
      await Promise.race([synced, sleep(clock, patience, AbortSignal.any([signal, limit.signal]))]);
      limit.abort();
    },
    resourceOf(apiVersion, kind) {
      const slash = apiVersion.indexOf('/');
      const type = byKind.get(JSON.stringify([slash < 0 ? '' : apiVersion.slice(0, slash), kind]));
      // Objects are read in the preferred version, whatever version the reference names.
      return type === undefined || (type.group === '' && apiVersionOf('', type.version) !== apiVersion) ? undefined : type;
    },
    stop() {
      for (const timer of timers) timer.cancel();
      soon?.cancel();
      for (const { informer, registration, own } of monitors.values()) {
        registration.remove();
        if (own) informer.stop();
      }
      monitors.clear();
    },
  };
}
