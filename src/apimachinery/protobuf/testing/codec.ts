// The codec over this checkout's openapi/ folder, for tests.
import { parsedFile, recordedSchemas } from '../../schema/testing/recorded.js';
import type { Schemas } from '../../schema/compile.js';
import { ProtobufCodec } from '../codec.js';
import type { ProtobufFacts } from '../facts.js';

export interface TestCodec {
  readonly codec: ProtobufCodec;
  readonly schemas: Schemas;
  readonly facts: ProtobufFacts;
}

export function recordedCodec(): TestCodec {
  const schemas = recordedSchemas();
  const facts = parsedFile<ProtobufFacts>('openapi/protobuf.json');
  return { schemas, facts, codec: new ProtobufCodec({ facts: () => facts, schemaFor: (definition) => schemas.schemaFor(definition) }) };
}
