// The processes of a cluster, ours and the real ones, started on free ports and ended by their own ids.
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { createWriteStream, existsSync, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { root } from '../../../scripts/lib/run.js';

const program = join(root, 'bin', 'kubedouble.js');

/** Where the real binaries are: etcd, kube-apiserver, kube-controller-manager, kube-scheduler, kwok. */
export const binaries = process.env.KUBERNETES_BINARIES ?? join(homedir(), '.cache', 'kube-reference', 'bin');
const needed = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kwok'];

/** The first binary that is missing; undefined when all are there. */
export function missingBinary() {
  return needed.find((name) => !existsSync(join(binaries, name)));
}

export async function freePort() {
  const server = createServer();
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}

/** The processes of one cluster, with their logs in a folder. */
export class Processes {
  #running = [];

  constructor(folder) {
    this.folder = folder;
    mkdirSync(folder, { recursive: true });
  }

  /** Starts a real binary (by name) or ours (`kubedouble`). Resolves with what ends it at once. */
  start(name, args, label = name) {
    const [command, all] = name === 'kubedouble' ? [process.execPath, [program, ...args]] : [join(binaries, name), args];
    const log = createWriteStream(join(this.folder, `${label}.log`));
    const child = spawn(command, all, { cwd: this.folder, stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.pipe(log, { end: false });
    child.stderr.pipe(log, { end: false });
    const ended = new Promise((done) => child.on('close', done).on('error', done));
    const kill = async () => {
      child.kill('SIGKILL');
      await ended;
      log.end();
    };
    this.#running.push(kill);
    return { kill, child };
  }

  async stop() {
    for (const kill of this.#running.reverse()) await kill();
  }
}
