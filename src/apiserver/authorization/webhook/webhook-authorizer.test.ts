import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { manualClock, type ManualClock } from '../../../clock/manual-clock.js';
import { createAuthorizer, type Attributes, type Authorizer, type Decision } from '../authorizer.js';
import { UndecidedError } from '../forbidden.js';
import { alwaysAllow } from '../simple-authorizers.js';
import { createWebhookAuthorizer, type WebhookAuthorizerOptions } from './webhook-authorizer.js';

let clock: ManualClock;
let asked: { readonly url: string | undefined; readonly review: unknown }[] = [];
let answer: (response: ServerResponse) => void;
const server = createServer((request, response) => {
  let text = '';
  request.on('data', (chunk: Buffer) => (text += chunk.toString()));
  request.on('end', () => {
    asked.push({ url: request.url, review: text === '' ? undefined : JSON.parse(text) });
    answer(response);
  });
});

beforeAll(() => once(server.listen(0, '127.0.0.1'), 'listening'));
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const address = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}/authorize`;
const says =
  (status: object | undefined, version = 'v1') =>
  (response: ServerResponse): unknown =>
    response.end(JSON.stringify({ kind: 'SubjectAccessReview', apiVersion: `authorization.k8s.io/${version}`, status }));
beforeEach(() => {
  clock = manualClock();
  asked = [];
  answer = says({ allowed: true, reason: 'because' });
});

function authorizer(
  settings: Partial<WebhookAuthorizerOptions['settings']> = {},
  more: Pick<WebhookAuthorizerOptions, 'mostAsking'> = {},
): Authorizer {
  return createWebhookAuthorizer({
    ...more,
    config: { server: address() },
    clock,
    settings: {
      authorizedTTL: 10_000,
      unauthorizedTTL: 5_000,
      cacheAuthorizedRequests: true,
      cacheUnauthorizedRequests: true,
      timeout: 3_000,
      subjectAccessReviewVersion: 'v1',
      failurePolicy: 'NoOpinion',
      matchConditions: undefined,
      ...settings,
    },
  });
}

const attributes: Attributes = {
  user: { name: 'jane', groups: ['b', 'a'], uid: 'u', extra: { k: ['v'] } },
  verb: 'list',
  group: 'apps',
  version: 'v1',
  resource: 'deployments',
  subresource: '',
  namespace: 'team',
  name: '',
  selectors: {
    fields: [{ key: 'metadata.name', operator: 'NotIn', values: ['x'] }],
    labels: [{ key: 'a', operator: 'Exists', values: [] }],
  },
};

test('sends the review of the version, and takes its word', async () => {
  expect(await authorizer().authorize(attributes)).toEqual({ allowed: true, reason: 'because' });
  const resourceAttributes = {
    namespace: 'team',
    verb: 'list',
    group: 'apps',
    version: 'v1',
    resource: 'deployments',
    fieldSelector: { requirements: [{ key: 'metadata.name', operator: 'NotIn', values: ['x'] }] },
    labelSelector: { requirements: [{ key: 'a', operator: 'Exists' }] },
  };
  const spec = { resourceAttributes, user: 'jane', groups: ['b', 'a'], extra: { k: ['v'] }, uid: 'u' };
  const review = { kind: 'SubjectAccessReview', apiVersion: 'authorization.k8s.io/v1', metadata: {}, spec, status: { allowed: false } };
  expect(asked).toEqual([{ url: '/authorize?timeout=3s', review }]);
  answer = says({ allowed: false, denied: true }, 'v1beta1');
  const path: Attributes = { user: { name: 'joe', groups: ['g'] }, verb: 'get', path: '/version' };
  expect(await authorizer({ subjectAccessReviewVersion: 'v1beta1' }).authorize(path)).toEqual({ allowed: false, denied: true, reason: '' });
  expect(asked[1]?.review).toMatchObject({ spec: { nonResourceAttributes: { path: '/version', verb: 'get' }, user: 'joe', group: ['g'] } });
});

test('remembers a yes and a no for as long as it may', async () => {
  const one = authorizer();
  await one.authorize(attributes);
  expect(one.authorize(attributes)).toEqual({ allowed: true, reason: 'because' });
  await clock.advance(9_000);
  await one.authorize({ ...attributes, verb: 'get' });
  await one.authorize(attributes);
  expect(asked).toHaveLength(2);
  await clock.advance(2_000);
  await one.authorize(attributes);
  expect(asked).toHaveLength(3);
  answer = says({ allowed: false });
  const two = authorizer({ cacheAuthorizedRequests: false });
  await two.authorize(attributes);
  await two.authorize(attributes);
  expect(asked).toHaveLength(4);
  await clock.advance(6_000);
  answer = says({ allowed: true });
  await two.authorize(attributes);
  await two.authorize(attributes);
  expect(asked).toHaveLength(6);
});

const struct = 'Go value of type struct';
const refusals: readonly [string, (response: ServerResponse) => unknown, string][] = [
  ['both yes and no', says({ allowed: true, denied: true }), 'webhook subject access review returned both allow and deny response'],
  [
    'garbage',
    (response) => response.end('garbage'),
    `couldn't get version/kind; json parse error: json: cannot unmarshal string into ${struct}`,
  ],
  ['nothing', (response) => response.end(), '0-length response with status code: 200'],
  ['a list', (response) => response.end('[]'), `json: cannot unmarshal array into ${struct}`],
  [
    'another kind',
    (response) => response.end('{"kind":"Pod","apiVersion":"v1"}'),
    'converting (v1.Pod) to (v1.SubjectAccessReview): unknown conversion',
  ],
  ['another version', says({ allowed: true }, 'v1beta1'), 'converting (v1beta1.SubjectAccessReview) to (v1.SubjectAccessReview)'],
  [
    'no truth',
    says({ allowed: 'yes' }),
    'json: cannot unmarshal string into Go struct field SubjectAccessReviewStatus.status.allowed of type bool',
  ],
  ['a refusal', (response) => response.writeHead(403).end('nope'), 'nope'],
  ['a way elsewhere', (response) => response.writeHead(302, { location: address() }).end(), '/authorize": stopped after 10 redirects'],
  ['too much', (response) => response.end('a'.repeat(2 * 1024 * 1024)), 'more than 1048576 bytes'],
  ['half an answer', (response) => response.socket?.destroy(), 'EOF'],
];

test.each(refusals)('%s is never a yes', async (name, given, error) => {
  answer = given;
  const expected = { allowed: false, error: expect.stringContaining(error) as string };
  const open = await authorizer().authorize(attributes);
  expect(open).toMatchObject(expected);
  expect(open.denied === true).toBe(name === 'both yes and no');
  expect(await authorizer({ failurePolicy: 'Deny' }).authorize(attributes)).toMatchObject({ ...expected, denied: true });
  // The next one is asked when failing means no opinion, and nobody when it means no.
  const chain = (policy: 'Deny' | 'NoOpinion'): Decision | Promise<Decision> =>
    createAuthorizer([authorizer({ failurePolicy: policy }), alwaysAllow]).authorize(attributes);
  expect((await chain('Deny')).allowed).toBe(false);
  expect((await chain('NoOpinion')).allowed).toBe(name !== 'both yes and no');
});

test('a webhook that hangs is given up, and has not said yes', async () => {
  answer = () => undefined;
  const waiting = authorizer({ failurePolicy: 'Deny' }).authorize(attributes);
  while (asked.length === 0) await setImmediate();
  await clock.advance(3_000);
  expect(await waiting).toMatchObject({
    allowed: false,
    denied: true,
    error: expect.stringContaining(`Post "${address()}?timeout=3s": `) as string,
  });
  expect(clock.pending()).toBe(0);
});

test('asks a bounded number of questions at once', async () => {
  answer = () => undefined;
  const one = authorizer({}, { mostAsking: 20 });
  const waiting = Array.from({ length: 20 }, async (_, index) => one.authorize({ ...attributes, name: `n${index}` }));
  expect(await one.authorize(attributes)).toMatchObject({ allowed: false, error: 'too many questions to the webhook at once' });
  // Time moves on when all have reached the webhook: a connection that breaks is tried again later, by the clock.
  while (asked.length < 20) await setImmediate();
  await clock.advance(3_000);
  for (const decision of await Promise.all(waiting))
    expect(decision).toMatchObject({ allowed: false, error: expect.stringContaining('no answer') });
  answer = says({ allowed: true });
  expect((await one.authorize(attributes)).allowed).toBe(true);
});

test('conditions decide whether it is asked', async () => {
  const one = authorizer({ matchConditions: ({ verb }) => (verb === 'watch' ? { error: 'oops' } : verb === 'list') });
  expect((await one.authorize(attributes)).allowed).toBe(true);
  expect(one.authorize({ ...attributes, verb: 'get' })).toEqual({ allowed: false, reason: '' });
  expect(await one.authorize({ ...attributes, verb: 'watch' })).toEqual({ allowed: false, reason: '', error: 'oops' });
  expect(asked).toHaveLength(1);
});

test('the 500 shows the path harmlessly', () => {
  expect(new UndecidedError('/a?b="<c>"', 'x & y').text).toBe('Internal Server Error: "/a?b=\\"&lt;c&gt;\\"": x &amp; y\n');
});
