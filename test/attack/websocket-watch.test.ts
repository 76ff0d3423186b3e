// Watches over WebSocket: what a browser's page gets, and what a client cannot do to the server with one.
import WebSocket, { type ClientOptions } from 'ws';
import { resources } from '../../src/index.js';
import { eventually, Victim } from './attacker.js';

const victim = new Victim();
const { CONFIG_MAPS } = resources;
const maps = '/api/v1/namespaces/attack/configmaps';
const namespace = 'attack';
const origin = 'https://dashboard.example.com';
const opened = new Set<WebSocket>();

beforeAll(() => victim.start());
afterAll(async () => {
  for (const socket of opened) socket.terminate();
  await victim.stop();
});
afterEach(() => expect(victim.bugs).toEqual([]));

interface Session {
  readonly socket: WebSocket;
  readonly messages: { readonly data: Buffer; readonly binary: boolean }[];
  /** The answer of a server that does not agree. */
  refusal?: { readonly status: number; readonly text: string };
  close?: { readonly code: number };
}

/** Opens a WebSocket; resolves when the server has agreed or refused. */
async function open(path: string, protocols: readonly string[] = [], headers: Record<string, string> = { origin }): Promise<Session> {
  const options: ClientOptions = { headers, perMessageDeflate: false, rejectUnauthorized: false, ...victim.identity() };
  const socket = new WebSocket(victim.cluster.url.replace('https:', 'wss:') + path, [...protocols], options);
  opened.add(socket);
  const session: Session = { socket, messages: [] };
  socket.on('message', (data: Buffer, binary) => void session.messages.push({ data, binary }));
  socket.on('close', (code) => {
    session.close = { code };
    opened.delete(socket);
  });
  await new Promise<void>((resolve) => {
    socket.on('error', () => resolve());
    socket.on('open', resolve);
    socket.on('unexpected-response', (_request, response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        session.refusal = { status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() };
        socket.terminate();
        resolve();
      });
    });
  });
  return session;
}

const text = ({ messages }: Session): readonly string[] =>
  messages.map(({ data }) => {
    const { type, object } = JSON.parse(data.toString()) as { type: string; object: { metadata?: { name?: string }; message?: string } };
    return `${type} ${object.metadata?.name ?? object.message ?? ''}`;
  });
const create = (name: string, data: Record<string, string> = {}) =>
  cluster().client.create(CONFIG_MAPS, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace, labels: { ws: name } }, data });
const cluster = () => victim.cluster;

test('each event is a message of text, and the end is a normal one', async () => {
  await create('first');
  const watching = await open(`${maps}?watch=1&timeoutSeconds=1&labelSelector=ws%3Dfirst`);
  await cluster().client.delete(CONFIG_MAPS, { namespace, name: 'first' });
  await eventually('the end', () => watching.close !== undefined);
  expect(text(watching)).toEqual(['ADDED first', 'DELETED first']);
  expect(watching.messages.map(({ data, binary }) => [binary, data.toString().endsWith('}\n')])).toEqual([
    [false, true],
    [false, true],
  ]);
  expect(watching.close).toEqual({ code: 1000 });
});

test.each(['binary.k8s.io', 'base64.binary.k8s.io', 'anything'])(
  'the subprotocol %s is agreed to and changes nothing',
  async (protocol) => {
    await create(`with-${protocol}`);
    const watching = await open(`${maps}?watch=1&fieldSelector=metadata.name%3Dwith-${protocol}`, [protocol]);
    await eventually('the events', () => watching.messages.length === 1);
    expect([watching.socket.protocol, ...text(watching)]).toEqual([protocol, `ADDED with-${protocol}`]);
    watching.socket.close();
  },
);

test('protobuf comes as bytes, without the length that a stream has before it', async () => {
  await create('bytes');
  const watching = await open(`${maps}?watch=1&fieldSelector=metadata.name%3Dbytes`, [], {
    origin,
    accept: 'application/vnd.kubernetes.protobuf',
  });
  await eventually('the events', () => watching.messages.length === 1);
  const { data, binary } = watching.messages[0]!;
  // Field 1 of the event is its type.
  expect([binary, data.subarray(0, 7).toString()]).toEqual([true, '\n\x05ADDED']);
  watching.socket.close();
});

test('tables, old paths, bookmarks and errors come as over HTTP', async () => {
  await create('shown');
  const table = await open(`${maps}?watch=1&fieldSelector=metadata.name%3Dshown`, [], {
    origin,
    accept: 'application/json;as=Table;v=v1;g=meta.k8s.io',
  });
  const old = await open(`${maps.replace('/api/v1/', '/api/v1/watch/')}/shown`);
  const streamed = await open(
    `${maps}?watch=1&fieldSelector=metadata.name%3Dshown&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true`,
  );
  const future = await open(`${maps}?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&resourceVersion=99999999`);
  await eventually('the events', () => table.messages.length === 1 && old.messages.length === 1 && streamed.messages.length === 2);
  await eventually('the end', () => future.close !== undefined);
  expect(JSON.parse(table.messages[0]!.data.toString())).toMatchObject({ type: 'ADDED', object: { kind: 'Table', rows: [{}] } });
  expect(text(old)).toEqual(['ADDED shown']);
  expect(text(streamed)).toEqual(['ADDED shown', 'BOOKMARK ']);
  expect(text(future)).toEqual([expect.stringContaining('ERROR Timeout: Too large resource version')]);
  for (const { socket } of [table, old, streamed]) socket.close();
});

test.each([
  ['no origin', `${maps}?watch=1`, [], {}, 403],
  ['the origin of a file', `${maps}?watch=1`, [], { origin: 'null' }, 403],
  ['an origin that is none', `${maps}?watch=1`, [], { origin: 'x y' }, 403],
  ['two subprotocols', `${maps}?watch=1`, ['a', 'b'], { origin }, 400],
  ['a form that there is not', `${maps}?watch=1`, [], { origin, accept: 'text/plain' }, 406],
  ['a wrong selector', `${maps}?watch=1&fieldSelector=a%3Db`, [], { origin }, 400],
  ['nothing that can be watched', '/api/v1/namespaces/attack/nosuch?watch=1', [], { origin }, 404],
])('%s is refused before anybody agrees', async (_what, path, protocols, headers, status) => {
  const { refusal, messages } = await open(path, protocols, headers);
  expect([refusal?.status, messages]).toEqual([status, []]);
});

test('a request that is no watch is answered as ever', async () => {
  const { refusal } = await open(maps);
  expect([refusal?.status, JSON.parse(refusal!.text)]).toEqual([200, expect.objectContaining({ kind: 'ConfigMapList' })]);
});

test('what a client sends means nothing, and too much of it ends the watch', async () => {
  await create('talk');
  const watching = await open(`${maps}?watch=1&fieldSelector=metadata.name%3Dtalk`);
  await eventually('the events', () => watching.messages.length === 1);
  let pongs = 0;
  watching.socket.on('pong', () => pongs++);
  for (let i = 0; i < 100; i++) watching.socket.send('{"stop":true}');
  watching.socket.ping();
  await eventually('a pong', () => pongs === 1);
  await cluster().client.delete(CONFIG_MAPS, { namespace, name: 'talk' });
  await eventually('the events', () => watching.messages.length === 2);
  watching.socket.send(Buffer.alloc(1024 * 1024));
  await eventually('the end', () => watching.close !== undefined);
  expect([text(watching)[1], watching.close]).toEqual(['DELETED talk', { code: 1009 }]);
});

test('frames that are none end the connection alone', async () => {
  const socket = await victim.connect();
  const lines = [
    `GET ${maps}?watch=1 HTTP/1.1`,
    'Host: kubernetes',
    'Connection: Upgrade',
    'Upgrade: websocket',
    `Origin: ${origin}`,
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  ];
  let closed = false;
  socket.on('close', () => (closed = true));
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.write(`${lines.join('\r\n')}\r\n\r\n`);
  await eventually('the handshake', () => Buffer.concat(chunks).includes('101 Switching Protocols'));
  socket.write(Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]));
  await eventually('a closed connection', () => closed);
});

test.each(['', '12', 'x'])('a handshake of version %j is none', async (version) => {
  const answer = await victim.ask('GET', `${maps}?watch=1`, {
    headers: { Connection: 'Upgrade', Upgrade: 'websocket', Origin: origin, 'Sec-WebSocket-Version': version, 'Sec-WebSocket-Key': 'x' },
  });
  expect(answer.status).toBe(400);
});

test('a client that reads nothing is cut off, and nobody else waits for it', async () => {
  const slow = await open(`${maps}?watch=1&labelSelector=ws%3Dbig`);
  const quick = await open(`${maps}?watch=1&labelSelector=ws%3Dbig`);
  slow.socket.pause();
  const data = { text: 'x'.repeat(900_000) };
  await create('big', data);
  // More than waits for one client, and what the networks on both sides hold.
  for (let i = 0; i < 60; i++) {
    await cluster().client.update(CONFIG_MAPS, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'big', namespace, labels: { ws: 'big' } },
      data: { ...data, i: String(i) },
    });
    if (i % 10 === 9) await eventually('the events', () => quick.messages.length === i + 2);
  }
  slow.socket.resume();
  await eventually('the end', () => slow.close !== undefined);
  expect(slow.close).toEqual({ code: 1006 });
  expect([quick.close, quick.messages.length]).toEqual([undefined, 61]);
  quick.socket.close();
});
