// The taints that a node's conditions call for.
// https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/#taint-based-evictions
import type { Node, Taint } from '../../../openapi/types/core.v1.js';
import { formatTime } from '../../clock/clock.js';
import { conditionOf } from './health.js';

const notReady = 'node.kubernetes.io/not-ready';
const unreachable = 'node.kubernetes.io/unreachable';
const unschedulable = 'node.kubernetes.io/unschedulable';

/** By condition and status, the key of a taint. */
const byCondition: readonly (readonly [type: string, status: string, key: string])[] = [
  ['Ready', 'False', notReady],
  ['Ready', 'Unknown', unreachable],
  ['MemoryPressure', 'True', 'node.kubernetes.io/memory-pressure'],
  ['DiskPressure', 'True', 'node.kubernetes.io/disk-pressure'],
  ['NetworkUnavailable', 'True', 'node.kubernetes.io/network-unavailable'],
  ['PIDPressure', 'True', 'node.kubernetes.io/pid-pressure'],
];

const noScheduleKeys = new Set([...byCondition.map(([, , key]) => key), unschedulable]);
const noExecuteKeys = new Set([notReady, unreachable]);

/**
 * The node's taints as they should be; undefined when they are so already. Taints of others stay.
 * @param evict whether a node that is not ready may be emptied now; taints that do that already stay until it is ready or `evict` is 'never'
 */
export function desiredTaints(node: Node, evict: 'now' | 'later' | 'never', now: number): readonly Taint[] | undefined {
  const taints = node.spec.taints ?? [];
  const wantedKeys = byCondition.filter(([type, status]) => conditionOf(node, type)?.status === status).map(([, , key]) => key);
  const noSchedule = new Set([...wantedKeys, ...(node.spec.unschedulable === true ? [unschedulable] : [])]);
  const noExecute = wantedKeys.find((key) => noExecuteKeys.has(key));

  const kept = taints.filter(({ key, effect }) => {
    if (effect === 'NoSchedule' && noScheduleKeys.has(key)) return noSchedule.has(key);
    if (effect === 'NoExecute' && noExecuteKeys.has(key)) return key === noExecute && evict !== 'never';
    return true;
  });
  const has = (key: string, effect: string): boolean => kept.some((taint) => taint.key === key && taint.effect === effect);
  const timeAdded = formatTime(now);
  const added: Taint[] = [...noSchedule].filter((key) => !has(key, 'NoSchedule')).map((key) => ({ key, effect: 'NoSchedule', timeAdded }));
  // A node that was evicted for one reason goes on being evicted for the other.
  const evicted = taints.some(({ key, effect }) => effect === 'NoExecute' && noExecuteKeys.has(key));
  if (noExecute !== undefined && !has(noExecute, 'NoExecute') && (evict === 'now' || (evict === 'later' && evicted))) {
    added.push({ key: noExecute, effect: 'NoExecute', timeAdded });
  }
  return added.length === 0 && kept.length === taints.length ? undefined : [...kept, ...added];
}

/** Whether the node has the taint that empties it. */
export function isBeingEvicted(node: Node): boolean {
  return (node.spec.taints ?? []).some(({ key, effect }) => effect === 'NoExecute' && noExecuteKeys.has(key));
}
