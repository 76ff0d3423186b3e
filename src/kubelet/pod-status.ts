// The status of a pod as the kubelet sees it, and the patch that tells the API.
import type { ContainerStatus, PodCondition, PodIP, PodStatus } from '../../openapi/types/core.v1.js';
import { deepEqual } from '../apimachinery/equality.js';
import type { Draft } from '../apimachinery/object.js';
import { formatTime } from '../clock/clock.js';
import { containerStatus, type StatusSources } from './container-status.js';
import { podConditions, podPhase, type ConditionState } from './pod-conditions.js';
import type { ContainerSpec, PodRecord } from './pod-record.js';

export interface WantedStatus {
  readonly fields: Draft<PodStatus>;
  readonly conditions: readonly ConditionState[];
}

/** @param hostIP the node's address */
export function wantedStatus(record: PodRecord, hostIP: string, sources: StatusSources, now: number): WantedStatus {
  const { spec, metadata } = record.pod;
  const all = (specs: readonly ContainerSpec[] = []): readonly ContainerStatus[] =>
    specs.map((one) => containerStatus(record, one, record.containers.get(one.name), sources, now));
  const init = all(spec.initContainers);
  const regular = all(spec.containers);
  const ephemeral = all(spec.ephemeralContainers);
  const phase = podPhase(record);
  const turnedAway = record.terminal?.turnedAway === true;
  const ips = spec.hostNetwork ? [hostIP] : record.ips;
  return {
    fields: {
      ...(metadata.generation === undefined ? {} : { observedGeneration: metadata.generation }),
      phase,
      reason: record.terminal?.reason,
      message: record.terminal?.message,
      hostIP,
      hostIPs: [{ ip: hostIP }],
      ...(ips.length > 0 && (record.sandbox ?? record.terminal) ? { podIP: ips[0]!, podIPs: ips.map((ip) => ({ ip })) } : {}),
      startTime: record.startTime,
      ...(init.length > 0 && !turnedAway ? { initContainerStatuses: init } : {}),
      // Of a pod that was turned away no container was ever looked at.
      ...(turnedAway ? {} : { containerStatuses: regular }),
      ...(ephemeral.length > 0 ? { ephemeralContainerStatuses: ephemeral } : {}),
    },
    conditions: podConditions(record, { phase, init, regular }),
  };
}

/**
 * A strategic merge patch of what `current` says otherwise; undefined when it says all of it already.
 * @param uid of the pod, so that one created anew under its name is never written to
 */
export function statusPatch(uid: string, current: PodStatus, { fields, conditions }: WantedStatus, now: number): unknown {
  const changes = new Map<string, unknown>();
  for (const [field, value] of Object.entries(fields)) {
    const there = (current as unknown as Record<string, unknown>)[field];
    if (value === undefined) {
      if (there !== undefined && there !== '') changes.set(field, null);
    } else if (!deepEqual(there, value))
      changes.set(field, field === 'podIPs' || field === 'hostIPs' ? addressChange(there, value) : value);
  }
  const at = formatTime(now);
  const changed = conditions.flatMap((condition) => conditionChange(condition, current.conditions, fields.observedGeneration, at));
  if (changed.length > 0) changes.set('conditions', changed);
  return changes.size === 0 ? undefined : { metadata: { uid }, status: Object.fromEntries(changes) };
}

/** Lists of addresses are merged by address: those that are no more must be taken out. */
function addressChange(there: unknown, wanted: unknown): unknown {
  const old = (there ?? []) as readonly PodIP[];
  const list = wanted as readonly PodIP[];
  const stale = old.filter(({ ip }) => !list.some((one) => one.ip === ip));
  return [...list, ...stale.map(({ ip }) => ({ $patch: 'delete', ip }))];
}

/** One condition to write, or none. Its transition's time changes with its status only. */
function conditionChange(
  { type, status, reason, message }: ConditionState,
  current: readonly PodCondition[] | undefined,
  observedGeneration: number | undefined,
  now: string,
): readonly unknown[] {
  const there = current?.find((one) => one.type === type);
  const same = (a: string | undefined, b: string | undefined): boolean => (a ?? '') === (b ?? '');
  const sameGeneration = observedGeneration === undefined || there?.observedGeneration === observedGeneration;
  if (there?.status === status && same(there.reason, reason) && same(there.message, message) && sameGeneration) return [];
  return [
    {
      type,
      status,
      lastProbeTime: null,
      lastTransitionTime: there?.status === status ? (there.lastTransitionTime ?? now) : now,
      // A field that is there no more must be taken out of the merged element.
      ...(reason === undefined ? (same(there?.reason, '') ? {} : { reason: null }) : { reason }),
      ...(message === undefined ? (same(there?.message, '') ? {} : { message: null }) : { message }),
      ...(observedGeneration === undefined ? {} : { observedGeneration }),
    },
  ];
}
