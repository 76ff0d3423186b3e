// Conversion webhooks that answer what no server should.
import { define, definitionsPath, group, instance, kindOf, open } from '../definitions.js';
import { badWebhook } from '../webhook.js';
import { expected, fields, list, template, type Attack, type Group } from '../world.js';

const review = (uid: string, convertedObjects: unknown, result: object = { status: 'Success' }): string =>
  JSON.stringify({ apiVersion: 'apiextensions.k8s.io/v1', kind: 'ConversionReview', response: { uid, result, convertedObjects } });
const converted =
  (spec: unknown, metadata: object = {}) =>
  (uid: string): string =>
    review(uid, [{ apiVersion: `${group}/v2`, kind: kindOf('converted'), metadata: { name: 'one', ...metadata }, spec }]);

const replies: Readonly<Record<string, (uid: string) => string>> = {
  'a text of 2.9 MB': () => 'x'.repeat(2_900_000),
  'a list nested 500,000 deep': () => '['.repeat(500_000) + ']'.repeat(500_000),
  '15,000 objects for one': (uid) =>
    review(
      uid,
      list(15_000, () => ({ apiVersion: `${group}/v2`, kind: kindOf('converted') })),
    ),
  'an object with 75,000 keys': converted(fields(75_000, (at) => [`k${at}`, 'v'])),
  'an object with 60,000 labels': converted({}, { labels: fields(60_000, (at) => [`l${at}`, 'v']) }),
  'an object with 5,000 managers': converted({}, { managedFields: list(5000, (at) => ({ manager: `m${at}`, operation: 'Apply', apiVersion: 'v1', fieldsType: 'FieldsV1', fieldsV1: { 'f:data': { [`f:k${at}`]: {} } } })) }), // prettier-ignore
  'a failure of 1 MB': (uid) => review(uid, [], { status: 'Failed', message: 'no '.repeat(340_000) }),
};

export const conversions: Group = {
  name: 'conversion webhooks',
  attacks: async (world) => {
    const bad = await badWebhook(replies);
    const path = await define(world, 'converted', open, {
      spec: {
        versions: ['v1', 'v2'].map((name) => ({ name, served: true, storage: name === 'v1', schema: { openAPIV3Schema: open } })),
        conversion: {
          strategy: 'Webhook',
          webhook: { conversionReviewVersions: ['v1'], clientConfig: { url: bad.url('hangs'), caBundle: bad.caBundle } },
        },
      },
    });
    expected(await world.ask('POST', path, { body: template(instance('converted', { a: 1 }))('one') }), 201, 'converted');
    const redirected = async (name: string): Promise<void> => {
      const body = { spec: { conversion: { webhook: { clientConfig: { url: bad.url(name) } } } } };
      expected(
        await world.ask('PATCH', `${definitionsPath}/converted.${group}`, { body, type: 'application/merge-patch+json' }),
        200,
        name,
      );
      // Established once more; the server takes the change over its watch.
      await new Promise((done) => setTimeout(done, 200));
    };
    return Object.keys(replies).map((name): Attack => ({
      title: name,
      prepare: () => redirected(name),
      run: () => world.ask('GET', `${path.replace('/v1/', '/v2/')}/one`),
    }));
  },
};
