// When containers count as started and ready. https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/
import type { Probe } from '../../openapi/types/core.v1.js';
import type { RuntimeService } from '../runtime/cri.js';
import type { ContainerSpec } from './pod-record.js';

/** The state of a running container's probes. Times are milliseconds since the epoch. */
export interface ProbeState {
  readonly started: boolean;
  readonly ready: boolean;
  /** When it may be different; undefined: not by itself. */
  readonly changesAt: number | undefined;
}

/** What asks containers how they are. Real probes are to come behind this interface. */
export interface ProbeManager {
  state(spec: ContainerSpec, containerId: string, now: number): ProbeState;
}

/**
 * Probes that always succeed: a container is started once its startup probe's, then ready once its readiness probe's
 * `initialDelaySeconds` are over and as many more periods as `successThreshold` asks for. Liveness probes never fail.
 */
export function createProbeManager(runtime: RuntimeService): ProbeManager {
  return {
    state({ startupProbe, readinessProbe }, containerId, now) {
      const status = runtime.containerStatus(containerId);
      if (status?.state !== 'running') return { started: false, ready: false, changesAt: undefined };
      if (!startupProbe && !readinessProbe) return { started: true, ready: true, changesAt: undefined };
      const since = status.startedAt ?? now;
      const startedAt = since + successTime(startupProbe);
      const readyAt = Math.max(startedAt, since + successTime(readinessProbe));
      const changesAt = now < startedAt ? startedAt : now < readyAt ? readyAt : undefined;
      return { started: now >= startedAt, ready: now >= readyAt, changesAt };
    },
  };
}

function successTime(probe: Probe | undefined): number {
  if (!probe) return 0;
  const { initialDelaySeconds = 0, periodSeconds = 10, successThreshold = 1 } = probe;
  return (initialDelaySeconds + (successThreshold - 1) * periodSeconds) * 1000;
}
