// Long custom resources, which are decoded in slices: what comes of them is what comes of them at once.
import { inSteps } from '../../../test/support/in-steps.js';
import { decodeObject, DecodeError, type Decoded, type DecodeOptions } from '../../apimachinery/schema/decode.js';
import { decodeObjectWork } from '../../apimachinery/schema/decode-work.js';
import { recordedCodec } from '../../apimachinery/protobuf/testing/codec.js';
import { CustomVersion } from './version.js';

const { schemas } = recordedCodec();
const { node } = new CustomVersion(
  {
    name: 'v1',
    served: true,
    storage: true,
    schema: {
      openAPIV3Schema: {
        type: 'object',
        properties: {
          spec: {
            type: 'object',
            properties: {
              open: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
              list: { type: 'array', items: { type: 'object', properties: { a: { type: 'string' } } } },
              map: { type: 'object', additionalProperties: { type: 'string' } },
              inner: { type: 'object', 'x-kubernetes-embedded-resource': true, 'x-kubernetes-preserve-unknown-fields': true },
            },
          },
        },
      },
    },
  },
  'Thing',
  () => schemas.schemaFor('io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta'),
);

const many = <T>(make: (index: number) => T): T[] => Array.from({ length: 5000 }, (_, index) => make(index));
const fields = (make: (index: number) => unknown): object => Object.fromEntries(many((index) => [`k${index}`, make(index)]));
const whole = (spec: object, metadata: object = { name: 'a' }): object => ({ apiVersion: 'a.b/v1', kind: 'Thing', metadata, spec });

const cases: readonly (readonly [string, object])[] = [
  ['any value', whole({ open: fields((index) => (index % 3 === 0 ? null : [index, { a: [null] }])) })],
  [
    'a list of objects, some with odd fields',
    whole({ list: many((index) => (index % 1000 === 7 ? { odd: 1 } : { a: 'x', b: index % 2 === 0 ? null : 'y' })) }),
  ],
  ['a map with nulls', whole({ map: fields((index) => (index % 3 === 0 ? null : 'v')), odd: many((index) => index) })],
  [
    'an object within',
    whole({ inner: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'x', labels: fields(() => 'v') }, spec: fields(() => 1) } }),
  ],
  ['a wrong name of an object within', whole({ inner: { apiVersion: 7, kind: 'Pod', spec: fields(() => 1) } })],
  ['long metadata', whole({}, { name: 'a', labels: fields(() => 'v'), odd: 1 })],
  ['wrong metadata', whole({}, { name: 7, labels: fields(() => 'v') })],
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

test.each(cases)('%s', (_name, input) => {
  const both: DecodeOptions[] = [{}, { reportUnknown: true }, { reportUnknown: true, keepNulls: true }];
  for (const options of both) {
    let steps = 0;
    const decodeInSteps = (): Decoded => {
      const done = inSteps(decodeObjectWork(node, input, options));
      steps = done.steps;
      return done.value;
    };
    expect(outcome(decodeInSteps)).toEqual(outcome(() => decodeObject(node, input, options)));
    if (!_name.startsWith('wrong') && !_name.startsWith('a wrong')) expect(steps).toBeGreaterThan(10);
  }
});
