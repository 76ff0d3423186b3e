import { readFileSync } from 'node:fs';
import { compileSchemas } from '../schema/compile.js';
import { DecodeError } from '../schema/decode.js';
import type { TypeFacts } from '../schema/facts.js';
import type { OpenApiDocument } from '../schema/openapi.js';
import { convertUnstructured } from './unstructured.js';

const openapi = new URL('../../../openapi/', import.meta.url);
const json = <T>(url: URL): T => JSON.parse(readFileSync(url, 'utf8')) as T;
const schemas = compileSchemas({
  documents: ['apis_apps_v1', 'apis_apiextensions.k8s.io_v1'],
  load: (document) => json<OpenApiDocument>(new URL(`schemas/${document}.json`, openapi)),
  facts: () => json<TypeFacts>(new URL('pointers.json', openapi)),
});
const node = schemas.schemaFor('io.k8s.api.apps.v1.Deployment');

it.each([
  [{ spec: 'x' }, 'cannot restore struct from: string'],
  [{ spec: [] }, 'cannot restore struct from: slice'],
  [{ spec: { replicas: 'x' } }, 'unrecognized type: int32'],
  [{ spec: { replicas: 1.5 } }, 'cannot convert float64 to int32'],
  [{ spec: { paused: 1 } }, 'unrecognized type: bool'],
  [{ spec: { strategy: { type: 1 } } }, 'cannot convert int64 to v1.DeploymentStrategyType'],
  [{ metadata: { labels: { a: true } } }, 'unrecognized type: string'],
  [{ metadata: { labels: ['a'] } }, 'cannot restore map from slice'],
  [{ metadata: { finalizers: { a: 'b' } } }, 'cannot restore slice from map'],
  [{ spec: { strategy: { rollingUpdate: { maxSurge: true } } } }, 'json: cannot unmarshal bool into Go value of type int32'],
])('refuses %j: %s', (value, message) => {
  expect(() => convertUnstructured(node, value)).toThrow(new DecodeError(message));
});

it('keeps what fits as it is, and lets large integers lose what does not fit', () => {
  const fits = { metadata: { name: 'x', labels: { a: 'b' } }, spec: { replicas: 2, unknown: { a: [1] } } };
  expect(convertUnstructured(node, fits)).toBe(fits);
  expect(convertUnstructured(node, { spec: { replicas: 2 ** 32 + 7 } })).toEqual({ spec: { replicas: 7 } });
});

it('refuses what is nested too deeply instead of overflowing the stack', () => {
  let deep: unknown = {};
  for (let i = 0; i < 5000; i++) deep = { properties: { a: deep } };
  const schema = schemas.schemaFor('io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps');
  expect(() => convertUnstructured(schema, deep)).toThrow('exceeded max depth');
});
