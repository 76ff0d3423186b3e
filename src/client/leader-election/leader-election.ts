// One active instance among several: whoever holds a Lease.
// https://kubernetes.io/docs/concepts/architecture/leases/#leader-election
import type { Lease, LeaseSpec } from '../../../openapi/types/coordination.v1.js';
import { isReason } from '../../apimachinery/errors/api-error.js';
import { formatMicroTime, sleep, type Clock } from '../../clock/clock.js';
import type { Random } from '../../clock/random.js';
import type { Client } from '../client.js';
import type { EventRecorder } from '../events/recorder.js';
import { errorText, silentLogger, type Logger } from '../logger.js';
import { LEASES } from '../resources.js';

export interface LeaderElectionOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger?: Logger;
  /** The Lease: `kube-system`, `kube-scheduler`. */
  readonly namespace: string;
  readonly name: string;
  /** Who holds it; unique. The real ones use `<host>_<uuid>`. */
  readonly identity: string;
  /** Called when the lease is won; once a term. */
  onStartedLeading(): void;
  /** Called when the lease was lost or given up. The caller must stop its work at once. */
  onStoppedLeading(): void;
  /** Called when another identity is seen to lead. */
  onNewLeader?(identity: string): void;
  /** Milliseconds a lease is honoured after it was last seen renewed; 15,000 when absent. */
  readonly leaseDuration?: number;
  /** Milliseconds without a successful renewal after which the leader gives up; 10,000 when absent. */
  readonly renewDeadline?: number;
  /** Milliseconds between tries; 2,000 when absent. */
  readonly retryPeriod?: number;
  /** Gives the lease up when stopped, so that the next one need not wait; true when absent. */
  readonly releaseOnStop?: boolean;
  /** Records `LeaderElection` events on the Lease. */
  readonly recorder?: EventRecorder;
}

export interface LeaderElection {
  start(): void;
  isLeader(): boolean;
  /** Stops trying; gives the lease up if it is held. Leaves no timers. */
  stop(): Promise<void>;
}

/** So much longer than the retry period a candidate may wait, so that candidates do not try in step. */
const jitter = 1.2;

/** Makes a candidate for the lease. */
export function createLeaderElection(options: LeaderElectionOptions): LeaderElection {
  const { client, clock, random, logger = silentLogger, namespace, name, identity, recorder } = options;
  const { leaseDuration = 15_000, renewDeadline = 10_000, retryPeriod = 2_000, releaseOnStop = true } = options;
  const ending = new AbortController();
  let leading = false;
  let started: Promise<void> | undefined;
  let lease: Lease | undefined;
  let leader = '';
  /** What the lease said when it last changed, and when that was by our own clock: the clocks of others may be wrong. */
  let observed = '';
  let observedAt = 0;
  let renewedAt = 0;

  const observe = (seen: Lease): void => {
    lease = seen;
    const text = JSON.stringify(seen.spec);
    if (text !== observed) {
      observed = text;
      observedAt = clock.monotonic();
    }
    const holder = seen.spec?.holderIdentity ?? '';
    if (holder === leader) return;
    leader = holder;
    if (holder !== '') options.onNewLeader?.(holder);
  };
  const spec = (transitions: number, acquired: string, now: string): LeaseSpec => ({
    holderIdentity: identity,
    leaseDurationSeconds: Math.ceil(leaseDuration / 1000),
    acquireTime: acquired,
    renewTime: now,
    leaseTransitions: transitions,
  });

  /** Takes or renews the lease; false: another holds it. Rejects with the server's error. */
  const tryOnce = async (): Promise<boolean> => {
    const now = formatMicroTime(clock.now());
    if (!leading || !lease) {
      try {
        observe(await client.get(LEASES, { namespace, name }));
      } catch (error) {
        if (!isReason(error, 'NotFound')) throw error;
        observe(await client.create(LEASES, { metadata: { namespace, name }, spec: spec(0, now, now) }));
        return true;
      }
    }
    const current = lease!;
    const holder = current.spec?.holderIdentity ?? '';
    const honoured = (current.spec?.leaseDurationSeconds ?? 0) * 1000;
    if (holder !== '' && holder !== identity && clock.monotonic() < observedAt + honoured) return false;
    const transitions = current.spec?.leaseTransitions ?? 0;
    const next = holder === identity ? spec(transitions, current.spec?.acquireTime ?? now, now) : spec(transitions + 1, now, now);
    try {
      observe(await client.update(LEASES, { ...current, spec: next }));
    } catch (error) {
      // What we know of it is old: read it at the next try.
      lease = undefined;
      throw error;
    }
    return true;
  };
  const attempt = async (): Promise<boolean> => {
    try {
      const held = await tryOnce();
      if (held) renewedAt = clock.monotonic();
      else if (leading) renewedAt = Number.NEGATIVE_INFINITY;
      return held;
    } catch (error) {
      logger.debug(`the lease ${namespace}/${name} could not be taken or renewed`, { error: errorText(error) });
      return false;
    }
  };
  const record = (message: string): void => {
    if (lease) recorder?.event(lease, 'Normal', 'LeaderElection', message);
  };
  const stopLeading = (): void => {
    if (!leading) return;
    leading = false;
    record(`${identity} stopped leading`);
    options.onStoppedLeading();
  };
  const release = async (): Promise<void> => {
    if (!lease || lease.spec?.holderIdentity !== identity) return;
    const now = formatMicroTime(clock.now());
    const given: LeaseSpec = {
      holderIdentity: '',
      leaseDurationSeconds: 1,
      acquireTime: now,
      renewTime: now,
      leaseTransitions: lease.spec.leaseTransitions ?? 0,
    };
    await client
      .update(LEASES, { ...lease, spec: given })
      .catch((error: unknown) => logger.debug('the lease could not be given up', { error: errorText(error) }));
  };

  const run = async (): Promise<void> => {
    while (!ending.signal.aborted) {
      if (await attempt()) {
        if (!leading && !ending.signal.aborted) {
          leading = true;
          record(`${identity} became leader`);
          options.onStartedLeading();
        }
      } else if (leading && clock.monotonic() - renewedAt >= renewDeadline) stopLeading();
      await sleep(clock, leading ? retryPeriod : retryPeriod * (1 + random.next() * (jitter - 1)), ending.signal);
    }
  };

  return {
    start() {
      if (!ending.signal.aborted) started ??= run();
    },
    isLeader: () => leading,
    async stop() {
      ending.abort();
      await started;
      stopLeading();
      if (releaseOnStop) await release();
    },
  };
}
