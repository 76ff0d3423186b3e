// From a chosen node to a bound pod: hold what the pod needs there, prepare it, bind, and give everything back when that fails.
import { errorText } from '../client/logger.js';
import type { PodExtenders } from './extenders/index.js';
import type { NamedCheck, NodeInfo, PodInfo, Reservation } from './framework.js';
import type { Profile } from './profile/profile.js';
import type { StatusWriter } from './status-writer.js';

/** What plugins hold for one pod. */
export interface Reservations {
  /** Whether something has to be prepared before the pod can be bound. */
  readonly preparing: boolean;
  release(): void;
  /** Takes back what was written to prepare, after {@link release}. Never rejects. */
  undo(): Promise<void>;
  /** Prepares and binds. Rejects with a BindingError, or with the Error of an extender. */
  bind(signal: AbortSignal): Promise<void>;
}

/** `message` is for the pod's condition. */
export class BindingError extends Error {}

/**
 * Throws BindingError when a plugin cannot hold what the pod needs; then nothing is held.
 * @param extenders those of the pod; one of them may bind it in the plugin's place
 */
export function reserve(
  pod: PodInfo,
  node: NodeInfo,
  checks: readonly NamedCheck[],
  profile: Profile,
  status: StatusWriter,
  extenders?: PodExtenders,
): Reservations {
  const held: { readonly plugin: string; readonly reservation: Reservation }[] = [];
  const released: Reservation[] = [];
  const release = (): void => {
    for (const { reservation } of held.splice(0).reverse()) {
      reservation.release();
      released.push(reservation);
    }
  };
  for (const { plugin, check } of checks) {
    if (check.reserve === undefined || !profile.reserves.has(plugin)) continue;
    try {
      const reservation = check.reserve(node);
      if (reservation !== undefined) held.push({ plugin, reservation });
    } catch (error) {
      release();
      throw new BindingError(`running Reserve plugin "${plugin}": ${errorText(error)}`, { cause: error });
    }
  }
  const preparing = held.some(({ reservation }) => reservation.preBind !== undefined);
  return {
    preparing,
    release,
    async undo() {
      for (const reservation of released.splice(0)) await reservation.undo?.();
    },
    async bind(signal) {
      if (preparing) await status.nominate(pod.pod, node.name);
      for (const { plugin, reservation } of held) {
        await named(`running PreBind plugin "${plugin}"`, () => reservation.preBind?.(signal));
      }
      const { bind } = profile;
      if (extenders?.bind !== undefined) await extenders.bind(node.name, signal);
      else await named(`binding rejected: running Bind plugin "${bind.name}"`, () => bind.bind(pod, node.name));
    },
  };
}

async function named(what: string, run: () => Promise<void> | undefined): Promise<void> {
  try {
    await run();
  } catch (error) {
    throw new BindingError(`${what}: ${errorText(error)}`, { cause: error });
  }
}
