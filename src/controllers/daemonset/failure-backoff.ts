// How long a node's failed pod waits to be deleted: longer each time, so that a broken daemon does not spin.
import type { DaemonSet } from '../../../openapi/types/apps.v1.js';
import type { Clock } from '../../clock/clock.js';

const first = 1000;
const longest = 15 * 60_000;

export interface FailureBackoff {
  /** Milliseconds to wait; 0: delete it now, which is counted. A new generation of the set starts anew. */
  next(set: DaemonSet, node: string): number;
  /** The set is gone. */
  forget(uid: string): void;
}

interface Delay {
  readonly milliseconds: number;
  readonly since: number;
}

export function createFailureBackoff(clock: Clock): FailureBackoff {
  const sets = new Map<string, { readonly generation: number | undefined; readonly nodes: Map<string, Delay> }>();
  return {
    next({ metadata: { uid, generation } }, node) {
      let known = sets.get(uid);
      if (known === undefined || known.generation !== generation) sets.set(uid, (known = { generation, nodes: new Map() }));
      const now = clock.now();
      const delay = known.nodes.get(node);
      const passed = delay === undefined ? 0 : now - delay.since;
      if (delay !== undefined && passed < delay.milliseconds) return delay.milliseconds - passed;
      // Long well: what was is forgotten.
      const again = delay !== undefined && passed < 2 * longest;
      known.nodes.set(node, { milliseconds: again ? Math.min(2 * delay.milliseconds, longest) : first, since: now });
      return 0;
    },
    forget: (uid) => void sets.delete(uid),
  };
}
