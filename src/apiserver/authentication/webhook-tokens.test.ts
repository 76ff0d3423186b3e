import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../../clock/clock.js';
import { manualClock, type ManualClock } from '../../clock/manual-clock.js';
import type { TokenAuthenticator } from './token-authenticator.js';
import { createWebhookTokens } from './webhook-tokens.js';

const yes = { kind: 'TokenReview', status: { authenticated: true, user: { username: 'jane', groups: ['a', 5] } } };
const jane = { user: { name: 'jane', groups: ['a'] }, audiences: ['api'] };
let clock: ManualClock;
/** The timers that were set, in milliseconds: how long an answer is waited for, and the pauses between tries. */
let timers: number[] = [];
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
  timers = [];
  asked = [];
  answer = (response) => response.end(JSON.stringify(yes));
  const config = { server: `http://127.0.0.1:${(server.address() as AddressInfo).port}/authenticate` };
  const { now, monotonic, after, every } = clock;
  const noting: Clock = {
    now: now.bind(clock),
    monotonic: monotonic.bind(clock),
    every: every.bind(clock),
    after: (milliseconds, run) => {
      timers.push(milliseconds);
      return after.call(clock, milliseconds, run);
    },
  };
  tokens = createWebhookTokens({ config, clock: noting, audiences: ['api'], version: 'v1', cacheSeconds: 10, mostAsking: 20 });
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
  const waiting = Array.from({ length: 20 }, (_, index) => tokens.authenticateToken(`t${index}`));
  expect(await tokens.authenticateToken('one more')).toMatchObject({ error: 'too many questions to the webhook at once' });
  await askedTimes(20);
  await clock.advance(30_000);
  expect(new Set((await Promise.all(waiting)).map(({ user }) => user))).toEqual(new Set([undefined]));
});

test('errors of the webhook are tried again, and not remembered', async () => {
  answer = (response) => response.writeHead(500).end('oops');
  const waiting = tokens.authenticateToken('t');
  for (let attempt = 1; attempt < 5; attempt++) {
    // The pause before the next try begins when the answer is there.
    while (timers.length < 2 * attempt) await setImmediate();
    await clock.advance(timers.at(-1)!);
  }
  expect(await waiting).toEqual({ user: undefined, error: 'an error on the server ("oops") has prevented the request from succeeding' });
  // All tries have one time together.
  expect(timers).toEqual([30_000, 500, 29_500, 750, 28_750, 1125, 27_625, 1687.5, 25_937.5]);
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
