// The ranges of equal size in a larger one: which are taken, and the next that is free.

export interface CidrSet {
  /** The next free range, which is then taken; undefined when none is left. Released ones come again last. */
  take(): string | undefined;
  /** Takes a range that a node has already; others than the set's own ranges are nothing to it. */
  mark(cidr: string): void;
  release(cidr: string): void;
}

/**
 * @param cidr an IPv4 range: `10.244.0.0/16`
 * @param mask the prefix length of the parts
 */
export function createCidrSet(cidr: string, mask: number): CidrSet {
  const [base, prefix] = parse(cidr);
  const count = 2 ** (mask - prefix);
  const size = 2 ** (32 - mask);
  const taken = new Set<number>();
  let next = 0;

  const indexOf = (text: string): number | undefined => {
    const [address, length] = parse(text);
    const index = (address - base) / size;
    return length === mask && Number.isInteger(index) && index >= 0 && index < count ? index : undefined;
  };
  return {
    take() {
      for (let tried = 0; tried < count; tried++) {
        const index = (next + tried) % count;
        if (taken.has(index)) continue;
        taken.add(index);
        next = (index + 1) % count;
        return `${format(base + index * size)}/${mask}`;
      }
      return undefined;
    },
    mark(text) {
      const index = indexOf(text);
      if (index !== undefined) taken.add(index);
    },
    release(text) {
      const index = indexOf(text);
      if (index !== undefined) taken.delete(index);
    },
  };
}

/** The address as a number, and the prefix length; NaN for what is no IPv4 range. */
function parse(cidr: string): [number, number] {
  const [address = '', prefix = ''] = cidr.split('/');
  const parts = address.split('.').map(Number);
  const number = parts.length === 4 ? parts.reduce((sum, part) => sum * 256 + part, 0) : Number.NaN;
  return [number, Number(prefix)];
}

function format(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');
}
