// The messages of OpenAPI 3.0 in protobuf, as far as the API server's documents use them.
// https://github.com/google/gnostic/blob/main/openapiv3/OpenAPIv3.proto
import { isRecord } from '../../../apimachinery/object.js';
import type { Message, Messages } from './encode.js';

/** Either the thing (1) or a reference to it (2). */
function orReference(message: string): Message {
  return {
    options: { thing: [1, message], reference: [2, 'Reference'] },
    choose: (value) => (isRecord(value) && '$ref' in value ? 'reference' : 'thing'),
  };
}

export const messagesV3: Messages = {
  Document: {
    fields: { openapi: [1, 'string'], info: [2, 'Info'], paths: [4, 'Paths'], components: [5, 'Components'] },
    extensions: 9,
  },
  Info: { fields: { title: [1, 'string'], description: [2, 'string'], version: [6, 'string'] } },
  Paths: { map: [1, 'PathItem'] },
  PathItem: {
    fields: {
      get: [4, 'Operation'],
      put: [5, 'Operation'],
      post: [6, 'Operation'],
      delete: [7, 'Operation'],
      options: [8, 'Operation'],
      head: [9, 'Operation'],
      patch: [10, 'Operation'],
      parameters: [13, 'ParameterOrReference', 'repeated'],
    },
    extensions: 14,
  },
  Operation: {
    fields: {
      tags: [1, 'string', 'repeated'],
      description: [3, 'string'],
      operationId: [5, 'string'],
      parameters: [6, 'ParameterOrReference', 'repeated'],
      requestBody: [7, 'RequestBodyOrReference'],
      responses: [8, 'Responses'],
    },
    extensions: 13,
  },
  ParameterOrReference: orReference('Parameter'),
  Parameter: {
    fields: {
      name: [1, 'string'],
      in: [2, 'string'],
      description: [3, 'string'],
      required: [4, 'bool'],
      schema: [10, 'SchemaOrReference'],
    },
    extensions: 14,
  },
  RequestBodyOrReference: orReference('RequestBody'),
  RequestBody: { fields: { description: [1, 'string'], content: [2, 'MediaTypes'], required: [3, 'bool'] }, extensions: 4 },
  MediaTypes: { map: [1, 'MediaType'] },
  MediaType: { fields: { schema: [1, 'SchemaOrReference'] }, extensions: 5 },
  Responses: { map: [2, 'ResponseOrReference'] },
  ResponseOrReference: orReference('Response'),
  Response: { fields: { description: [1, 'string'], content: [3, 'MediaTypes'] }, extensions: 5 },
  Reference: { fields: { $ref: [1, 'string'], summary: [2, 'string'], description: [3, 'string'] } },
  Components: {
    fields: { schemas: [1, 'SchemasOrReferences'], securitySchemes: [7, 'SecuritySchemesOrReferences'] },
    extensions: 10,
  },
  SchemasOrReferences: { map: [1, 'SchemaOrReference'] },
  SchemaOrReference: orReference('Schema'),
  Schema: {
    fields: {
      nullable: [1, 'bool'],
      readOnly: [3, 'bool'],
      writeOnly: [4, 'bool'],
      externalDocs: [6, 'ExternalDocs'],
      example: [7, 'any'],
      title: [9, 'string'],
      multipleOf: [10, 'double'],
      maximum: [11, 'double'],
      exclusiveMaximum: [12, 'bool'],
      minimum: [13, 'double'],
      exclusiveMinimum: [14, 'bool'],
      maxLength: [15, 'integer'],
      minLength: [16, 'integer'],
      pattern: [17, 'string'],
      maxItems: [18, 'integer'],
      minItems: [19, 'integer'],
      uniqueItems: [20, 'bool'],
      maxProperties: [21, 'integer'],
      minProperties: [22, 'integer'],
      required: [23, 'string', 'repeated'],
      enum: [24, 'any', 'repeated'],
      type: [25, 'string'],
      allOf: [26, 'SchemaOrReference', 'repeated'],
      oneOf: [27, 'SchemaOrReference', 'repeated'],
      anyOf: [28, 'SchemaOrReference', 'repeated'],
      not: [29, 'Schema'],
      items: [30, 'ItemsItem'],
      properties: [31, 'SchemasOrReferences'],
      additionalProperties: [32, 'AdditionalProperties'],
      default: [33, 'DefaultType'],
      description: [34, 'string'],
      format: [35, 'string'],
    },
    extensions: 36,
  },
  ItemsItem: { options: { value: [1, 'SchemaOrReference', 'repeated'] }, choose: () => 'value' },
  AdditionalProperties: {
    options: { schema: [1, 'SchemaOrReference'], boolean: [2, 'bool'] },
    choose: (value) => (typeof value === 'boolean' ? 'boolean' : 'schema'),
  },
  /** Objects and lists have no place in it: the message is there, but empty. */
  DefaultType: {
    options: { number: [1, 'double'], boolean: [2, 'bool'], string: [3, 'string'] },
    choose: (value) => (typeof value === 'object' ? undefined : typeof value),
  },
  ExternalDocs: { fields: { description: [1, 'string'], url: [2, 'string'] } },
  SecuritySchemesOrReferences: { map: [1, 'SecuritySchemeOrReference'] },
  SecuritySchemeOrReference: orReference('SecurityScheme'),
  SecurityScheme: { fields: { type: [1, 'string'], description: [2, 'string'], name: [3, 'string'], in: [4, 'string'] }, extensions: 9 },
};
