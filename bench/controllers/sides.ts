// The clusters that are measured: ours from the build, and the reference by its own scripts, each started anew for every story.
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { readTarget, type Target } from '../kubeconfig.js';
import { startOwn } from '../programs.js';
import { freePort } from '../startup.js';

const run = promisify(execFile);

export interface RunningCluster {
  readonly target: Target;
  /** All of its processes. */
  readonly pids: readonly number[];
  /** Seconds from the start of the first process until the program (or script) said that it was ready. */
  readonly started: number;
  stop(): Promise<void>;
}

export interface Side {
  readonly name: string;
  start(nodes: number): Promise<RunningCluster>;
}

/** Our cluster, one process. */
export const ours: Side = { name: 'kubedouble', start: (nodes) => startOurs(nodes, []) };

/** Our cluster with more of the program's flags. */
export async function startOurs(nodes: number, flags: readonly string[]): Promise<RunningCluster> {
  const folder = await mkdtemp(join(tmpdir(), 'kubedouble-bench-'));
  const began = performance.now();
  const running = await startOwn({ folder, port: await freePort(), nodes, flags });
  const started = seconds(began);
  return {
    target: await readTarget(join(folder, 'kubeconfig')),
    pids: [running.pid],
    started,
    stop: async () => {
      await running.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The real control plane with kwok. @param folder where the scripts `up` and `down` are */
export function reference(folder: string): Side {
  return {
    name: 'Kubernetes with kwok',
    start: (nodes) => startReference(folder, ['--controllers', '--nodes', String(nodes)]),
  };
}

/** Starts what the script `up` of this folder starts with these arguments; `home` is where its files are. */
export async function startReference(folder: string, args: readonly string[]): Promise<RunningCluster & { readonly home: string }> {
  const home = await mkdtemp(join(tmpdir(), 'reference-bench-'));
  const env = { ...process.env, REFERENCE_PORT: String(await freePort()) };
  const down = async (): Promise<void> => {
    await run(join(folder, 'down'), [home], { env }).catch(() => undefined);
    await rm(home, { recursive: true, force: true });
  };
  const began = performance.now();
  try {
    await run(join(folder, 'up'), [home, ...args], { env });
    const started = seconds(began);
    const files = (await readdir(home)).filter((name) => name.endsWith('.pid'));
    const pids = await Promise.all(files.map(async (name) => Number(await readFile(join(home, name), 'utf8'))));
    return { target: await readTarget(join(home, 'kubeconfig')), home, pids, started, stop: down };
  } catch (error) {
    await down();
    throw error;
  }
}

/** Since then, from `performance.now()`. */
export function seconds(began: number): number {
  return (performance.now() - began) / 1000;
}
