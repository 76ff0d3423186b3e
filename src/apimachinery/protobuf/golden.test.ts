// Objects as a v1.36.3 server answered them, once as JSON and once as protobuf (testdata/golden.jsonl).
import { readFileSync } from 'node:fs';
import { decodeObject } from '../schema/decode.js';
import { parsedFile, recordedSchemas } from '../schema/testing/recorded.js';
import { ProtobufCodec } from './codec.js';
import type { ProtobufFacts } from './facts.js';

interface Recorded {
  readonly kind: string;
  readonly apiVersion: string;
  readonly object: Readonly<Record<string, unknown>>;
  readonly protobuf: string;
}

const recorded = readFileSync('src/apimachinery/protobuf/testdata/golden.jsonl', 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Recorded);
const schemas = recordedSchemas();
const facts = parsedFile<ProtobufFacts>('openapi/protobuf.json');
const codec = new ProtobufCodec({ facts: () => facts, schemaFor: (definition) => schemas.schemaFor(definition) });

/** What a body becomes: decoded by the schema, as from JSON. */
function asObject(bytes: Uint8Array): unknown {
  const { apiVersion, kind, value } = codec.decode(bytes);
  const node = schemas.schemaFor(facts.kinds[`${apiVersion}/${kind}`]!);
  return { kind, apiVersion, ...decodeObject(node, value).object };
}

describe.each(recorded.map((one) => ({ name: `${one.apiVersion} ${one.kind}`, ...one })))('$name', ({ object, protobuf }) => {
  it('decodes the real server’s bytes to its JSON', () => {
    expect(asObject(Buffer.from(protobuf, 'base64'))).toEqual(object);
  });

  it('encodes its JSON to bytes that say the same', () => {
    expect(asObject(codec.encode(object))).toEqual(object);
  });

  it('encodes no field that the real server does not', () => {
    const ours = codec.encode(object);
    expect(ours.byteLength).toBeLessThanOrEqual(Buffer.from(protobuf, 'base64').byteLength);
  });
});
