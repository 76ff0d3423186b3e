// Where every part gets its chance from: real, or from a seed.
import { randomFillSync } from 'node:crypto';

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

const hexDigits = Buffer.from('0123456789abcdef');
const dash = 45;

/** Makes version 4 UUIDs. Each is one piece of text: a sum of short ones would take many times the room for as long as its object lives. */
function uidsFrom(bytes: (length: number) => Uint8Array): () => string {
  const text = Buffer.alloc(36);
  return () => {
    const raw = bytes(16);
    raw[6] = (raw[6]! & 0x0f) | 0x40;
    raw[8] = (raw[8]! & 0x3f) | 0x80;
    let at = 0;
    for (let i = 0; i < 16; i++) {
      if (i === 4 || i === 6 || i === 8 || i === 10) text[at++] = dash;
      const byte = raw[i]!;
      text[at++] = hexDigits[byte >> 4]!;
      text[at++] = hexDigits[byte & 15]!;
    }
    return text.toString('latin1');
  };
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
  // To ask the system takes as long for a few bytes as for many.
  const bytePool = new Uint8Array(4096);
  let bytesUsed = bytePool.length;
  const bytes = (length: number): Uint8Array => {
    if (length > bytePool.length) return randomFillSync(new Uint8Array(length));
    if (bytesUsed + length > bytePool.length) {
      randomFillSync(bytePool);
      bytesUsed = 0;
    }
    const given = bytePool.slice(bytesUsed, bytesUsed + length);
    // Some are keys and tokens: what was given is nobody else's.
    bytePool.fill(0, bytesUsed, (bytesUsed += length));
    return given;
  };
  return {
    next,
    uid: uidsFrom(bytes),
    suffix: (length) => suffixFrom(next, length),
    bytes,
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
    uid: uidsFrom(bytes),
    suffix: (length) => suffixFrom(next, length),
    bytes,
  };
}
