// Connections that are opened, held, broken and flooded: others are served meanwhile, and everything is let go after.
import { connect as http2Connect } from 'node:http2';
import { connect as netConnect, type Socket } from 'node:net';
import type { ConfigMap } from '../../openapi/types/core.v1.js';
import { resources, type WatchEvent } from '../../src/index.js';
import { answerOn, askOn, eventually, ignore, Victim } from './attacker.js';

const victim = new Victim();
const maps = '/api/v1/namespaces/attack/configmaps';
beforeAll(() => victim.start({ nodes: 0, components: ['apiserver'], freeze: false }));
afterAll(() => victim.stop());
afterEach(() => expect(victim.bugs).toEqual([]));

/** Sockets of this process, the server's and our own. */
function sockets(): number {
  return process.getActiveResourcesInfo().filter((one) => /^(TCPSocketWrap|TLSWrap|HTTP2)/i.test(one)).length;
}

/** Waits until there are no more sockets than before. */
async function released(count: number): Promise<void> {
  await eventually(`sockets are closed: ${sockets()}, there were ${count}`, () => sockets() <= count);
}

/** Others are served, and soon. */
async function expectServed(): Promise<void> {
  const started = performance.now();
  expect((await victim.ask('GET', '/api/v1/namespaces/attack')).status).toBe(200);
  expect(performance.now() - started).toBeLessThan(20_000);
}

async function raw(): Promise<Socket> {
  const socket = netConnect(victim.cluster.port, '127.0.0.1');
  socket.on('error', ignore);
  await new Promise((resolve) => socket.once('connect', resolve));
  return socket;
}

function closed(socket: Socket): Promise<unknown> {
  socket.resume();
  return socket.destroyed ? Promise.resolve() : new Promise((resolve) => socket.once('close', resolve));
}

test('what is no TLS is closed; a handshake that stops half way hurts nobody', async () => {
  const count = sockets();
  const plain = await raw();
  plain.write('GET /version HTTP/1.1\r\nHost: x\r\n\r\n');
  await closed(plain);
  const garbage = await raw();
  garbage.write(Buffer.alloc(100_000, 0x41));
  await closed(garbage);
  const halves = await Promise.all(Array.from({ length: 100 }, raw));
  for (const half of halves) half.write(Buffer.from([0x16, 3, 1, 2, 0]));
  await expectServed();
  for (const half of halves) half.destroy();
  await released(count);
});

test('streams that are opened and reset by the thousand', async () => {
  const count = sockets();
  for (const path of ['/version', `${maps}/nothing`, maps, `${maps}?watch=1`, '/openapi/v2', '/healthz', '/api']) {
    const session = await victim.session();
    for (let i = 0; i < 400; i++) {
      const stream = session.request({ ':path': path });
      stream.on('error', ignore);
      // At once, before the answer, and in the middle of it.
      if (i % 3 === 0) stream.close();
      else setImmediate(() => stream.close());
    }
    const posts = Array.from({ length: 100 }, () =>
      session.request({ ':method': 'POST', ':path': `${maps}?dryRun=All`, 'content-type': 'application/json' }),
    );
    for (const stream of posts) {
      stream.on('error', ignore);
      stream.write('{"metadata":');
      setImmediate(() => stream.close());
    }
    await expectServed();
    session.destroy();
  }
  await released(count);
});

test('a thousand watches, a hundred on each connection, each get each event, once', async () => {
  const count = sockets();
  const sessions = await Promise.all(Array.from({ length: 10 }, () => victim.session()));
  const seen = new Map<number, string[]>();
  let opened = 0;
  for (let i = 0; i < 1000; i++) {
    const stream = sessions[i % sessions.length]!.request({ ':path': `${maps}?watch=1&resourceVersion=${await newest()}` });
    stream.on('error', ignore).setEncoding('utf8');
    stream.on('response', () => opened++);
    const mine: string[] = [];
    let text = '';
    seen.set(i, mine);
    stream.on('data', (chunk: string) => {
      text += chunk;
      const lines = text.split('\n');
      text = lines.pop()!;
      for (const line of lines) mine.push((JSON.parse(line) as { object: { metadata: { name: string } } }).object.metadata.name);
    });
  }
  await eventually('all watches are open', () => opened === 1000);
  const names = Array.from({ length: 5 }, (_, index) => `watched-${index}`);
  for (const name of names)
    await victim.cluster.client.create(resources.CONFIG_MAPS, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name, namespace: 'attack' },
    });
  await eventually('all events have come', () => [...seen.values()].every((mine) => mine.length >= names.length));
  expect([...seen.values()].every((mine) => mine.join() === names.join())).toBe(true);
  for (const session of sessions) session.destroy();
  await released(count);
});

async function newest(): Promise<string> {
  return (await victim.cluster.client.list(resources.CONFIG_MAPS, { namespace: 'attack', limit: 1 })).metadata.resourceVersion!;
}

test.each(['h2', 'http/1.1'] as const)('a watcher over %s that never reads is cut off, and nobody waits for it', async (protocol) => {
  const count = sockets();
  const value = 'x'.repeat(500_000);
  const name = `big-${protocol === 'h2' ? 2 : 1}`;
  const { client } = victim.cluster;
  const big = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'attack' }, data: { value } } as const;
  // Its first list alone is more than the network takes.
  for (let i = 0; i < 6; i++) await client.create(resources.CONFIG_MAPS, { ...big, metadata: { ...big.metadata, name: `${name}-${i}` } });
  await client.create(resources.CONFIG_MAPS, big);
  const path = `${maps}?watch=1`;
  let over = false;
  if (protocol === 'h2') {
    const session = http2Connect(victim.cluster.url, {
      rejectUnauthorized: false,
      ...victim.identity(),
      settings: { initialWindowSize: 65_535 },
    });
    session.on('error', ignore);
    const stream = session.request({ ':path': path });
    stream.on('error', ignore);
    stream.once('close', () => (over = true));
    await new Promise((resolve) => stream.once('response', resolve));
    await cutOff(() => stream.resume());
    session.destroy();
  } else {
    const socket = await victim.connect();
    socket.once('close', () => (over = true));
    const begun = new Promise((resolve) => socket.once('readable', resolve));
    socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`);
    await begun;
    socket.pause();
    await cutOff(() => socket.resume());
    socket.destroy();
  }
  await released(count);

  /** Writes until the server gives up on the watcher; `listen` lets the client see it. */
  async function cutOff(listen: () => unknown): Promise<void> {
    let last = '';
    const event = ({ object }: WatchEvent<ConfigMap>): void => void (last = object.data?.['value'] ?? '');
    const other = client.watch(
      resources.CONFIG_MAPS,
      { namespace: 'attack', fieldSelector: `metadata.name=${name}` },
      { event, end: ignore },
    );
    const writes = 100;
    for (let i = 0; i < writes; i++)
      await client.patch(resources.CONFIG_MAPS, { namespace: 'attack', name }, 'merge', { data: { value: value + String(i) } });
    await eventually('the other watcher has all', () => last === value + String(writes - 1));
    other.stop();
    // 50 MB were written; what waits for one watcher is bounded.
    listen();
    await eventually('the watcher is cut off', () => over);
    for (let i = 0; i < 6; i++) await client.delete(resources.CONFIG_MAPS, { namespace: 'attack', name: `${name}-${i}` });
    await client.delete(resources.CONFIG_MAPS, { namespace: 'attack', name });
  }
});

test('bodies that come slowly, or stop', async () => {
  const count = sockets();
  const body = '{"metadata":{"name":"slow"},"data":{"a":"b"}}';
  const head = `POST ${maps}?dryRun=All HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`;
  const slow = await Promise.all(Array.from({ length: 50 }, () => victim.connect()));
  for (const socket of slow) socket.write(head);
  for (const character of body.slice(0, -1)) for (const socket of slow) socket.write(character);
  await expectServed();
  const answers = slow.slice(0, 25).map(answerOn);
  slow.forEach((socket, index) => (index < 25 ? socket.write(body.slice(-1)) : socket.destroy()));
  for (const { status } of await Promise.all(answers)) expect(status).toBe(201);
  for (const socket of slow) socket.destroy();
  await released(count);
});

test('clients that go in the middle of a request, of a list and of a watch', async () => {
  const count = sockets();
  const { client } = victim.cluster;
  for (let i = 0; i < 20; i++)
    await client.create(resources.CONFIG_MAPS, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: `part-${i}`, namespace: 'attack' },
      data: { value: 'y'.repeat(50_000) },
    });
  for (const request of [
    `GET ${maps} HTTP/1.1\r\nHost: x\r\n\r\n`,
    `GET ${maps}?watch=1 HTTP/1.1\r\nHost: x\r\n\r\n`,
    `GET ${maps} HTTP/1.1\r\nHost: x\r\nAccept: application/yaml\r\n\r\n`,
    `GET /openapi/v2 HTTP/1.1\r\nHost: x\r\n\r\n`,
    `POST ${maps} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{"a":`,
    `GET ${maps}?watch=1 HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n`,
    'GET ',
  ]) {
    for (let i = 0; i < 10; i++) {
      const below = netConnect(victim.cluster.port, '127.0.0.1');
      const socket = await victim.connect(true, below);
      const some = request.startsWith('GET /') ? new Promise((resolve) => socket.once('data', resolve)) : Promise.resolve();
      socket.write(request);
      await some;
      // By a reset now and then, not an orderly end.
      if (i % 2 === 0) socket.destroy();
      else below.resetAndDestroy();
    }
    const session = await victim.session();
    for (let i = 0; i < 10; i++) session.request({ ':path': maps }).on('error', ignore);
    await new Promise((resolve) => setImmediate(resolve));
    session.destroy();
  }
  await expectServed();
  await client.deleteCollection(resources.CONFIG_MAPS, { namespace: 'attack' });
  await released(count);
});

test('watches that time out, whatever the time they ask for', async () => {
  const session = await victim.session();
  for (const seconds of ['1', '-5']) {
    const { status, text } = await askOn(session, {
      ':path': `${maps}?watch=1&resourceVersion=${await newest()}&timeoutSeconds=${seconds}`,
    });
    expect([seconds, status, text.length]).toEqual([seconds, 200, 0]);
  }
  // As nanoseconds of 64 bits these are no time at all, which stands for the usual time: they do not end at once.
  const ended: string[] = [];
  for (const seconds of ['0', '-9223372036854775808', '9223372036854775807']) {
    const long = session.request({ ':path': `${maps}?watch=1&resourceVersion=${await newest()}&timeoutSeconds=${seconds}` });
    long
      .on('end', () => ended.push(seconds))
      .on('error', ignore)
      .resume();
    await new Promise((resolve) => long.once('response', resolve));
  }
  await client();
  // The last is just below none.
  expect(ended.filter((seconds) => seconds !== '9223372036854775807')).toEqual([]);
  session.destroy();

  /** Something that takes longer than a timer of nothing. */
  async function client(): Promise<void> {
    for (let i = 0; i < 20; i++) await askOn(session, { ':path': '/version' });
  }
});
