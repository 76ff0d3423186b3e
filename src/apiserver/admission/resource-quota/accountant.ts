// Charges writes to the quotas of their namespace, so that many at once never pass a limit together: those of one namespace are taken in
// batches, one batch after the other, and what a batch uses is written before its writes go on.
import type { ResourceQuota } from '../../../../openapi/types/core.v1.js';
import { isReason } from '../../../apimachinery/errors/api-error.js';
import { writeAmounts, addInto, type ResourceAmounts } from '../../../registry/core/usage/index.js';
import type { Quantity } from '../../../apimachinery/quantity/quantity.js';
import { charged, chargesOf, checkFits, stateOf, type Charge, type QuotaState } from './check.js';
import type { CountedWrite } from './counted-write.js';

/** Where quotas are read and written. */
export interface QuotaSource {
  /** The quotas of a namespace as they are now. */
  list(namespace: string): Promise<readonly ResourceQuota[]>;
  /** One as it is now; undefined when it is gone. */
  get(namespace: string, name: string): Promise<ResourceQuota | undefined>;
  /** Writes the status if nobody has written the quota meanwhile: rejects with 409 Conflict, or 404 when it is gone. */
  writeStatus(quota: ResourceQuota): Promise<unknown>;
}

interface Waiter {
  readonly write: CountedWrite;
  readonly dryRun: boolean;
  resolve(): void;
  reject(error: unknown): void;
}

/** How often a status is written anew when others write it meanwhile (other servers over the same store, the controller). */
const tries = 10;

export class QuotaAccountant {
  /** Who waits, by namespace; there is an entry as long as a batch of the namespace is under way. */
  readonly #waiting = new Map<string, Waiter[]>();

  constructor(private readonly source: QuotaSource) {}

  /** Resolves when the write is charged (or would be, for a dry run). Rejects with QuotaRefusal, or what the source rejects with. */
  charge(namespace: string, write: CountedWrite, dryRun: boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const waiter = { write, dryRun, resolve, reject };
      const others = this.#waiting.get(namespace);
      if (others !== undefined) {
        others.push(waiter);
        return;
      }
      this.#waiting.set(namespace, [waiter]);
      void this.#work(namespace);
    });
  }

  async #work(namespace: string): Promise<void> {
    for (;;) {
      const batch = this.#waiting.get(namespace) ?? [];
      if (batch.length === 0) {
        this.#waiting.delete(namespace);
        return;
      }
      this.#waiting.set(namespace, []);
      try {
        await this.#settle(namespace, batch);
      } catch (error) {
        for (const waiter of batch) waiter.reject(error);
      }
    }
  }

  /** Checks each write against what is left after those before it, and writes what they use together. */
  async #settle(namespace: string, batch: readonly Waiter[]): Promise<void> {
    let states = (await this.source.list(namespace)).map(stateOf);
    const taken: { readonly waiter: Waiter; readonly charges: readonly Charge[] }[] = [];
    for (const waiter of batch) {
      let charges: Charge[];
      try {
        charges = chargesOf(states, waiter.write);
      } catch (error) {
        waiter.reject(error);
        continue;
      }
      if (waiter.dryRun || charges.length === 0) {
        waiter.resolve();
        continue;
      }
      taken.push({ waiter, charges });
      states = states.map((state) => {
        const charge = charges.find((one) => one.state === state);
        return charge === undefined ? state : charged(state, charge.amounts);
      });
    }
    const refused = new Map<Waiter, unknown>();
    for (const { metadata } of states.map(({ quota }) => quota)) {
      const shares = taken.flatMap(({ waiter, charges }) => {
        const charge = refused.has(waiter) ? undefined : charges.find(({ state }) => state.quota.metadata.uid === metadata.uid);
        return charge === undefined ? [] : [{ waiter, amounts: charge.amounts, quota: charge.state.quota }];
      });
      if (shares.length > 0) await this.#write(namespace, shares, refused);
    }
    for (const { waiter } of taken) {
      if (refused.has(waiter)) waiter.reject(refused.get(waiter));
      else waiter.resolve();
    }
  }

  /** Writes one quota's status. When somebody else has written it, what is left is looked at again: the last writes may have to be refused. */
  async #write(
    namespace: string,
    shares: readonly { readonly waiter: Waiter; readonly amounts: ResourceAmounts; readonly quota: ResourceQuota }[],
    refused: Map<Waiter, unknown>,
  ): Promise<void> {
    let quota: ResourceQuota | undefined = shares[0]!.quota;
    let rest = shares;
    for (let tried = 1; ; tried++) {
      const sum = new Map<string, Quantity>();
      for (const { amounts } of rest) addInto(sum, amounts);
      try {
        const state: QuotaState = charged(stateOf(quota), sum);
        await this.source.writeStatus({ ...quota, status: { ...quota.status, used: writeAmounts(state.used) } });
        return;
      } catch (error) {
        if (!isReason(error, 'Conflict') && !isReason(error, 'NotFound')) throw error;
        if (tried === tries) throw error;
      }
      quota = await this.source.get(namespace, quota.metadata.name);
      // A quota that is gone limits nothing.
      if (quota === undefined) return;
      let state = stateOf(quota);
      const still: (typeof shares)[number][] = [];
      for (const share of rest) {
        try {
          checkFits(state, share.amounts);
          state = charged(state, share.amounts);
          still.push(share);
        } catch (refusal) {
          refused.set(share.waiter, refusal);
        }
      }
      if (still.length === 0) return;
      rest = still;
    }
  }
}
