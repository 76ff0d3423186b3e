// Webhooks that send on, put off and hold up, and clients who do not wait for them. All answers were asked from a real kube-apiserver v1.36.3.
//
// - Redirects in a circle, to a file, to another protocol, to where nobody listens; redirects that lose the question
// - Retry-After of a year, of no time, of a date: a request is held up for the webhook's time at most
// - A client who goes, or whose time is over, while a webhook is asked: what was asked for is not done behind their back
import { createServer, type Server } from 'node:https';
import type { ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { newKey, selfSign, signLeaf } from '../../src/apiserver/certificates/signing.js';
import { realRandom } from '../../src/clock/random.js';
import { realClock } from '../../src/clock/real-clock.js';
import { ignore, eventually, Victim, type Answer } from './attacker.js';
import { configuration, type LyingWebhook } from './lying-webhook.js';

const victim = new Victim();
let server: Server;
let webhook: LyingWebhook;
/** The paths that were asked for. */
let asked: string[] = [];
/** Questions that wait for {@link release}. */
let held: (() => void)[] = [];

const yes = (text: string): string => {
  const { uid } = (JSON.parse(text) as { readonly request: { readonly uid: string } }).request;
  return JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response: { uid, allowed: true } });
};

/** What is answered, by path. */
const ways: Readonly<Record<string, (response: ServerResponse, text: string) => void>> = {
  circle: (response) => void response.writeHead(307, { location: '/circle' }).end(),
  file: (response) => void response.writeHead(302, { location: 'file:///etc/passwd' }).end(),
  protocol: (response) => void response.writeHead(307, { location: 'ftp://127.0.0.1/yes' }).end(),
  nowhere: (response) => void response.writeHead(307, { location: 'http://127.0.0.1:1/yes' }).end(),
  forgets: (response) => void response.writeHead(302, { location: '/yes' }).end(),
  further: (response) => void response.writeHead(308, { location: '/yes' }).end(),
  year: (response) => void response.writeHead(503, { 'retry-after': '31536000' }).end(),
  now: (response) => void response.writeHead(429, { 'retry-after': '0' }).end(),
  date: (response) => void response.writeHead(503, { 'retry-after': new Date(0).toUTCString() }).end(),
  once: (response, text) => {
    if (asked.length > 1) response.end(yes(text));
    else response.writeHead(500, { 'retry-after': '0' }).end();
  },
  yes: (response, text) => void response.end(text === '' ? '{}' : yes(text)),
  holds: (response, text) => void held.push(() => response.end(yes(text))),
};

beforeAll(async () => {
  const context = { clock: realClock(), random: realRandom() };
  const ca = { key: newKey(), certificate: '' };
  const authority = { ...ca, certificate: await selfSign(ca.key, { name: 'ways', days: 1 }, context) };
  const key = newKey();
  const cert = await signLeaf(authority, key, { name: 'way', names: ['127.0.0.1'], usages: ['digital signature', 'server auth'], days: 1 }, context); // prettier-ignore
  server = createServer({ cert, key }, (request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => (text += chunk.toString()));
    request.on('end', () => {
      const path = (request.url ?? '').split('?')[0]!.slice(1);
      asked.push(`${request.method} ${path}`);
      ways[path]!(response, text);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const caBundle = Buffer.from(authority.certificate).toString('base64');
  webhook = { url, caBundle, path: (way) => `${url}/${way}`, close: ignore };
  await victim.start();
  const path = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations';
  for (const way of Object.keys(ways)) {
    const answer = await victim.ask('POST', path, { body: JSON.stringify(configuration(webhook, way, 'attack', way, 2)) });
    expect(answer.status).toBe(201);
  }
}, 60_000);

afterAll(async () => {
  await victim.stop();
  server.closeAllConnections();
  server.close();
});

beforeEach(() => {
  asked = [];
  held = [];
});
afterEach(() => expect(victim.bugs).toEqual([]));

const maps = '/api/v1/namespaces/attack/configmaps';
const map = (way: string, name = way): string => JSON.stringify({ metadata: { name, labels: { attack: way } } });
const create = (way: string): Promise<Answer> => victim.ask('POST', maps, { body: map(way) });
const isThere = async (name: string): Promise<boolean> => (await victim.ask('GET', `${maps}/${name}`)).status === 200;

test.each([
  ['circle', 10, 'Post \\"/circle\\": stopped after 10 redirects'],
  ['file', 1, 'Post \\"file:///etc/passwd\\": unsupported protocol scheme \\"file\\"'],
  ['protocol', 1, 'Post \\"ftp://127.0.0.1/yes\\": unsupported protocol scheme \\"ftp\\"'],
  ['nowhere', 1, 'Post \\"http://127.0.0.1:1/yes\\": dial tcp 127.0.0.1:1: connect: connection refused'],
  ['forgets', 2, 'received invalid webhook response: webhook response was absent'],
  ['year', 1, 'context deadline exceeded'],
  ['now', 11, 'the server has received too many requests and has asked us to try again later'],
  ['date', 1, 'the server is currently unable to handle the request'],
])('a webhook that answers by %s lets nothing through', async (way, times, why) => {
  const began = performance.now();
  const { status, text } = await create(way);
  expect([status, text]).toEqual([500, expect.stringContaining(why)]);
  expect(asked).toHaveLength(times);
  // Its own time is two seconds; a busy machine is given more.
  expect(performance.now() - began).toBeLessThan(20_000);
  expect(await isThere(way)).toBe(false);
});

test.each([
  ['further', ['POST further', 'POST yes']],
  ['once', ['POST once', 'POST once']],
])('a webhook that answers by %s is heard', async (way, paths) => {
  expect((await create(way)).status).toBe(201);
  expect(asked).toEqual(paths);
});

/** Lets the webhook answer, later than a turn of the request lasts: then the server sees that nobody waits. */
async function release(): Promise<void> {
  const end = performance.now() + 100;
  await eventually('a turn is over', () => performance.now() > end);
  for (const answer of held) answer();
}

/** Resolves when no write is being served any more. */
async function quiet(): Promise<void> {
  await eventually('nothing is served', async () =>
    / 0$/m.test(
      (await victim.ask('GET', '/metrics')).text
        .split('\n')
        .filter((line) => line.startsWith('apiserver_current_inflight_requests{request_kind="mutating"}'))
        .join('\n'),
    ),
  );
}

test('what a client asked for who has gone is not done', async () => {
  const socket = await victim.connect();
  const body = map('holds', 'gone');
  socket.write(`POST ${maps} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
  await eventually('the webhook is asked', () => held.length === 1);
  socket.destroy();
  await release();
  await quiet();
  expect(await isThere('gone')).toBe(false);
});

test('what a client asked for whose time is over is not done', async () => {
  const answer = victim.ask('POST', `${maps}?timeout=300ms`, { body: map('holds', 'late') });
  await eventually('the webhook is asked', () => held.length === 1);
  expect((await answer).status).toBe(504);
  await release();
  await quiet();
  expect(await isThere('late')).toBe(false);
});

test('what a client waits for is done', async () => {
  const answer = victim.ask('POST', maps, { body: map('holds', 'waited') });
  await eventually('the webhook is asked', () => held.length === 1);
  await release();
  expect((await answer).status).toBe(201);
});
