import { ApiError } from '../errors/api-error.js';
import { parsedFile, recordedSchemas } from '../schema/testing/recorded.js';
import { decodeBody, decodeObjectBody, type FieldValidation } from './body.js';

const schemas = recordedSchemas();

/** Kinds that the recorded bodies name and the reference knows. */
const known = [
  'v1 Pod',
  'v1 Service',
  'v1 List',
  'v1 ConfigMapList',
  'v1 Status',
  'v1 DeleteOptions',
  'apps/v1 ReplicaSet',
  'apps/v1beta1 Deployment',
];
known.push(
  'rbac.authorization.k8s.io/v1 Role',
  'autoscaling/v1 Scale',
  'events.k8s.io/v1 Event',
  'extensions/v1beta1 Deployment',
  'apps/v1beta1 Scale',
);

function decode(
  kind: string,
  type: string,
  body: string,
  fieldValidation: FieldValidation,
): { message: string | null; warnings: readonly string[] } {
  try {
    const { warnings } = decodeObjectBody(Buffer.from(body, 'latin1'), {
      mediaType: `application/${type}`,
      expected: { group: '', version: 'v1', kind },
      node: schemas.schemaFor(`io.k8s.api.core.v1.${kind}`, 'api_v1'),
      fieldValidation,
      isKnown: ({ group, version, kind: name }) => known.includes(`${group === '' ? '' : `${group}/`}${version} ${name}`),
    });
    return { message: null, warnings };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    expect(error.code).toBe(400);
    return { message: error.message, warnings: [] };
  }
}

interface Exchange {
  kind: string;
  type: string;
  body: string;
  validation: FieldValidation;
  message: string | null;
  warnings: string[];
}

describe('bodies that the reference was asked about', () => {
  const exchanges = parsedFile<Exchange[]>('src/apimachinery/codec/testdata/bodies.json');
  test.each(exchanges.map((one) => [`${one.type} ${one.validation} ${JSON.stringify(one.body).slice(0, 100)}`, one] as const))(
    '%s',
    (_, one) => {
      expect(decode(one.kind, one.type, one.body, one.validation)).toEqual({ message: one.message, warnings: one.warnings });
    },
  );
});

describe('an object of a body', () => {
  const decodePod = (body: string, mediaType = '') =>
    decodeObjectBody(Buffer.from(body), {
      mediaType,
      expected: { group: '', version: 'v1', kind: 'Pod' },
      node: schemas.schemaFor('io.k8s.api.core.v1.Pod'),
      fieldValidation: 'Strict',
    }).object;

  test('begins with its kind, filled in', () => {
    expect(Object.keys(decodePod('{"spec":{"containers":[]},"metadata":{"name":"a"}}'))).toEqual([
      'kind',
      'apiVersion',
      'metadata',
      'spec',
      'status',
    ]);
  });

  test('may not be of an unknown media type', () => {
    expect(() => decodePod('{}', 'text/plain')).toThrow(
      /^the body of the request was in an unknown format - accepted media types include: application\/json/,
    );
  });

  test('with a version of the same kind is told the version expected', () => {
    const decodeAutoscaler = (isKnown: boolean) => () =>
      decodeObjectBody(Buffer.from('{"kind":"HorizontalPodAutoscaler","apiVersion":"autoscaling/v1"}'), {
        mediaType: 'application/json',
        expected: { group: 'autoscaling', version: 'v2', kind: 'HorizontalPodAutoscaler' },
        node: schemas.schemaFor('io.k8s.api.autoscaling.v2.HorizontalPodAutoscaler'),
        fieldValidation: 'Ignore',
        isKnown: () => isKnown,
      });
    expect(decodeAutoscaler(true)).toThrow(
      'the API version in the data (autoscaling/v1) does not match the expected API version (autoscaling/v2)',
    );
    expect(decodeAutoscaler(false)).toThrow('no kind "HorizontalPodAutoscaler" is registered for version "autoscaling/v1"');
  });
});

test('a body without a schema is its plain value', () => {
  expect(decodeBody(Buffer.from('{"a":1.0,"a":2e3}'), 'application/json')).toEqual({ a: 2000 });
  expect(decodeBody(Buffer.from('a: 1\n'), 'application/yaml')).toEqual({ a: 1 });
  expect(() => decodeBody(Buffer.from('{'), '')).toThrow("couldn't get version/kind; json parse error: unexpected end of JSON input");
  expect(() => decodeBody(Buffer.from('{}'), 'application/cbor')).toThrow(ApiError);
});
