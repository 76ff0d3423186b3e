// Where every part gets its chance from: real, or from a seed.
import { randomBytes, randomFillSync, randomUUID } from 'node:crypto';

/** A source of chance. */
export interface Random {
  /** A number from 0 (included) to 1 (excluded). */
  next(): number;
  /** A version 4 UUID, as object uids are. */
  uid(): string;
  /** `length` characters of the alphabet that Kubernetes uses for generated names (no vowels, no look-alikes). */
  suffix(length: number): string;
  /** `length` random bytes. */
  bytes(length: number): Uint8Array;
}

const alphabet = 'bcdfghjklmnpqrstvwxz2456789';

function suffixFrom(next: () => number, length: number): string {
  let text = '';
  for (let i = 0; i < length; i++) text += alphabet[Math.floor(next() * alphabet.length)];
  return text;
}

/** Chance from the system's source. */
export function realRandom(): Random {
  const pool = new Uint32Array(256);
  let used = pool.length;
  const next = (): number => {
    if (used === pool.length) {
      randomFillSync(pool);
      used = 0;
    }
    return pool[used++]! / 2 ** 32;
  };
  return {
    next,
    uid: () => randomUUID(),
    suffix: (length) => suffixFrom(next, length),
    bytes: (length) => randomBytes(length),
  };
}

/** Chance that is the same on every run with the same seed (mulberry32); not for secrets. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const bytes = (length: number): Uint8Array => Uint8Array.from({ length }, () => Math.floor(next() * 256));
  return {
    next,
    uid: () => {
      const raw = bytes(16);
      raw[6] = (raw[6]! & 0x0f) | 0x40;
      raw[8] = (raw[8]! & 0x3f) | 0x80;
      const hex = Buffer.from(raw).toString('hex');
      return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
    },
    suffix: (length) => suffixFrom(next, length),
    bytes,
  };
}
