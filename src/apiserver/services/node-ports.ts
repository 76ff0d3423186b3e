// Node ports: a range of numbers, each given out once. https://kubernetes.io/docs/concepts/services-networking/service/#avoid-nodeport-collisions
import type { Random } from '../../clock/random.js';
import { pickFree } from './pick.js';

export interface NodePorts {
  /** This port, or a free one: undefined when it is taken or of no range, or none is free. */
  take(port: number | undefined): number | undefined;
  release(port: number): void;
  /** Why a port cannot be had. */
  problem(port: number): string;
  /** Marks a port that a stored service holds. Taken twice is no error. */
  adopt(port: number): void;
}

/** Ports below this offset are for who asks for one by number; others come from above while there are any. */
function staticBand(size: number): number {
  return size < 16 ? 0 : Math.min(Math.max(16, Math.floor(size / 32)), 128);
}

/** Gives out the ports from `first` to `last`. */
export function createNodePorts([first, last]: readonly [first: number, last: number], random: Random): NodePorts {
  const taken = new Set<number>();
  const size = last - first + 1;
  const isFree = (port: number): boolean => !taken.has(port);
  return {
    take: (asked) => {
      const port = asked ?? pickFree(isFree, first, size, staticBand(size), random);
      if (port === undefined || port < first || port > last || taken.has(port)) return undefined;
      taken.add(port);
      return port;
    },
    release: (port) => void taken.delete(port),
    problem: (port) =>
      port < first || port > last
        ? `provided port is not in the valid range. The range of valid ports is ${first}-${last}`
        : 'provided port is already allocated',
    adopt: (port) => void taken.add(port),
  };
}
