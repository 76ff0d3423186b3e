// Writes OpenAPI 2.0: one document for the whole API. https://spec.openapis.org/oas/v2.0
import type { Entries } from './entries.js';
import { meta } from './names.js';
import type { Operation } from './operations.js';
import type { PathModel } from './paths.js';
import { parameters, sortedParameters, type Parameter } from './parameters.js';

const phrases = { '200': 'OK', '201': 'Created', '202': 'Accepted', '401': 'Unauthorized' } as const;

/** Bodies that many operations share, by definition; the others are written out. */
const sharedBodies: ReadonlyMap<string, { readonly name: string; readonly required: boolean }> = new Map([
  [`${meta}.DeleteOptions`, { name: 'body-2Y1dVQaQ', required: false }],
  [`${meta}.Patch`, { name: 'body-78PwaGsr', required: true }],
]);

/** The document; `version` is the API's, such as `1.36`. */
export function documentV2(version: string, paths: Entries, definitions: Entries): unknown {
  return {
    swagger: '2.0',
    info: { title: 'Kubernetes', version },
    paths,
    definitions,
    parameters: sharedParameters(),
    securityDefinitions: {
      BearerToken: { description: 'Bearer Token authentication', type: 'apiKey', name: 'authorization', in: 'header' },
    },
    security: [{ BearerToken: [] }],
  };
}

/** One entry of `paths`. */
export function pathItemV2({ operations, parameters: keys }: PathModel): unknown {
  return {
    ...Object.fromEntries(operations.map((one) => [one.method, operation(one)])),
    ...(keys.length === 0 ? {} : { parameters: sortedParameters(keys).map(parameter) }),
  };
}

function sharedParameters(): unknown {
  const entries: [string, unknown][] = [...parameters.values()]
    .filter(({ shared }) => shared !== undefined)
    .map((one) => [`${one.name}-${one.shared}`, whole(one)]);
  for (const [definition, { name, required }] of sharedBodies) entries.push([name, body(definition, required)]);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function whole({ name, in: place, type }: Parameter): unknown {
  return { uniqueItems: true, type, name, in: place, ...(place === 'path' ? { required: true } : {}) };
}

function body(definition: string, required: boolean): unknown {
  return { name: 'body', in: 'body', ...(required ? { required } : {}), schema: { $ref: `#/definitions/${definition}` } };
}

function parameter(one: Parameter): unknown {
  return one.shared === undefined ? whole(one) : { $ref: `#/parameters/${one.name}-${one.shared}` };
}

function operation(one: Operation): unknown {
  const shared = one.body === undefined ? undefined : sharedBodies.get(one.body.definition);
  const parameterList = [
    ...(one.body === undefined
      ? []
      : [shared === undefined ? body(one.body.definition, one.body.required) : { $ref: `#/parameters/${shared.name}` }]),
    ...sortedParameters(one.parameters).map(parameter),
  ];
  return {
    ...(one.consumes.length === 0 ? {} : { consumes: one.consumes }),
    produces: one.produces,
    schemes: ['https'],
    tags: [one.tag],
    operationId: one.operationId,
    ...(parameterList.length === 0 ? {} : { parameters: parameterList }),
    responses: Object.fromEntries(
      one.responses.map(([code, definition]) => [
        code,
        { description: phrases[code], ...(definition === undefined ? {} : { schema: schemaOf(definition) }) },
      ]),
    ),
    ...(one.action === undefined ? {} : { 'x-kubernetes-action': one.action, 'x-kubernetes-group-version-kind': one.groupVersionKind }),
  };
}

function schemaOf(definition: string): unknown {
  return definition === 'string' ? { type: 'string' } : { $ref: `#/definitions/${definition}` };
}
