// The server under attack: our cluster from the build, with the probe in its process and the witness beside it.
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { readTarget, type Target } from '../kubeconfig.js';
import { startOwn } from '../programs.js';
import { freePort } from '../startup.js';
import type { Reading, Sample } from './reading.js';

const beside = (name: string): string => fileURLToPath(new URL(`./stalls/${name}.mjs`, import.meta.url));

/** For what goes on after the answer, in milliseconds. */
const settle = 60;

const rest = (milliseconds: number): Promise<void> => new Promise((done) => setTimeout(done, milliseconds));

export interface Victim {
  readonly target: Target;
  /** Where its certificates and keys are. */
  readonly folder: string;
  /** What the server's loop went through while `work` was done, and shortly after. */
  measure(work: () => Promise<void>): Promise<Sample>;
  stop(): Promise<void>;
}

/** @param components what runs beside the API server, as in `kubedouble up`; all when absent */
export async function startVictim(components: string | undefined): Promise<Victim> {
  const folder = await mkdtemp(join(tmpdir(), 'kubedouble-stalls-'));
  const own = { folder, port: await freePort(), nodes: 0, ...(components === undefined ? {} : { components }) };
  const running = await startOwn(own, beside('probe'));
  const target = await readTarget(join(folder, 'kubeconfig'));
  const witness = new Worker(beside('witness'), { workerData: target });
  let failed: Error | undefined;
  witness.on('error', (error: Error) => (failed = error));
  const ask = async (message: 'begin' | 'end'): Promise<Sample> => {
    const readings = once(running.child, 'message');
    const waits = once(witness, 'message');
    running.child.send(message);
    witness.postMessage(message);
    const [[reading], [longest]] = (await Promise.all([readings, waits])) as [[Reading], [number]];
    if (failed !== undefined) throw failed;
    return { ...reading, beside: longest };
  };
  return {
    target,
    folder,
    measure: async (work) => {
      await rest(settle);
      await ask('begin');
      await work();
      await rest(settle);
      return ask('end');
    },
    stop: async () => {
      await witness.terminate();
      await running.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
