// How long a server takes from the start of its process until it answers.
import { request } from 'node:https';
import { createServer, type AddressInfo } from 'node:net';
import { readTarget, type Target } from './kubeconfig.js';
import { runShell, startOwn, type OwnCluster } from './programs.js';

/** One start, in seconds. */
export interface Start {
  /** Until the first 200 of /readyz. */
  readonly readyz: number;
  /** Until the program itself says that all of it is ready: for ours, with the nodes Ready. */
  readonly whole: number;
  /** What the program itself counts, from the start of its process; of ours alone. */
  readonly says?: number;
}

/** Between two attempts to reach a server that does not listen yet, in milliseconds. */
const interval = 5;
/** When to give up, in milliseconds. */
const patience = 120_000;

/** Starts our cluster so many times, after one start that does not count: it makes the certificates. Each is stopped before the next. */
export async function timeOwnStarts(cluster: OwnCluster, times: number, interrupted: AbortSignal): Promise<Start[]> {
  await (await startOwn(cluster)).stop();
  const target = await readTarget(`${cluster.folder}/kubeconfig`);
  const starts: Start[] = [];
  while (starts.length < times) {
    interrupted.throwIfAborted();
    const began = performance.now();
    const starting = startOwn(cluster);
    const [readyz, whole] = await Promise.all([untilReady(target, began), starting.then(() => since(began))]);
    const { announced, stop } = await starting;
    await stop();
    starts.push({ readyz, whole, says: Number(announced['readyMilliseconds']) / 1000 });
  }
  return starts;
}

/** The same of another server, by the commands that start and stop it. The first start may make certificates and does not count either. */
export async function timeOtherStarts(
  startCommand: string,
  stopCommand: string,
  times: number,
  interrupted: AbortSignal,
): Promise<Start[]> {
  const target = await readTarget(await startOther(startCommand, stopCommand));
  await runShell(stopCommand);
  const starts: Start[] = [];
  while (starts.length < times) {
    interrupted.throwIfAborted();
    const began = performance.now();
    const [readyz, whole] = await Promise.all([untilReady(target, began), startOther(startCommand, stopCommand).then(() => since(began))]);
    await runShell(stopCommand);
    starts.push({ readyz, whole });
  }
  return starts;
}

/** Runs the start command; resolves to the path of the kubeconfig. What a failed start left running is stopped. */
export async function startOther(startCommand: string, stopCommand: string): Promise<string> {
  try {
    return await runShell(startCommand);
  } catch (error) {
    await runShell(stopCommand).catch(() => undefined);
    throw error;
  }
}

async function untilReady(target: Target, began: number): Promise<number> {
  while (!(await isReady(target))) {
    if (performance.now() - began > patience) throw new Error(`${target.url}/readyz did not answer in ${patience / 1000} s`);
    await new Promise((done) => setTimeout(done, interval));
  }
  return since(began);
}

/** Asked without a name, which every server allows here, so that certificates made anew do not matter. */
function isReady({ url }: Target): Promise<boolean> {
  return new Promise((done) => {
    const asking = request(`${url}/readyz`, { rejectUnauthorized: false, agent: false }, (response) => {
      response.resume();
      response.on('close', () => done(response.statusCode === 200));
    });
    asking.on('error', () => done(false));
    asking.end();
  });
}

function since(began: number): number {
  return (performance.now() - began) / 1000;
}

/** A port of the loopback address that nobody listens on now. */
export function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const server = createServer();
    server.once('error', fail);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => done(port));
    });
  });
}
