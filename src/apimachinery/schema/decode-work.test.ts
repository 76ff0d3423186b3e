// What is decoded in slices is decoded as at once.
import { inSteps } from '../../../test/support/in-steps.js';
import { finish } from '../../clock/slices.js';
import { recordedCodec } from '../protobuf/testing/codec.js';
import { decodeObject, DecodeError, type Decoded } from './decode.js';
import { decodeObjectWork } from './decode-work.js';

const { schemas } = recordedCodec();
const long = <T>(make: (index: number) => T, length = 3000): T[] => Array.from({ length }, (_, index) => make(index));
const fields = (make: (index: number) => unknown, length?: number): Record<string, unknown> =>
  Object.fromEntries(long((index) => [`k${index}`, make(index)], length));

const cases: readonly (readonly [string, string, unknown])[] = [
  [
    'many keys',
    'ConfigMap',
    { metadata: { name: 'a', labels: fields(() => 'x') }, data: fields((index) => (index % 9 === 0 ? null : 'x')) },
  ],
  [
    'a key that means a prototype',
    'ConfigMap',
    { data: JSON.parse(`{"__proto__":"x",${long((index) => `"k${index}":"v"`).join()}}`) as unknown },
  ],
  ['unknown fields', 'ConfigMap', { ...fields(() => 'x'), data: { a: 'b' }, metadata: { odd: 1, labels: fields(() => 'x') } }],
  [
    'fields of a manager, which are any value',
    'ConfigMap',
    {
      metadata: {
        managedFields: [{ manager: 'a', fieldsV1: { 'f:data': fields((index) => (index % 9 === 0 ? [null, { a: null }] : {})) } }],
      },
    },
  ],
  ['wrong types', 'ConfigMap', { data: fields((index) => (index === 2000 ? 7 : 'x')), immutable: 'yes' }],
  ['a list of strings in the place of a map', 'ConfigMap', { data: long(() => 'x') }],
  [
    'containers',
    'Pod',
    {
      spec: {
        containers: long((index) => ({
          name: `c${index}`,
          image: '',
          odd: index,
          env: index === 7 ? long((at) => ({ name: `E${at}`, value: '' })) : [],
        })),
        initContainers: [null],
        nodeSelector: {},
      },
    },
  ],
  [
    'a wrong type deep down',
    'Pod',
    { spec: { containers: long((index) => ({ name: 'x', ports: [{ containerPort: index === 2999 ? 'x' : 1 }] })) } },
  ],
];

function outcome(decode: () => Decoded): unknown {
  try {
    const { object, problems } = decode();
    return { text: JSON.stringify(object), problems };
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return error.message;
  }
}

test.each(cases)('%s', (_name, kind, input) => {
  const node = schemas.schemaFor(`io.k8s.api.core.v1.${kind}`);
  for (const reportUnknown of [false, true]) {
    const expected = outcome(() => decodeObject(node, input, { reportUnknown }));
    expect(outcome(() => finish(decodeObjectWork(node, input, { reportUnknown })))).toEqual(expected);
  }
});

test('gives way in the midst of a long object', () => {
  const node = schemas.schemaFor('io.k8s.api.core.v1.ConfigMap');
  expect(inSteps(decodeObjectWork(node, { data: fields(() => 'x', 20_000) })).steps).toBeGreaterThan(50);
});

test('gives way in the midst of a value that may be any', () => {
  const node = schemas.schemaFor('io.k8s.api.core.v1.ConfigMap');
  const input = { metadata: { managedFields: [{ manager: 'a', fieldsV1: { 'f:data': fields(() => ({}), 20_000) } }] } };
  expect(inSteps(decodeObjectWork(node, input)).steps).toBeGreaterThan(50);
});
