// What lifecycle.test.ts runs in processes of their own: nothing is left that would keep one alive.
import { connect as netConnect, createServer, type AddressInfo } from 'node:net';
import { OptionError, startCluster } from '../../src/index.js';
import { askOn, ignore, Victim } from './attacker.js';

const maps = '/api/v1/namespaces/attack/configmaps';

/** A word on a line of its own. */
function say(word: string): void {
  process.stdout.write(`${word}\n`);
}

async function begun(victim: Victim): Promise<void> {
  const sessions = await Promise.all(Array.from({ length: 5 }, () => victim.session()));
  const answers = Array.from({ length: 450 }, (_, index) => {
    const stream = sessions[index % sessions.length]!.request({ ':path': `${maps}?watch=1` });
    stream.on('error', ignore).resume();
    return new Promise((resolve) => stream.once('response', resolve));
  });
  await Promise.all(answers);
  for (let i = 0; i < 20; i++) {
    const socket = await victim.connect();
    socket.write(`POST ${maps} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{"a":`);
    const watching = await victim.connect();
    watching.write(`GET ${maps}?watch=1 HTTP/1.1\r\nHost: x\r\n\r\n`);
    const idle = await victim.connect();
    idle.resume();
    const half = netConnect(victim.cluster.port, '127.0.0.1').on('error', ignore).resume();
    half.write(Buffer.from([0x16, 3, 1]));
    // Requests whose answers nobody waits for.
    for (const session of sessions.slice(0, 2)) {
      session.request({ ':path': '/openapi/v2' }).on('error', ignore);
      session.request({ ':path': maps }).on('error', ignore);
    }
  }
}

const scenarios: Readonly<Record<string, () => Promise<void>>> = {
  idle: async () => {
    const cluster = await startCluster({ nodes: 2 });
    await cluster.stop();
  },
  load: async () => {
    const victim = new Victim();
    await victim.start({ nodes: 1 });
    await begun(victim);
    const { cluster } = victim;
    await Promise.all([cluster.stop(), cluster.stop()]);
    await cluster.stop();
    const refused = await cluster.client.list({ group: '', version: 'v1', resource: 'pods', kind: 'Pod', namespaced: true }).then(
      () => 'served',
      (error: unknown) => (error as { code?: number }).code,
    );
    say(`after: ${refused}`);
    for (const bug of victim.bugs) say(`bug: ${bug}`);
  },
  five: async () => {
    const clusters = await Promise.all(Array.from({ length: 5 }, () => startCluster({ nodes: 1 })));
    say(`ports: ${new Set(clusters.map(({ port }) => port)).size}`);
    await Promise.all(clusters.map((cluster) => cluster.stop()));
  },
  failing: async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    for (const options of [
      { port },
      { bind: '192.0.2.1' },
      { nodes: -1 },
      { kubeconfig: '/dev/null/kubeconfig' },
      { nodes: 1, certDir: '/dev/null/certs' },
    ]) {
      const error: unknown = await startCluster(options).then(
        () => undefined,
        (reason: unknown) => reason,
      );
      say(
        `${JSON.stringify(options).replace(String(port), 'PORT')}: ${error instanceof OptionError ? 'OptionError ' : ''}${error instanceof Error ? error.message.replace(String(port), 'PORT') : 'started'}`,
      );
    }
    server.close();
  },
  /** Needs --expose-gc. Says by how many kilobytes the heap grew over each family of attacks. */
  memory: async () => {
    const victim = new Victim();
    await victim.start();
    const families: Readonly<Record<string, () => Promise<void>>> = {
      bodies: async () => {
        for (let i = 0; i < 5; i++) {
          await victim.ask('POST', maps, {
            body: `{"metadata":{"name":"x","labels":{"a":"${'x'.repeat(500_000)}${i}"}},"__proto__${i}":{}}`,
          });
          await victim.ask('POST', `${maps}?dryRun=All`, {
            body: `{"metadata":{"name":"x${i}"},"data":{"key${i}":"${'x'.repeat(200_000)}"}}`,
          });
          await victim.ask('POST', maps, { body: `a: &a${i} [${'x,'.repeat(10_000)}`, type: 'application/yaml' });
        }
      },
      paths: async () => {
        const session = await victim.session();
        for (let i = 0; i < 80; i++) {
          await askOn(session, { ':path': `${maps}/${'n'.repeat(5000)}${i}?labelSelector=${'s'.repeat(5000)}${i}` });
          await askOn(session, { ':path': `${maps}?labelSelector=${'k'.repeat(60)}${i}` });
          await askOn(session, { ':path': `/apis/group${i}/v1/kinds${i}` });
          await askOn(session, { ':path': `/openapi/v3/apis/${'x'.repeat(1000)}${i}` });
        }
        session.destroy();
      },
      tokens: async () => {
        const session = await victim.session();
        for (let i = 0; i < 80; i++) await askOn(session, { ':path': maps, 'impersonate-user': `user-${'u'.repeat(5000)}${i}` });
        session.destroy();
        for (let i = 0; i < 25; i++) {
          await victim.ask('GET', maps, { headers: { Authorization: `Bearer ${'t'.repeat(50_000)}${i}` }, certificate: false });
        }
      },
      watches: async () => {
        const sessions = await Promise.all(Array.from({ length: 5 }, () => victim.session()));
        await Promise.all(
          Array.from({ length: 500 }, (_, index) =>
            askOn(sessions[index % sessions.length]!, {
              ':path': `${maps}?watch=1&timeoutSeconds=${index % 2 === 0 ? 1 : -5}&labelSelector=label${index}%3Dvalue&fieldSelector=metadata.name%3Dname-${index}`,
            }),
          ),
        );
        for (const session of sessions) session.destroy();
      },
      connections: async () => {
        for (let i = 0; i < 5; i++) {
          const session = await victim.session();
          for (let stream = 0; stream < 100; stream++) {
            const request = session.request({ ':path': stream % 2 === 0 ? maps : `${maps}?watch=1` });
            request.on('error', ignore);
            setImmediate(() => request.close());
          }
          await askOn(session, { ':path': '/healthz' });
          session.destroy();
          for (let n = 0; n < 10; n++) {
            const socket = await victim.connect();
            socket.write(`POST ${maps} HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n${'x'.repeat(50_000)}`);
            socket.destroySoon();
          }
        }
      },
    };
    for (const [name, attack] of Object.entries(families)) {
      // The first time fills what is filled once: compiled code, schemas, caches.
      await attack();
      const before = await heap();
      for (let round = 0; round < 2; round++) await attack();
      say(`${name}: ${Math.round(((await heap()) - before) / 1024)}`);
    }
    await victim.stop();
  },
};

async function heap(): Promise<number> {
  let least = Infinity;
  for (let i = 0; i < 5; i++) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    globalThis.gc!();
    least = Math.min(least, process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers);
  }
  return least;
}

process.on('unhandledRejection', (error) => say(`unhandled: ${String(error)}`));
await scenarios[process.argv[2] ?? '']!();
say('done');
