// Pod addresses, as a CNI plugin gives them. https://kubernetes.io/docs/concepts/extend-kubernetes/compute-storage-net/network-plugins/
import { createAddressRange, type AddressRange } from './address-range.js';

/**
 * The network of one node's pods. Today it gives addresses only; the data path (services, DNS, policy) is to come behind the same
 * interface, which is why its methods are asynchronous.
 */
export interface PodNetwork {
  /** CNI ADD: the addresses of a new sandbox, one of each range. Rejects with an Error when a range is exhausted or there is none. */
  add(sandboxId: string): Promise<readonly string[]>;
  /** CNI DEL: gives them back. Idempotent. */
  remove(sandboxId: string): Promise<void>;
  /** The ranges to take addresses from: `spec.podCIDRs` of the node. What was given before stays valid. */
  setRanges(cidrs: readonly string[]): void;
}

/** A network without ranges yet. */
export function createPodNetwork(): PodNetwork {
  let current = '';
  let ranges: readonly AddressRange[] = [];
  const given = new Map<string, readonly { readonly address: string; readonly range: AddressRange }[]>();

  const release = (sandboxId: string): void => {
    for (const { address, range } of given.get(sandboxId) ?? []) range.release(address);
    given.delete(sandboxId);
  };
  return {
    async add(sandboxId) {
      if (ranges.length === 0) throw new Error('the node has no range of pod addresses');
      release(sandboxId);
      const taken: { readonly address: string; readonly range: AddressRange }[] = [];
      given.set(sandboxId, taken);
      for (const range of ranges) {
        const address = range.take();
        if (address === undefined) {
          release(sandboxId);
          throw new Error('failed to allocate for range 0: no IP addresses available in range set');
        }
        taken.push({ address, range });
      }
      return taken.map(({ address }) => address);
    },
    async remove(sandboxId) {
      release(sandboxId);
    },
    setRanges(cidrs) {
      const wanted = cidrs.join();
      if (wanted === current) return;
      ranges = cidrs.map(createAddressRange);
      current = wanted;
    },
  };
}

/**
 * The range of a node for which nobody allocates one: 10.244.<index>.0/24 as kubeadm's defaults give it, and from the 256th node on
 * a /24 of 10.128.0.0/9.
 */
export function fallbackRange(index: number): string {
  return index < 256 ? `10.244.${index}.0/24` : `10.${128 + ((index >> 8) & 0x7f)}.${index & 0xff}.0/24`;
}
