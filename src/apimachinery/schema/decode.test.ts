import fc from 'fast-check';
import { decodeObject, DecodeError } from './decode.js';
import { parsedFile, recordedSchemas } from './testing/recorded.js';

const schemas = recordedSchemas();
const core = (kind: string) => schemas.schemaFor(`io.k8s.api.core.v1.${kind}`, 'api_v1');

function decoded(kind: string, input: unknown): unknown {
  return decodeObject(core(kind), input).object;
}

function decodedMeta(input: unknown): unknown {
  return decodeObject(schemas.schemaFor('io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta', 'api_v1'), input).object;
}

describe('wrong types, as the reference words them', () => {
  const recorded = parsedFile<[string, unknown, string][]>('src/apimachinery/schema/testdata/errors.json');
  test.each(recorded.map((one) => [one[2], one] as const))('%s', (_, [definition, input, message]) => {
    expect(() => decodeObject(schemas.schemaFor(definition), input)).toThrow(new DecodeError(message));
  });
});

describe('empty values', () => {
  test('an explicit zero stays where the API can tell it from absent, and goes elsewhere', () => {
    const spec = {
      hostNetwork: false,
      enableServiceLinks: false,
      terminationGracePeriodSeconds: 0,
      nodeName: '',
      nodeSelector: {},
      containers: [],
    };
    expect(decoded('PodSpec', spec)).toEqual({ enableServiceLinks: false, terminationGracePeriodSeconds: 0, containers: [] });
  });
  test('a field that the API always writes is there though absent', () => {
    expect(decoded('Pod', {})).toEqual({ metadata: {}, spec: { containers: null }, status: {} });
    expect(decoded('ContainerStatus', {})).toEqual({
      name: '',
      state: {},
      lastState: {},
      ready: false,
      restartCount: 0,
      image: '',
      imageID: '',
    });
    expect(decodeObject(schemas.schemaFor('io.k8s.api.apps.v1.DeploymentSpec'), {}).object).toEqual({
      selector: null,
      strategy: {},
      template: { metadata: {}, spec: { containers: null } },
    });
  });
  test('replicas: 0 stays', () => {
    expect(decodeObject(schemas.schemaFor('io.k8s.api.apps.v1.ReplicaSetSpec'), { replicas: 0 }).object).toMatchObject({ replicas: 0 });
    expect(decodeObject(schemas.schemaFor('io.k8s.api.apps.v1.ReplicaSetStatus'), {}).object).toEqual({ replicas: 0 });
  });
  test('an empty struct stays where the API has a pointer', () => {
    expect(decoded('Volume', { name: 'a', emptyDir: {} })).toEqual({ name: 'a', emptyDir: {} });
  });
  test('nulls are dropped, and are zero values in lists and maps', () => {
    expect(decoded('ConfigMap', { data: { a: null }, metadata: { labels: null, finalizers: [null], ownerReferences: [null] } })).toEqual({
      data: { a: '' },
      metadata: { finalizers: [''], ownerReferences: [{ apiVersion: '', kind: '', name: '', uid: '' }] },
    });
    expect(decoded('ResourceRequirements', { limits: { cpu: null } })).toEqual({ limits: { cpu: '0' } });
  });
  test('the time that stands for none is none', () => {
    expect(decodedMeta({ creationTimestamp: '0001-01-01T00:00:00Z' })).toEqual({});
    expect(decoded('PodCondition', { type: 'a', status: 'b' })).toMatchObject({ lastTransitionTime: null, lastProbeTime: null });
  });
});

describe('values are made canonical', () => {
  test('quantities, times and bytes', () => {
    expect(decoded('ResourceRequirements', { limits: { cpu: '1000m', memory: 0.5 } })).toEqual({ limits: { cpu: '1', memory: '500m' } });
    expect(decodedMeta({ creationTimestamp: '2020-01-01T10:00:00.123456+02:00' })).toEqual({ creationTimestamp: '2020-01-01T08:00:00Z' });
    expect(
      decodeObject(schemas.schemaFor('io.k8s.api.coordination.v1.LeaseSpec'), { renewTime: '2020-01-01T10:00:00.000001+00:00' }).object,
    ).toEqual({
      renewTime: '2020-01-01T10:00:00.000001Z',
    });
    const data = { a: 'YQ==', b: 'YR==', c: 'Y\nQ==\r\n', d: [1, 2], e: null, f: '' };
    expect(decoded('Secret', { data })).toMatchObject({ data: { a: 'YQ==', b: 'YQ==', c: 'YQ==', d: 'AQI=', e: '', f: '' } });
  });
  test.each([
    ['%%', 0],
    ['YQ', 0],
    ['Y Q=\n=', 1],
    ['YWJjYQ', 4],
    ['YQ=x', 3],
    ['YWI=x', 4],
    ['=', 0],
  ])('%j is no base64', (text, at) => {
    expect(() => decoded('Secret', { data: { a: text } })).toThrow(new DecodeError(`illegal base64 data at input byte ${at}`));
  });
  test('ports are integers or names', () => {
    expect(decoded('HTTPGetAction', { port: 80 })).toEqual({ port: 80 });
    expect(decoded('HTTPGetAction', { port: 'http' })).toEqual({ port: 'http' });
    expect(() => decoded('HTTPGetAction', { port: 1.5 })).toThrow(
      'json: cannot unmarshal number 1.5 into Go struct field HTTPGetAction.port of type int32',
    );
  });
});

test('the first wrong type is told, but a wrong time or quantity has precedence', () => {
  expect(() => decoded('Pod', { metadata: { name: 5, creationTimestamp: 'x' } })).toThrow('parsing time "x"');
  expect(() => decoded('Pod', { metadata: { name: 5, labels: 5 } })).toThrow('ObjectMeta.metadata.name of type string');
});

test('unknown fields are dropped, and reported with their paths when asked for', () => {
  const input = { spec: { foo: 1, containers: [{ name: 'a', bar: {} }], volumes: [{ configMap: { items: [{ 'x"y': 1 }] } }] }, 'a\nb': 1 };
  const { object, problems } = decodeObject(core('Pod'), input, { reportUnknown: true });
  expect(problems).toEqual([
    'unknown field "spec.foo"',
    'unknown field "spec.containers[0].bar"',
    'unknown field "spec.volumes[0].configMap.items[0].x\\"y"',
    'unknown field "a\\nb"',
  ]);
  expect(object).toEqual({
    metadata: {},
    spec: { containers: [{ name: 'a', resources: {} }], volumes: [{ name: '', configMap: { items: [{ key: '', path: '' }] } }] },
    status: {},
  });
  expect(decodeObject(core('Pod'), input).problems).toEqual([]);
});

describe('JSON schemas of custom resources', () => {
  const props = schemas.schemaFor('io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps');
  const decode = (input: unknown) => decodeObject(props, input, { reportUnknown: true });
  test('a schema, or something else', () => {
    const input = {
      items: [{ type: 'x' }, {}],
      additionalProperties: true,
      additionalItems: { type: 'y' },
      dependencies: { a: ['x'], b: { type: 's' } },
    };
    expect(decode(input)).toEqual({ object: input, problems: [] });
  });
  test('unknown fields inside are dropped without a word', () => {
    expect(decode({ items: { foo: 1, type: 'x' }, properties: { a: { bar: 1 } } })).toEqual({
      object: { items: { type: 'x' }, properties: { a: {} } },
      problems: ['unknown field "properties.a.bar"'],
    });
  });
  test('wrong types end the decoding', () => {
    expect(() => decode({ additionalProperties: 'x' })).toThrow('boolean or JSON schema expected');
    expect(() => decode({ items: { type: 5 } })).toThrow(
      'json: cannot unmarshal number into Go struct field JSONSchemaProps.items.type of type string',
    );
    expect(() => decode({ dependencies: { a: [5] } })).toThrow('struct field JSONSchemaProps.dependencies of type string');
  });
  test('any value stays as it is', () => {
    const any = { default: { a: null, b: [1.5, 'x'] }, enum: [null, 1] };
    expect(decode(any).object).toEqual(any);
  });
});

describe('hostile input', () => {
  test('__proto__ is a key like others in maps, and unknown in structs', () => {
    const input = JSON.parse('{"data":{"__proto__":"x","constructor":"y"},"__proto__":{"polluted":true}}') as unknown;
    const { object, problems } = decodeObject(core('ConfigMap'), input, { reportUnknown: true });
    expect(JSON.stringify(object.data)).toBe('{"__proto__":"x","constructor":"y"}');
    expect(problems).toEqual(['unknown field "__proto__"']);
    expect(Object.getPrototypeOf(object)).toBe(Object.prototype);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
  test('nesting without end is refused', () => {
    let deep: Record<string, unknown> = {};
    for (let level = 0; level < 100_000; level++) deep = { not: deep };
    const props = schemas.schemaFor('io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps');
    expect(() => decodeObject(props, deep)).toThrow('exceeded max depth');
    expect(() => decodeObject(props, { default: deep })).toThrow('exceeded max depth');
  });
  test('any JSON value is decoded or refused with a DecodeError, and shares nothing with the input', () => {
    const keys = fc.constantFrom(
      'metadata',
      'spec',
      'containers',
      'name',
      'labels',
      'resources',
      'limits',
      'cpu',
      'env',
      'ports',
      'x',
      '__proto__',
    );
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { maxDepth: 5 },
        fc.constantFrom(null, true, 0, 1.5, '', 'a', '1'),
        fc.dictionary(keys, tie('tree'), { maxKeys: 4 }),
        fc.array(tie('tree'), { maxLength: 3 }),
      ),
    }));
    fc.assert(
      fc.property(tree, (input) => {
        const before = JSON.stringify(input);
        let first: unknown;
        try {
          first = decodeObject(core('Pod'), input).object;
        } catch (error) {
          expect(error).toBeInstanceOf(DecodeError);
          return;
        }
        expect(JSON.stringify(input)).toBe(before);
        // What has been decoded stays the same when it is decoded again.
        expect(decodeObject(core('Pod'), first).object).toEqual(first);
      }),
      { numRuns: 300 },
    );
  });
});

describe('what is made of an input that is owned', () => {
  const fields: readonly (readonly [string, unknown])[] = [
    ['name', 'c'],
    ['image', 'nginx'],
    ['workingDir', ''],
    ['stdin', false],
    ['unknown', { a: 1 }],
    ['command', ['a', null, 'b']],
    ['args', null],
    ['ports', [{ containerPort: 80, nope: 1, name: '' }, null, { hostPort: 1 }]],
    ['resources', { limits: { cpu: 0.5, memory: '1024Mi' }, requests: null, claims: [] }],
    ['env', [{ name: 'A', value: '', valueFrom: { fieldRef: { fieldPath: 'x', apiVersion: null } } }]],
    ['livenessProbe', { exec: { command: [] }, httpGet: null, grpc: { port: 1 } }],
  ];
  const containers = fc.shuffledSubarray([...fields]).map((some) => Object.fromEntries(some));
  test('is the same, in the same order, as what is made of one that is not', () => {
    fc.assert(
      fc.property(fc.array(containers, { maxLength: 3 }), fc.constantFrom(null, {}, { a: 'b', __proto__x: null }), (list, labels) => {
        const pod = { status: {}, metadata: { labels, name: 'p' }, spec: { containers: list, nodeSelector: labels }, more: 1 };
        const made = decodeObject(core('Pod'), pod, { reportUnknown: true });
        const inPlace = decodeObject(core('Pod'), JSON.parse(JSON.stringify(pod)), { reportUnknown: true, owned: true });
        expect(JSON.stringify(inPlace)).toBe(JSON.stringify(made));
      }),
    );
  });
  test('a list without what is of a wrong type is an error all the same', () => {
    const input = { containers: [{ name: 'c', command: [1, 'a'] }] };
    expect(() => decodeObject(core('PodSpec'), input, { owned: true })).toThrow(DecodeError);
  });
  test('a key named __proto__ stays a key when what comes after it is dropped', () => {
    const data = JSON.parse('{"data":{"__proto__":"a","b":null},"x":1,"kind":"ConfigMap"}') as unknown;
    const { object } = decodeObject(core('ConfigMap'), data, { owned: true });
    expect(JSON.stringify(object)).toBe('{"data":{"__proto__":"a","b":""},"kind":"ConfigMap","metadata":{}}');
  });
});
