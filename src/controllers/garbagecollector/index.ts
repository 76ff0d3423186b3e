// Deletes objects whose owners are gone, and carries out foreground and orphan deletion.
// https://kubernetes.io/docs/concepts/architecture/garbage-collection/
import { createController } from '../../client/controller/controller.js';
import { exponentialRateLimiter, type RateLimiter } from '../../client/work-queue/rate-limiter.js';
import type { ControllerContext, ControllerDefinition, RunningController } from '../definition.js';
import { createCollector } from './collect.js';
import { createGraph } from './graph.js';
import { createMonitors } from './monitors.js';
import { createOwnerCheck } from './owners.js';

export const garbageCollectorController: ControllerDefinition = {
  name: 'garbage-collector-controller',
  account: 'generic-garbage-collector',
  create: createGarbageCollector,
};

const workers = 20;

export function createGarbageCollector(context: ControllerContext): RunningController {
  const { client, clock, logger } = context;
  const ending = new AbortController();
  const recorder = context.recorder('garbage-collector-controller');
  const graph = createGraph({ check: (uid) => checks.enqueue(uid), orphan: (uid) => orphans.enqueue(uid) });
  /** Objects with owners of unknown kinds: they are looked at again when new kinds come. */
  const monitors = createMonitors(context, graph, () => {
    for (const uid of unresolved) checks.enqueue(uid);
    unresolved.clear();
  });
  const unresolved = new Set<string>();
  const owners = createOwnerCheck({ client, graph, recorder, resourceOf: (apiVersion, kind) => monitors.resourceOf(apiVersion, kind) });
  const collector = createCollector(client, graph, owners, (uid) => checks.enqueue(uid));

  // A conflict is solved by the next event; the delay only covers for lost ones.
  const limiter = (): RateLimiter => exponentialRateLimiter(5, 60_000);
  const check = async (uid: string): Promise<void> => {
    const references = graph.get(uid)?.object.metadata.ownerReferences ?? [];
    if (references.some((owner) => monitors.resourceOf(owner.apiVersion, owner.kind) === undefined)) unresolved.add(uid);
    await collector.check(uid);
  };
  const checks = createController({
    name: 'garbage-collector-controller',
    clock,
    logger,
    workers,
    rateLimiter: limiter(),
    reconcile: check,
  });
  const orphans = createController({
    name: 'garbage-collector-controller',
    clock,
    logger,
    workers,
    rateLimiter: limiter(),
    reconcile: (uid) => collector.orphan(uid),
  });

  let starting: Promise<void> | undefined;
  const run = async (): Promise<void> => {
    await monitors.start(ending.signal);
    if (ending.signal.aborted) return;
    checks.start();
    orphans.start();
  };
  return {
    start() {
      starting ??= run();
    },
    async stop() {
      ending.abort();
      await starting;
      monitors.stop();
      await Promise.all([checks.stop(), orphans.stop()]);
    },
  };
}
