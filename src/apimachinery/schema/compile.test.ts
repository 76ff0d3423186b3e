import { compileSchemas } from './compile.js';
import type { SchemaNode } from './node.js';
import { parsedFile, recordedSchemas } from './testing/recorded.js';
import type { TypeFacts } from './facts.js';
import type { OpenApiDocument } from './openapi.js';

const schemas = recordedSchemas();
const pod = schemas.schemaFor('io.k8s.api.core.v1.Pod', 'api_v1');

function at(node: SchemaNode, ...path: string[]): SchemaNode {
  return path.reduce((from, name) => from.fields.get(name)!.node.items ?? from.fields.get(name)!.node, node);
}

test('a definition is compiled once, and shared between documents', () => {
  expect(schemas.schemaFor('io.k8s.api.core.v1.Pod')).toBe(pod);
  const template = schemas.schemaFor('io.k8s.api.apps.v1.Deployment', 'apis_apps_v1').fields.get('spec')!.node.fields.get('template')!.node;
  expect(template.fields.get('spec')!.node).toBe(pod.fields.get('spec')!.node);
});

test('documents are loaded only when needed, and once', () => {
  const loaded: string[] = [];
  const lazy = compileSchemas({
    documents: ['api_v1', 'apis_apps_v1'],
    load: (document) => {
      loaded.push(document);
      return parsedFile<OpenApiDocument>(`openapi/schemas/${document}.json`);
    },
    facts: () => parsedFile<TypeFacts>('openapi/pointers.json'),
  });
  expect(loaded).toEqual([]);
  lazy.schemaFor('io.k8s.api.apps.v1.Deployment', 'apis_apps_v1');
  lazy.schemaFor('io.k8s.api.apps.v1.ReplicaSet', 'apis_apps_v1');
  expect(loaded).toEqual(['apis_apps_v1']);
  expect(() => lazy.schemaFor('io.k8s.api.core.v1.Nothing')).toThrow('no schema for io.k8s.api.core.v1.Nothing in 2 documents');
  expect(loaded).toEqual(['apis_apps_v1', 'api_v1']);
});

test('a place says how its list is merged', () => {
  const containers = pod.fields.get('spec')!.node.fields.get('containers')!;
  expect(containers).toMatchObject({
    listType: 'map',
    listMapKeys: ['name'],
    patchStrategy: 'merge',
    patchMergeKey: 'name',
    required: true,
  });
  const ports = at(pod, 'spec', 'containers').fields.get('ports')!;
  expect(ports).toMatchObject({ listType: 'map', listMapKeys: ['containerPort', 'protocol'], patchMergeKey: 'containerPort' });
  expect(at(pod, 'spec').fields.get('tolerations')).toMatchObject({ listType: 'atomic', patchStrategy: '' });
  expect(at(pod, 'spec').fields.get('nodeSelector')!.mapType).toBe('atomic');
  expect(at(pod, 'spec', 'topologySpreadConstraints').fields.get('labelSelector')!.mapType).toBe('atomic');
});

test('types of their own have nodes of their own', () => {
  const container = at(pod, 'spec', 'containers');
  expect(container.fields.get('resources')!.node.fields.get('limits')!.node).toMatchObject({
    type: 'map',
    additional: { type: 'quantity' },
  });
  expect(at(container, 'livenessProbe', 'httpGet', 'port').type).toBe('intOrString');
  expect(at(pod, 'metadata', 'creationTimestamp').type).toBe('time');
  expect(at(pod, 'metadata', 'managedFields', 'fieldsV1').type).toBe('any');
  expect(at(schemas.schemaFor('io.k8s.api.coordination.v1.Lease'), 'spec', 'renewTime').type).toBe('microTime');
  expect(at(schemas.schemaFor('io.k8s.api.core.v1.Secret'), 'data').additional).toMatchObject({ type: 'string', format: 'byte' });
});

test('a definition may contain itself', () => {
  const schema = schemas.schemaFor('io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps');
  expect(at(schema, 'not')).toBe(schema);
  expect(schema.fields.get('properties')!.node.additional).toBe(schema);
  expect(at(schema, 'items')).toMatchObject({ type: 'any', additional: schema });
});

test('every definition of every document compiles', () => {
  for (const document of [
    'api_v1',
    'apis_apps_v1',
    'apis_resource.k8s.io_v1',
    'apis_apiextensions.k8s.io_v1',
    'apis_admissionregistration.k8s.io_v1',
  ]) {
    for (const name of Object.keys(parsedFile<OpenApiDocument>(`openapi/schemas/${document}.json`))) {
      const node = schemas.schemaFor(name, document);
      for (const field of node.fields.values()) expect(field.node.type).toBeDefined();
    }
  }
});
