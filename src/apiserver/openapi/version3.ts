// Writes OpenAPI 3.0: one document for each group and version. https://spec.openapis.org/oas/v3.0.0
import { Entries } from './entries.js';
import type { Operation } from './operations.js';
import type { PathModel } from './paths.js';
import { sortedParameters, type Parameter } from './parameters.js';

/** What stands in every document. */
const securitySchemes = {
  BearerToken: { type: 'apiKey', description: 'Bearer Token authentication', name: 'authorization', in: 'header' },
};

const phrases = { '200': 'OK', '201': 'Created', '202': 'Accepted', '401': 'Unauthorized' } as const;

/** A document; `version` is the API's, such as `1.36`. Paths must be sorted. */
export function documentV3(version: string, paths: readonly PathModel[], schemas: Entries | undefined): unknown {
  return document({ title: 'Kubernetes', version }, paths, { ...(schemas === undefined ? {} : { schemas }), securitySchemes });
}

/** The document of a group and version of custom resources: as on the real server it has a title of its own and no security. */
export function customDocumentV3(paths: readonly PathModel[], schemas: Entries | undefined): unknown {
  return document({ title: 'Kubernetes CRD Swagger', version: 'v0.1.0' }, paths, { schemas });
}

function document(info: unknown, paths: readonly PathModel[], components: unknown): unknown {
  return {
    openapi: '3.0.0',
    info,
    paths: new Entries(function* () {
      for (const path of paths) yield [path.path, pathItem(path)];
    }),
    components,
  };
}

function pathItem({ operations, parameters }: PathModel): unknown {
  return {
    ...Object.fromEntries(operations.map((one) => [one.method, operation(one)])),
    ...(parameters.length === 0 ? {} : { parameters: sortedParameters(parameters).map(parameter) }),
  };
}

function parameter({ name, in: place, type }: Parameter): unknown {
  return { name, in: place, ...(place === 'path' ? { required: true } : {}), schema: { type, uniqueItems: true } };
}

function operation(one: Operation): unknown {
  const { body } = one;
  return {
    tags: [one.tag],
    operationId: one.operationId,
    ...(one.parameters.length === 0 ? {} : { parameters: sortedParameters(one.parameters).map(parameter) }),
    ...(body === undefined
      ? {}
      : { requestBody: { content: content(one.consumes, body.definition), ...(body.required ? { required: true } : {}) } }),
    responses: Object.fromEntries(
      one.responses.map(([code, definition]) => [
        code,
        { description: phrases[code], ...(definition === undefined ? {} : { content: content(one.produces, definition) }) },
      ]),
    ),
    ...(one.action === undefined ? {} : { 'x-kubernetes-action': one.action, 'x-kubernetes-group-version-kind': one.groupVersionKind }),
  };
}

function content(mediaTypes: readonly string[], definition: string): unknown {
  const schema = definition === 'string' ? { type: 'string' } : { $ref: `#/components/schemas/${definition}` };
  return Object.fromEntries([...mediaTypes].sort().map((mediaType) => [mediaType, { schema }]));
}
