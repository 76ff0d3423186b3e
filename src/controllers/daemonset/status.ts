// The status of a daemon set: on how many nodes it should be, is, is ready, is available, is of the present template.
import type { DaemonSetStatus } from '../../../openapi/types/apps.v1.js';
import { deepEqual } from '../../apimachinery/equality.js';
import { isPodReady } from '../shared/pods.js';
import { byCreation } from '../shared/sort.js';
import type { Situation } from './manage.js';

/** @returns undefined when the set has this status already */
export function statusToWrite({ set, nodes, rule, byNode, facts }: Situation, collisions: number | undefined): DaemonSetStatus | undefined {
  let desired = 0;
  let scheduled = 0;
  let misscheduled = 0;
  let ready = 0;
  let available = 0;
  let updated = 0;
  for (const node of nodes) {
    const pods = byNode.get(node.metadata.name);
    if (!rule(node).shouldRun) {
      if (pods !== undefined) misscheduled++;
      continue;
    }
    desired++;
    if (pods === undefined) continue;
    scheduled++;
    // The oldest speaks for its node.
    const pod = pods.length === 1 ? pods[0]! : [...pods].sort(byCreation)[0]!;
    if (isPodReady(pod)) {
      ready++;
      if (facts.isAvailable(pod)) available++;
    }
    if (facts.isUpdated(pod)) updated++;
  }
  const { conditions } = set.status;
  const status: DaemonSetStatus = {
    currentNumberScheduled: scheduled,
    numberMisscheduled: misscheduled,
    desiredNumberScheduled: desired,
    numberReady: ready,
    observedGeneration: set.metadata.generation ?? 0,
    // Zeroes are left out, as the server shows them.
    ...(updated > 0 ? { updatedNumberScheduled: updated } : {}),
    ...(available > 0 ? { numberAvailable: available } : {}),
    ...(desired > available ? { numberUnavailable: desired - available } : {}),
    ...(collisions === undefined ? {} : { collisionCount: collisions }),
    ...(conditions === undefined ? {} : { conditions }),
  };
  return deepEqual(status, set.status) ? undefined : status;
}
