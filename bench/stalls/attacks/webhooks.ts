// Admission webhooks that hang, lie, or answer far too much.
import { badWebhook, type BadWebhook } from '../webhook.js';
import { core, expected, fields, flood, list, type Attack, type Group } from '../world.js';

const configurations = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations';

type Reply = (uid: string) => string;

const review = (response: object): string => JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response });
const yes =
  (more: object): Reply =>
  (uid) =>
    review({ uid, allowed: true, ...more });
const patched = (operations: unknown): Reply => {
  const patch = Buffer.from(typeof operations === 'string' ? operations : JSON.stringify(operations)).toString('base64');
  return yes({ patchType: 'JSONPatch', patch });
};
const add = (path: string, value: unknown): object => ({ op: 'add', path, value });

/** Each makes twice as much of what is there. */
const doubling = (times: number): unknown => [
  add('/metadata/labels/k', { k: 'xxxxxxxx' }),
  ...list(times, (index) => ({ op: 'copy', from: '/metadata/labels', path: `/metadata/labels/k${index}` })),
];

const replies: Readonly<Record<string, Reply>> = {
  'a text of 2.9 MB': () => 'x'.repeat(2_900_000),
  'a text of 1 MB': () => 'x'.repeat(1_000_000),
  'JSON that ends too early, 1 MB': () => `{"a":[${'1,'.repeat(500_000)}`,
  'a list nested 500,000 deep': () => '['.repeat(500_000) + ']'.repeat(500_000),
  'an object nested 150,000 deep': () => `${'{"a":'.repeat(150_000)}1${'}'.repeat(150_000)}`,
  'a list of 500,000 numbers': () => `[${'1,'.repeat(500_000)}1]`,
  '90,000 fields that nobody knows': (uid) => JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response: { uid, allowed: true }, ...fields(90_000, (at) => [`f${at}`, 1]) }), // prettier-ignore
  'the field allowed 65,000 times': (uid) => `{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","response":{"uid":"${uid}",${list(65_000, () => '"allowed":true').join(',')}}}`, // prettier-ignore
  'a refusal of 1 MB': (uid) => review({ uid, allowed: false, status: { message: 'no '.repeat(340_000), code: 403 } }),
  'a refusal with 20,000 causes': (uid) => review({ uid, allowed: false, status: { message: 'no', details: { causes: list(20_000, (at) => ({ reason: 'x', message: 'y', field: `f${at}` })) } } }), // prettier-ignore
  '60,000 warnings': yes({ warnings: list(60_000, (at) => `warning ${at}`) }),
  'a warning of 1 MB': yes({ warnings: ['w'.repeat(1_000_000)] }),
  '60,000 audit annotations': yes({ auditAnnotations: fields(60_000, (at) => [`a${at}`, 'v']) }),
  'a patch of 1 MB that is no base64': yes({ patchType: 'JSONPatch', patch: `${'A'.repeat(1_000_000)}!` }),
  'a patch of 750 KB that is no JSON': patched('['.repeat(750_000)),
  'a patch nested 350,000 deep': patched(`[{"op":"add","path":"/data","value":${'['.repeat(350_000)}${']'.repeat(350_000)}}]`),
  'a patch of 10,000 operations': patched([add('/data', {}), ...list(9999, (at) => add(`/data/k${at}`, 'v'))]),
  'a patch of 15,000 operations': patched([add('/data', {}), ...list(15_000, (at) => add(`/data/k${at}`, 'v'))]),
  'a patch of 10,000 insertions at the front': patched([
    add('/metadata/finalizers', []),
    ...list(9999, (at) => add('/metadata/finalizers/0', `a.b/c${at}`)),
  ]),
  'a patch of 10,000 tests, the last of which fails': patched([
    add(
      '/data',
      fields(3000, (at) => [`k${at}`, 'v']),
    ),
    ...list(9998, () => ({ op: 'test', path: '/data/k5', value: 'v' })),
    { op: 'test', path: '/data', value: {} },
  ]),
  'a patch of 40 copies that double': patched(doubling(40)),
  'a patch with 50,000 keys': patched([
    add(
      '/data',
      fields(50_000, (at) => [`k${at}`, 'v']),
    ),
  ]),
  'a patch with a value of 700 KB': patched([add('/data', { a: 'x'.repeat(700_000) })]),
  'a patch with 50,000 labels': patched([
    add(
      '/metadata/labels',
      fields(50_000, (at) => [`l${at}`, 'v']),
    ),
  ]),
  'a patch of the uid': patched([add('/metadata/uid', 'u'.repeat(700_000))]),
  'a patch of the name': patched([add('/metadata/name', 'n'.repeat(700_000))]),
  'a patch of the managed fields, 5,000': patched([
    add(
      '/metadata/managedFields',
      list(5000, (at) => ({ manager: `m${at}`, operation: 'Apply', apiVersion: 'v1', fieldsType: 'FieldsV1', fieldsV1: { 'f:data': { [`f:k${at}`]: {} } } })), // prettier-ignore
    ),
  ]),
  'a patch of the owners, 8,000': patched([
    add(
      '/metadata/ownerReferences',
      list(8000, (at) => ({ apiVersion: 'v1', kind: 'Pod', name: `p${at}`, uid: `u${at}` })),
    ),
  ]),
};

export const webhooks: Group = {
  name: 'webhooks',
  attacks: async ({ ask }) => {
    const bad: BadWebhook = await badWebhook(replies);
    const title = (name: string): string => `webhook-${Object.keys(replies).indexOf(name)}`;
    const configured =
      (name: string, timeoutSeconds = 30): Attack['prepare'] =>
      async () =>
        expected(
          await ask('POST', configurations, {
            body: {
              apiVersion: 'admissionregistration.k8s.io/v1',
              kind: 'MutatingWebhookConfiguration',
              metadata: { name: title(name) },
              webhooks: [
                {
                  name: 'bad.example.com',
                  clientConfig: { url: bad.url(name), caBundle: bad.caBundle },
                  rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['configmaps'] }],
                  objectSelector: { matchLabels: { stalls: title(name) } },
                  sideEffects: 'None',
                  admissionReviewVersions: ['v1'],
                  timeoutSeconds,
                },
              ],
            },
          }),
          201,
          name,
        );
    const create = (name: string, suffix = ''): ReturnType<typeof ask> =>
      ask('POST', `${core}/configmaps`, { body: { metadata: { name: `hooked${suffix}`, labels: { stalls: title(name) } } } });
    const restore = (name: string) => async (): Promise<void> => {
      await ask('DELETE', `${configurations}/${title(name)}`);
      await ask('PATCH', `${core}/configmaps/hooked`, { body: { metadata: { finalizers: null } }, type: 'application/merge-patch+json' });
      await ask('DELETE', `${core}/configmaps/hooked`);
    };
    const attack = (name: string): Attack => ({ title: name, prepare: configured(name)!, run: () => create(name), restore: restore(name) });
    return [
      { title: 'one that hangs, asked for 150 at once', prepare: configured('hangs', 1)!, run: () => flood(150, (index) => create('hangs', `-${index}`), 150), restore: restore('hangs') }, // prettier-ignore
      ...Object.keys(replies).map(attack),
    ];
  },
};
