import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { manualClock, type ManualClock } from '../../clock/manual-clock.js';
import type { TokenAuthenticator } from './authenticator.js';
import { createWebhookTokens } from './webhook-tokens.js';

const yes = { kind: 'TokenReview', status: { authenticated: true, user: { username: 'jane', groups: ['a', 5] } } };
const jane = { user: { name: 'jane', groups: ['a'] }, audiences: ['api'] };
let clock: ManualClock;
let tokens: TokenAuthenticator;
let asked: unknown[] = [];
let answer: (response: ServerResponse) => void;
const server = createServer((request, response) => {
  let text = '';
  request.on('data', (chunk: Buffer) => (text += chunk.toString()));
  request.on('end', () => {
    asked.push(JSON.parse(text));
    answer(response);
  });
});

beforeAll(() => once(server.listen(0, '127.0.0.1'), 'listening'));
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  clock = manualClock();
  asked = [];
  answer = (response) => response.end(JSON.stringify(yes));
  const config = { server: `http://127.0.0.1:${(server.address() as AddressInfo).port}/authenticate` };
  tokens = createWebhookTokens({ config, clock, audiences: ['api'], version: 'v1', cacheSeconds: 10 });
});

/** Resolves when the webhook has been asked so often. */
async function askedTimes(count: number): Promise<void> {
  while (asked.length < count) await setImmediate();
}

test('asks once for questions at once, and again when the answer is old', async () => {
  expect(await Promise.all([tokens.authenticateToken('t'), tokens.authenticateToken('t')])).toEqual([jane, jane]);
  expect(asked).toEqual([
    {
      kind: 'TokenReview',
      apiVersion: 'authentication.k8s.io/v1',
      metadata: {},
      spec: { token: 't', audiences: ['api'] },
      status: { user: {} },
    },
  ]);
  await clock.advance(9_000);
  await tokens.authenticateToken('t');
  expect(asked).toHaveLength(1);
  await tokens.authenticateToken('t', ['other', 'api']);
  await clock.advance(2_000);
  await tokens.authenticateToken('t');
  expect(asked).toHaveLength(3);
  expect(await tokens.authenticateToken('t', ['other'])).toMatchObject({ user: undefined });
});

test('a webhook that hangs has not said yes, and is given up', async () => {
  answer = () => undefined;
  const waiting = tokens.authenticateToken('t');
  await askedTimes(1);
  await clock.advance(30_000);
  expect(await waiting).toEqual({ user: undefined, error: expect.stringContaining('in 30 s') });
  expect(clock.pending()).toBe(0);
});

test('asks a bounded number of questions at once', async () => {
  answer = () => undefined;
  const waiting = Array.from({ length: 500 }, (_, index) => tokens.authenticateToken(`t${index}`));
  expect(await tokens.authenticateToken('one more')).toMatchObject({ error: 'too many questions to the webhook at once' });
  await clock.advance(30_000);
  expect(new Set((await Promise.all(waiting)).map(({ user }) => user))).toEqual(new Set([undefined]));
});

test('errors of the webhook are tried again, and not remembered', async () => {
  answer = (response) => response.writeHead(500).end('oops');
  const waiting = tokens.authenticateToken('t');
  for (let attempt = 1; attempt <= 5; attempt++) {
    await askedTimes(attempt);
    // The answer is on its way; the pause before the next try begins when it is there.
    while (attempt < 5 && clock.pending() > 0 && asked.length === attempt) {
      await clock.advance(100);
      await setImmediate();
    }
  }
  expect(await waiting).toEqual({ user: undefined, error: 'an error on the server ("oops") has prevented the request from succeeding' });
  answer = (response) => response.end(JSON.stringify(yes));
  expect(await tokens.authenticateToken('t')).toEqual(jane);
});

test.each([
  ['garbage', 'no JSON'],
  ['[]', 'no TokenReview'],
  [JSON.stringify({ kind: 'Pod', status: yes.status }), 'no TokenReview'],
])('%s is no yes', async (text, why) => {
  answer = (response) => response.end(text);
  expect(await tokens.authenticateToken('t')).toEqual({ user: undefined, error: expect.stringContaining(why) });
});
