// Whether nodes are heard of: from the renewals of their leases and the heartbeats in their status.
// https://kubernetes.io/docs/concepts/architecture/nodes/#node-heartbeats
import type { Lease } from '../../../openapi/types/coordination.v1.js';
import type { Node, NodeCondition } from '../../../openapi/types/core.v1.js';
import { formatTime } from '../../clock/clock.js';

/** Milliseconds without a sign of life after which a node is unknown: `--node-monitor-grace-period`. */
const gracePeriod = 50_000;
/** As long for a node that has never been heard of: `--node-startup-grace-period`. */
const startupGracePeriod = 60_000;

/** The conditions that a kubelet posts. */
const kubeletConditions = ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure'] as const;

interface Sign {
  heartbeat: string;
  renewed: string;
  /** When they changed last, in milliseconds since the epoch by our own clock: the node's may differ. */
  heard: number;
}

export interface NodeHealth {
  /** The node's conditions with those of a silent kubelet set to Unknown; undefined when nothing changes. */
  judge(node: Node, lease: Lease | undefined, now: number): readonly NodeCondition[] | undefined;
  forget(name: string): void;
}

export function conditionOf({ status }: Node, type: string): NodeCondition | undefined {
  return status.conditions?.find((condition) => condition.type === type);
}

export function createNodeHealth(): NodeHealth {
  const signs = new Map<string, Sign>();

  const hear = (node: Node, lease: Lease | undefined, now: number): Sign => {
    const ready = conditionOf(node, 'Ready');
    // What this controller itself wrote is no sign of life.
    const heartbeat = ready?.lastHeartbeatTime ?? '';
    const renewed = lease?.spec.renewTime ?? '';
    const known = signs.get(node.metadata.name);
    if (known?.heartbeat === heartbeat && known.renewed === renewed) return known;
    const first = ready === undefined ? Date.parse(node.metadata.creationTimestamp) : now;
    const sign = { heartbeat, renewed, heard: known === undefined ? first : now };
    signs.set(node.metadata.name, sign);
    return sign;
  };

  return {
    judge(node, lease, now) {
      const { heard } = hear(node, lease, now);
      const grace = conditionOf(node, 'Ready') === undefined ? startupGracePeriod : gracePeriod;
      return now > heard + grace ? silenced(node, now) : undefined;
    },
    forget: (name) => void signs.delete(name),
  };
}

function silenced(node: Node, now: number): readonly NodeCondition[] | undefined {
  const time = formatTime(now);
  const conditions = [...(node.status.conditions ?? [])];
  let changed = false;
  for (const type of kubeletConditions) {
    const index = conditions.findIndex((condition) => condition.type === type);
    const known = conditions[index];
    if (known === undefined) {
      const { creationTimestamp } = node.metadata;
      conditions.push({
        type,
        status: 'Unknown',
        reason: 'NodeStatusNeverUpdated',
        message: 'Kubelet never posted node status.',
        lastHeartbeatTime: creationTimestamp,
        lastTransitionTime: time,
      });
      changed = true;
    } else if (known.status !== 'Unknown') {
      conditions[index] = {
        ...known,
        status: 'Unknown',
        reason: 'NodeStatusUnknown',
        message: 'Kubelet stopped posting node status.',
        lastTransitionTime: time,
      };
      changed = true;
    }
  }
  return changed ? conditions : undefined;
}
