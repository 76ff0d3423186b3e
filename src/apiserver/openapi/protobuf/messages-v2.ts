// The messages of OpenAPI 2.0 in protobuf, as far as the API server's documents use them.
// https://github.com/google/gnostic/blob/main/openapiv2/OpenAPIv2.proto
import { isRecord } from '../../../apimachinery/object.js';
import type { Field, Message, Messages } from './encode.js';

/** Either the thing (1) or a reference to it (2). */
function orReference(message: string): Message {
  return {
    options: { thing: [1, message], reference: [2, 'Reference'] },
    choose: (value) => (isRecord(value) && '$ref' in value ? 'reference' : 'thing'),
  };
}

/** A message with one field, whatever the value. */
function wrapped(field: Field): Message {
  return { options: { value: field }, choose: () => 'value' };
}

/** Header, form, query and path parameters differ in their field numbers after `in`. */
function parameterFields(afterName: number): Readonly<Record<string, Field>> {
  return {
    required: [1, 'bool'],
    in: [2, 'string'],
    description: [3, 'string'],
    name: [4, 'string'],
    type: [afterName, 'string'],
    format: [afterName + 1, 'string'],
    uniqueItems: [afterName + 14, 'bool'],
  };
}

export const messagesV2: Messages = {
  Document: {
    fields: {
      swagger: [1, 'string'],
      info: [2, 'Info'],
      paths: [8, 'Paths'],
      definitions: [9, 'Schemas'],
      parameters: [10, 'Parameters'],
      security: [12, 'SecurityRequirement', 'repeated'],
      securityDefinitions: [13, 'SecurityDefinitions'],
    },
    extensions: 16,
  },
  Info: { fields: { title: [1, 'string'], version: [2, 'string'], description: [3, 'string'] } },
  Paths: { map: [2, 'PathItem'] },
  PathItem: {
    fields: {
      get: [2, 'Operation'],
      put: [3, 'Operation'],
      post: [4, 'Operation'],
      delete: [5, 'Operation'],
      options: [6, 'Operation'],
      head: [7, 'Operation'],
      patch: [8, 'Operation'],
      parameters: [9, 'ParametersItem', 'repeated'],
    },
    extensions: 10,
  },
  Operation: {
    fields: {
      tags: [1, 'string', 'repeated'],
      description: [3, 'string'],
      operationId: [5, 'string'],
      produces: [6, 'string', 'repeated'],
      consumes: [7, 'string', 'repeated'],
      parameters: [8, 'ParametersItem', 'repeated'],
      responses: [9, 'Responses'],
      schemes: [10, 'string', 'repeated'],
    },
    extensions: 13,
  },
  Responses: { map: [1, 'ResponseValue'] },
  ResponseValue: orReference('Response'),
  Response: { fields: { description: [1, 'string'], schema: [2, 'SchemaItem'] }, extensions: 5 },
  SchemaItem: wrapped([1, 'Schema']),
  Reference: { fields: { $ref: [1, 'string'], description: [2, 'string'] } },
  Parameters: { map: [1, 'Parameter'] },
  ParametersItem: orReference('Parameter'),
  Parameter: {
    options: { body: [1, 'BodyParameter'], other: [2, 'NonBodyParameter'] },
    choose: (value) => (isRecord(value) && value.in === 'body' ? 'body' : 'other'),
  },
  BodyParameter: {
    fields: { description: [1, 'string'], name: [2, 'string'], in: [3, 'string'], required: [4, 'bool'], schema: [5, 'Schema'] },
    extensions: 6,
  },
  NonBodyParameter: {
    options: { query: [3, 'QueryParameter'], path: [4, 'PathParameter'] },
    choose: (value) => (isRecord(value) && value.in === 'path' ? 'path' : 'query'),
  },
  QueryParameter: { fields: parameterFields(6), extensions: 23 },
  PathParameter: { fields: parameterFields(5), extensions: 22 },
  Schemas: { map: [1, 'Schema'] },
  Schema: {
    fields: {
      $ref: [1, 'string'],
      format: [2, 'string'],
      title: [3, 'string'],
      description: [4, 'string'],
      default: [5, 'any'],
      multipleOf: [6, 'double'],
      maximum: [7, 'double'],
      exclusiveMaximum: [8, 'bool'],
      minimum: [9, 'double'],
      exclusiveMinimum: [10, 'bool'],
      maxLength: [11, 'integer'],
      minLength: [12, 'integer'],
      pattern: [13, 'string'],
      maxItems: [14, 'integer'],
      minItems: [15, 'integer'],
      uniqueItems: [16, 'bool'],
      maxProperties: [17, 'integer'],
      minProperties: [18, 'integer'],
      required: [19, 'string', 'repeated'],
      enum: [20, 'any', 'repeated'],
      additionalProperties: [21, 'AdditionalProperties'],
      type: [22, 'TypeItem'],
      items: [23, 'ItemsItem'],
      allOf: [24, 'Schema', 'repeated'],
      properties: [25, 'Schemas'],
      readOnly: [27, 'bool'],
      externalDocs: [29, 'ExternalDocs'],
      example: [30, 'any'],
    },
    extensions: 31,
  },
  AdditionalProperties: {
    options: { schema: [1, 'Schema'], boolean: [2, 'bool'] },
    choose: (value) => (typeof value === 'boolean' ? 'boolean' : 'schema'),
  },
  TypeItem: wrapped([1, 'string', 'repeated']),
  ItemsItem: wrapped([1, 'Schema', 'repeated']),
  ExternalDocs: { fields: { description: [1, 'string'], url: [2, 'string'] } },
  SecurityDefinitions: { map: [1, 'SecurityDefinition'] },
  SecurityDefinition: wrapped([2, 'ApiKeySecurity']),
  ApiKeySecurity: { fields: { type: [1, 'string'], name: [2, 'string'], in: [3, 'string'], description: [4, 'string'] } },
  SecurityRequirement: { map: [1, 'StringArray'] },
  StringArray: wrapped([1, 'string', 'repeated']),
};
