// The order of the suites: the long ones first, so that no worker is left alone with one at the end. Jest itself knows
// durations only where it has run before.
import { relative, sep } from 'node:path';
import TestSequencer from '@jest/test-sequencer';

/** Beginnings of paths, the longest suites first; what has none of these comes last, in Jest's own order. */
const first = [
  'test/kubectl/compared/compared',
  'test/parity/parity',
  'test/attack/lifecycle',
  'test/examples/',
  'test/scenarios/faults',
  'test/attack/',
  'test/cli/',
  'test/kubectl/',
  'test/scenarios/',
  'test/',
];

export default class LongestFirst extends TestSequencer {
  sort(tests) {
    const rank = ({ path, context }) => {
      const name = relative(context.config.rootDir, path).split(sep).join('/');
      const index = first.findIndex((start) => name.startsWith(start));
      return index < 0 ? first.length : index;
    };
    return [...super.sort(tests)].sort((a, b) => rank(a) - rank(b));
  }
}
