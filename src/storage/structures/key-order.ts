// The order of keys: that of their UTF-8 bytes, as in etcd.

export type Order = (a: string, b: string) => number;

const surrogate = /[\ud800-\udfff]/;

/** Whether a key has characters beyond U+FFFF. Keys without compare as JavaScript's strings do, which is several times faster. */
export function isBeyondUnits(key: string): boolean {
  return surrogate.test(key);
}

/** Compares two keys by their UTF-8 bytes: negative, zero or positive. */
export function compareKeys(a: string, b: string): number {
  return isBeyondUnits(a) || isBeyondUnits(b) ? compareBytes(a, b) : compareUnits(a, b);
}

/** Compares two keys neither of which has characters beyond U+FFFF. */
export function compareUnits(a: string, b: string): number {
  if (a < b) return -1;
  return a === b ? 0 : 1;
}

/** Compares any two keys. JavaScript's own order differs where one has a character beyond U+FFFF and the other one between U+E000 and U+FFFF. */
export function compareBytes(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return rank(x) - rank(y);
  }
  return a.length - b.length;
}

/** Moves the surrogates, of which characters beyond U+FFFF are made, behind all other code units. */
function rank(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}
