// The webhook is a program of the test's own, on loopback.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { realClock } from '../../../clock/real-clock.js';
import type { Kind } from '../../../registry/kind.js';
import type { AdmissionRequest } from '../chain.js';
import { imagePolicyWebhook } from './index.js';

const kind = { group: '', version: 'v1', resource: 'pods', kind: 'Pod', namespaced: true } as unknown as Kind;
let server: Server;
let asked: { readonly url: string | undefined; readonly review: { readonly spec: unknown } }[];
let answer: (image: string) => { readonly code?: number; readonly body: string };

beforeEach(async () => {
  asked = [];
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const review = JSON.parse(Buffer.concat(chunks).toString()) as { spec: { containers: { image: string }[] } };
      asked.push({ url: request.url, review });
      const { code = 200, body } = answer(review.spec.containers[0]!.image);
      response.writeHead(code, { 'content-type': 'application/json' }).end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(() => new Promise((resolve) => server.close(resolve)));

function status(fields: object): { body: string } {
  return { body: JSON.stringify({ apiVersion: 'imagepolicy.k8s.io/v1alpha1', kind: 'ImageReview', status: fields }) };
}

function plugin(defaultAllow: boolean) {
  const { port } = server.address() as AddressInfo;
  const backend = { server: `http://127.0.0.1:${port}/review` };
  return imagePolicyWebhook({ backend, allowTtl: 60_000, denyTtl: 60_000, retryBackoff: 1, defaultAllow }, realClock());
}

function pod(image: string, audit?: AdmissionRequest['audit']): AdmissionRequest {
  const annotations = { 'my.image-policy.k8s.io/ticket': 'break', other: 'x' };
  const object = {
    metadata: { name: 'p', annotations },
    spec: { containers: [{ name: 'a', image }], initContainers: [{ name: 'i', image: 'init' }] },
  };
  const user = { name: 'jane', groups: [] };
  return {
    operation: 'CREATE',
    kind,
    subresource: '',
    namespace: 'n',
    name: 'p',
    object,
    old: undefined,
    user,
    dryRun: false,
    warnings: [],
    audit,
  };
}

test('it is told images and annotations, and its answer is remembered', async () => {
  answer = () => status({ allowed: true, auditAnnotations: { k: 'v' } });
  const told: string[] = [];
  const audit = {
    level: 'Metadata',
    annotate: (key: string, value: string) => told.push(`${key}=${value}`),
  } as unknown as AdmissionRequest['audit'];
  const { validate } = plugin(false);
  await validate!(pod('ok', audit));
  await validate!(pod('ok', audit));
  expect(asked).toHaveLength(1);
  expect(asked[0]!.url).toBe('/review?timeout=30s');
  expect(asked[0]!.review.spec).toEqual({
    containers: [{ image: 'ok' }, { image: 'init' }],
    annotations: { 'my.image-policy.k8s.io/ticket': 'break' },
    namespace: 'n',
  });
  expect(told).toEqual(Array(2).fill('imagepolicywebhook.image-policy.k8s.io/k=v'));
});

test.each([
  [
    'a no',
    () => status({ allowed: false, reason: 'too old' }),
    'pods "p" is forbidden: image policy webhook backend denied one or more images: too old',
  ],
  ['a no without a reason', () => status({ allowed: false }), 'pods "p" is forbidden: one or more images rejected by webhook backend'],
  ['no status', () => status({}), 'pods "p" is forbidden: one or more images rejected by webhook backend'],
])('%s refuses the pod, whatever the default', async (_, say, message) => {
  answer = say;
  await expect(plugin(true).validate!(pod('x'))).rejects.toThrow(message);
});

test.each([
  ['an error', { code: 500, body: 'boom' }, 5, 'an error on the server ("unknown") has prevented the request from succeeding'],
  ['a refusal', { code: 400, body: 'bad' }, 1, 'the server rejected our request for an unknown reason'],
  ['garbage', { body: 'xx' }, 1, "couldn't get version/kind; json parse error"],
  ['another kind', { body: '{"kind":"Foo","apiVersion":"v1"}' }, 1, 'no kind "Foo" is registered for version "v1" in scheme'],
  ['a list', { body: '[]' }, 1, "couldn't get version/kind"],
])('%s lets the default decide', async (_, say, times, message) => {
  answer = () => say;
  await expect(plugin(false).validate!(pod('x'))).rejects.toThrow(message);
  expect(asked).toHaveLength(times);
  await plugin(true).validate!(pod('x'));
});
