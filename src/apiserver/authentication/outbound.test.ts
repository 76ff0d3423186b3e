// Questions to others who send on, have too much to do or break off. Statuses, numbers and words were asked from a real kube-apiserver v1.36.3.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Clock } from '../../clock/clock.js';
import { realClock } from '../../clock/real-clock.js';
import { ask, askWebhook, RedirectedError } from './outbound.js';
import { serverError } from './server-error.js';

/** `method path body token` of each question. */
let asked: string[] = [];
let other: Server;
let server: Server;
const answers = new Map<string, (response: ServerResponse) => void>();

const portOf = (of: Server): number => (of.address() as AddressInfo).port;
const at = (path: string): string => `http://127.0.0.1:${portOf(server)}${path}`;

function take(request: IncomingMessage, response: ServerResponse): void {
  let body = '';
  request.on('data', (chunk: Buffer) => (body += chunk.toString()));
  request.on('end', () => {
    const { authorization = '-' } = request.headers;
    asked.push(`${request.method} ${request.url} ${body} ${authorization}`);
    const answer = answers.get(request.url ?? '');
    if (answer !== undefined) answer(response);
    else response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });
}

const listening = (handle: (request: IncomingMessage, response: ServerResponse) => void): Promise<Server> =>
  new Promise((resolve) => {
    const one = createServer(handle).listen(0, '127.0.0.1', () => resolve(one));
  });

beforeAll(async () => {
  [server, other] = [await listening(take), await listening(take)];
});
afterAll(() => {
  server.close();
  other.close();
});
beforeEach(() => {
  asked = [];
  answers.clear();
});

/** Pauses are over at once, and count; longer times are limits, which nothing here comes to. */
function swiftClock(): Clock {
  let now = 0;
  const cancelled = { cancel: () => undefined };
  return {
    now: () => now,
    monotonic: () => now,
    after: (milliseconds, run) => {
      if (milliseconds < 3_000) setImmediate(() => ((now += milliseconds), run()));
      return cancelled;
    },
    every: () => cancelled,
  };
}

const options = { clock: realClock(), timeout: 5_000, token: 'secret' };
const redirect = (status: number, location: string): ((response: ServerResponse) => void) => {
  return (response) => void response.writeHead(status, { location }).end();
};

test.each([301, 302, 303])('a redirect by %d is asked where it leads to, without the question', async (status) => {
  answers.set('/a', redirect(status, '/b'));
  expect((await ask(at('/a'), { q: 1 }, options)).status).toBe(200);
  expect(asked).toEqual(['POST /a {"q":1} Bearer secret', 'GET /b  Bearer secret']);
});

test.each([307, 308])('a redirect by %d is asked the same', async (status) => {
  answers.set('/a', redirect(status, at('/b')));
  await ask(at('/a'), { q: 1 }, options);
  expect(asked).toEqual(['POST /a {"q":1} Bearer secret', 'POST /b {"q":1} Bearer secret']);
});

test('another server is not shown what proves who asks, not even by a way back', async () => {
  answers.set('/a', redirect(307, `http://127.0.0.1:${portOf(other)}/b`));
  answers.set('/b', redirect(307, at('/c')));
  await ask(at('/a'), {}, options);
  expect(asked).toEqual(['POST /a {} Bearer secret', 'POST /b {} -', 'POST /c {} -']);
});

test.each([
  ['/a', '/a', 'stopped after 10 redirects', 10],
  ['ftp://127.0.0.1/x', 'ftp://127.0.0.1/x', 'unsupported protocol scheme "ftp"', 1],
  ['file:///etc/passwd', 'file:///etc/passwd', 'unsupported protocol scheme "file"', 1],
  ['http://:::/', undefined, 'failed to parse Location header', 1],
])('a redirect to %s leads nowhere', async (location, told, why, times) => {
  answers.set('/a', redirect(307, location));
  const error = await ask(at('/a'), {}, options).catch((problem: unknown) => problem);
  expect(error).toBeInstanceOf(RedirectedError);
  expect((error as RedirectedError).message).toContain(why);
  expect((error as RedirectedError).location).toBe(told ?? at('/a'));
  expect(asked).toHaveLength(times);
});

test('a redirect that names an empty place is an answer', async () => {
  answers.set('/a', redirect(302, ''));
  expect((await ask(at('/a'), {}, options)).status).toBe(302);
  expect(asked).toHaveLength(1);
});

test('a redirect that names no place is an answer', async () => {
  answers.set('/a', (response) => void response.writeHead(302).end());
  expect((await ask(at('/a'), {}, options)).status).toBe(302);
});

test('who says when to come again is asked again then, and ten times at most', async () => {
  const clock = swiftClock();
  let left = 2;
  answers.set('/busy', (response) => {
    if (left-- > 0) response.writeHead(429, { 'retry-after': '2' }).end();
    else response.writeHead(200).end('{}');
  });
  expect((await ask(at('/busy'), {}, { ...options, clock, timeout: 60_000 })).status).toBe(200);
  expect([asked.length, clock.monotonic()]).toEqual([3, 4_000]);
  for (const header of ['0', '-1']) {
    asked = [];
    answers.set('/busy', (response) => void response.writeHead(503, { 'retry-after': header }).end());
    expect((await ask(at('/busy'), {}, options)).status).toBe(503);
    expect(asked).toHaveLength(11);
  }
});

test.each([
  [503, undefined],
  [503, '1.5'],
  [503, 'Sun, 22 Nov 2026 03:00:00 GMT'],
  [400, '1'],
  [200, '1'],
])('%d with Retry-After %s is an answer at once', async (status, header) => {
  answers.set('/busy', (response) => void response.writeHead(status, header === undefined ? {} : { 'retry-after': header }).end());
  expect((await ask(at('/busy'), {}, options)).status).toBe(status);
  expect(asked).toHaveLength(1);
});

test('nobody is waited for longer than there is time', async () => {
  answers.set('/busy', (response) => void response.writeHead(503, { 'retry-after': '999999999' }).end());
  await expect(ask(at('/busy'), {}, { ...options, patience: 200 })).rejects.toThrow('no answer from');
  expect(asked).toHaveLength(1);
});

test.each([
  [503, undefined, 1],
  [500, undefined, 5],
  [429, undefined, 5],
  [403, undefined, 1],
  [403, '1', 5],
  [503, '1', 55],
])('a webhook of a kubeconfig that answers %d, Retry-After %s, is asked %d times', async (status, header, times) => {
  const clock = swiftClock();
  answers.set('/?timeout=30s', (response) => void response.writeHead(status, header === undefined ? {} : { 'retry-after': header }).end());
  const config = { server: at('/') } as Parameters<typeof askWebhook>[0];
  expect((await askWebhook(config, {}, clock, 30_000)).status).toBe(status);
  expect(asked).toHaveLength(times);
});

test('all tries have one time together', async () => {
  const clock = swiftClock();
  answers.set('/?timeout=30s', (response) => void response.writeHead(503, { 'retry-after': '1' }).end());
  const config = { server: at('/') } as Parameters<typeof askWebhook>[0];
  await expect(askWebhook(config, {}, clock, 30_000, undefined, 30_000)).rejects.toThrow('no answer from');
  expect(clock.monotonic()).toBeLessThanOrEqual(30_000);
});

test.each([
  [200, 'x', undefined],
  [206, 'x', undefined],
  [299, 'x', 'the server responded with the status code 299 but did not return more information'],
  [301, 'x', 'the server responded with the status code 301 but did not return more information'],
  [400, 'x', 'the server rejected our request for an unknown reason'],
  [401, 'x', 'the server has asked for the client to provide credentials'],
  [403, 'words', 'words'],
  [406, ' words ', 'words'],
  [415, 'words', 'words'],
  [422, '{"kind":"Status","message":"told"}', 'told'],
  [429, 'x', 'the server has received too many requests and has asked us to try again later'],
  [502, 'words', 'an error on the server ("words") has prevented the request from succeeding'],
  [503, 'words', 'the server is currently unable to handle the request'],
])('%d with %s is told of in the words of the real server', (status, text, words) => {
  expect(serverError({ status, text, contentType: 'text/plain' })).toBe(words);
});

test.each([
  [403, '{"a":1}', 'unknown'],
  [406, '{"a":1}', 'the server was unable to respond with a content type that the client supports'],
  [415, '{"a":1}', 'unknown'],
  [500, '{"a":1}', 'an error on the server ("unknown") has prevented the request from succeeding'],
  [500, '', 'an error on the server ("") has prevented the request from succeeding'],
])('of %d with JSON that is no Status nothing is shown', (status, text, words) => {
  expect(serverError({ status, text, contentType: text === '' ? '' : 'application/json' })).toBe(words);
});
