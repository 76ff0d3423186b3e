import { cronTab, recordedRegistry } from '../discovery/testing/registry.js';
import { customDefinitionsV2, customDefinitionsV3 } from './custom.js';
import { pathsOf } from './paths.js';
import { withoutTexts } from './testing/digest.js';

const string = { type: 'string' };
const intOrString = { anyOf: [{ type: 'integer' }, string], 'x-kubernetes-int-or-string': true };
const open = { 'x-kubernetes-preserve-unknown-fields': true };
const embeddedResource = { 'x-kubernetes-embedded-resource': true };
const everyObject = (reference: object): object => ({ apiVersion: string, kind: string, metadata: reference });
const objectMetaV3 = { allOf: [{ $ref: '#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta' }] };
const objectMetaV2 = { $ref: '#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta' };

/** As given, and as a real kube-apiserver v1.36.3 published it in version 3 and in version 2. */
const cases: readonly (readonly [given: object, v3: object, v2: object])[] = [
  [{ type: 'object', nullable: true, required: ['a'], properties: { a: string } }, {}, { required: ['a'] }],
  [{ type: 'array', nullable: true, items: string, minItems: 1 }, {}, { minItems: 1 }],
  [{ type: 'object', nullable: true, additionalProperties: string }, {}, { additionalProperties: string }],
  [{ type: 'array', items: { type: 'string', nullable: true } }, {}, { type: 'array', items: {} }],
  [{ type: 'string', default: 'x', enum: ['x', 'y'], minLength: 1 }, {}, { type: 'string', enum: ['x', 'y'], minLength: 1 }],
  [{ type: 'string', allOf: [{ minLength: 1 }], not: { maxLength: 9 }, anyOf: [{ pattern: '^a' }], oneOf: [{}] }, {}, string],
  [{ 'x-kubernetes-int-or-string': true }, intOrString, { 'x-kubernetes-int-or-string': true }],
  [{ ...intOrString, pattern: '^a' }, {}, { pattern: '^a', 'x-kubernetes-int-or-string': true }],
  [{ type: 'object', ...open, properties: { a: string }, required: ['a'] }, {}, { ...open, required: ['a'] }],
  [{ type: 'array', items: { type: 'object', ...open } }, {}, { type: 'array', items: open }],
  [
    { type: 'object', ...embeddedResource, ...open },
    { type: 'object', required: ['kind', 'apiVersion'], properties: everyObject(objectMetaV3), ...embeddedResource, ...open },
    { ...embeddedResource, ...open },
  ],
  [
    { type: 'object', ...embeddedResource, properties: { spec: { type: 'object' } } },
    {
      type: 'object',
      required: ['kind', 'apiVersion'],
      properties: { ...everyObject(objectMetaV3), spec: { type: 'object' } },
      ...embeddedResource,
    },
    {
      type: 'object',
      required: ['kind', 'apiVersion'],
      properties: { ...everyObject(objectMetaV2), spec: { type: 'object' } },
      ...embeddedResource,
    },
  ],
  [{ type: 'object', additionalProperties: true }, {}, { type: 'object', additionalProperties: true }],
];

describe('definitions of custom resources', () => {
  const registry = recordedRegistry();
  const name = 'com.example.stable.v1.CronTab';
  const published = (definitions: Readonly<Record<string, unknown>>): Record<string, unknown> =>
    withoutTexts(definitions[name]) as Record<string, unknown>;

  test.each(cases)('%j', (given, v3, v2) => {
    const kind = cronTab(registry, { type: 'object', properties: { spec: given } });
    expect(published(customDefinitionsV3(kind)).properties).toEqual({
      spec: Object.keys(v3).length === 0 ? given : v3,
      ...everyObject(objectMetaV3),
    });
    expect(published(customDefinitionsV2(kind)).properties).toEqual({ spec: v2, ...everyObject(objectMetaV2) });
  });

  test('an open schema has no fields in version 2', () => {
    const kind = cronTab(registry, { type: 'object', ...open });
    const gvk = { 'x-kubernetes-group-version-kind': [{ group: 'stable.example.com', kind: 'CronTab', version: 'v1' }] };
    expect(published(customDefinitionsV2(kind))).toEqual({ type: 'object', ...gvk });
    expect(published(customDefinitionsV3(kind))).toEqual({ type: 'object', properties: everyObject(objectMetaV3), ...open, ...gvk });
  });

  test('operations', () => {
    const paths = pathsOf(cronTab(registry, { type: 'object' }));
    expect(paths.map(({ path }) => path.replace('/apis/stable.example.com/v1/', ''))).toEqual([
      'namespaces/{namespace}/crontabs',
      'namespaces/{namespace}/crontabs/{name}',
      'namespaces/{namespace}/crontabs/{name}/status',
      'namespaces/{namespace}/crontabs/{name}/scale',
      'crontabs',
    ]);
    const scale = paths[3]!.operations;
    expect(scale.map(({ operationId }) => operationId)).toEqual([
      'readStableExampleComV1NamespacedCronTabScale',
      'replaceStableExampleComV1NamespacedCronTabScale',
      'patchStableExampleComV1NamespacedCronTabScale',
    ]);
    expect(scale[2]).toMatchObject({
      groupVersionKind: { group: 'stable.example.com', version: 'v1', kind: 'CronTab' },
      consumes: ['application/json-patch+json', 'application/merge-patch+json', 'application/apply-patch+yaml'],
      responses: [
        ['200', 'io.k8s.api.autoscaling.v1.Scale'],
        ['401', undefined],
      ],
    });
  });
});
