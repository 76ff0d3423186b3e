// Every kind survives the way to protobuf and back.
import * as fc from 'fast-check';
import { decodeObject } from '../schema/decode.js';
import { recordedCodec } from './testing/codec.js';
import { randomObject } from './testing/random-object.js';

const { codec, schemas, facts } = recordedCodec();

/** Lists have no schema of their own use here, events of watches are frames, and the rest is not served as objects. */
const others = /List$|Options$|\/(WatchEvent|APIGroup|APIVersions|PodStatusResult|RangeAllocation|SerializedReference|ConversionReview)$/;
const kinds = Object.keys(facts.kinds).filter((name) => !others.test(name));

it('knows all kinds', () => {
  expect(kinds.length).toBeGreaterThanOrEqual(70);
});

describe.each(kinds)('%s', (name) => {
  const slash = name.lastIndexOf('/');
  const [apiVersion, kind] = [name.slice(0, slash), name.slice(slash + 1)];
  const node = schemas.schemaFor(facts.kinds[name]!);

  it('comes back as it was', () => {
    let longest = 0;
    fc.assert(
      fc.property(fc.gen(), (draw) => {
        const { object } = decodeObject(node, randomObject(draw, node));
        const bytes = codec.encode({ ...object, apiVersion, kind });
        longest = Math.max(longest, bytes.byteLength);
        const decoded = codec.decode(bytes);
        expect({ apiVersion: decoded.apiVersion, kind: decoded.kind }).toEqual({ apiVersion, kind });
        expect(decodeObject(node, decoded.value).object).toEqual(object);
      }),
      { numRuns: 6, seed: 36 },
    );
    expect(longest).toBeGreaterThan(100);
  });
});
