// Discovery documents in the forms other than JSON.
import { protobufMediaType } from '../../apimachinery/protobuf/codec.js';
import { yamlBytes } from '../encoding/yaml.js';
import type { DocumentEncoder } from './index.js';
import { protobufDocument } from './protobuf.js';

/** By media type. */
export const discoveryEncoders: ReadonlyMap<string, DocumentEncoder> = new Map<string, DocumentEncoder>([
  ['application/yaml', yamlBytes],
  [protobufMediaType, protobufDocument],
]);
