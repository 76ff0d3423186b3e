// CEL's own test cases (@bufbuild/cel-spec), all that apply without protocol buffers.

import { fromBinary } from '@bufbuild/protobuf';
import { getConformanceSuite } from '@bufbuild/cel-spec/testdata/tests.js';
import type { IncrementalTest, IncrementalTestSuite } from '@bufbuild/cel-spec/testdata/tests.js';
import { playCase, whyLeftOut } from './testing/conformance.js';

function casesOf(suite: IncrementalTestSuite, path: string): (readonly [string, IncrementalTest])[] {
  const here = path === '' ? suite.name : `${path}/${suite.name}`;
  return [...suite.tests.map((test) => [`${here}/${test.name}`, test] as const), ...suite.suites.flatMap((inner) => casesOf(inner, here))];
}

void fromBinary;
const cases = casesOf(getConformanceSuite(), '');

describe('conformance with CEL', () => {
  const played = cases.filter(([path, test]) => whyLeftOut(path, test) === undefined);

  it('plays all cases that need no protocol buffers', () => {
    expect(played.length).toBeGreaterThan(1500);
  });

  const failures = played.map(([path, test]) => [path, playCase(test)] as const).filter(([, problem]) => problem !== undefined);
  it('agrees with every case', () => {
    expect(failures).toEqual([]);
  });
});
