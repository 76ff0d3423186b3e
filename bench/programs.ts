// Starts and stops the programs of a benchmark: servers that tell their address as a line of JSON, and loads that print figures.
import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { clientGoProgram, type LoadKind } from './options.js';

/** The program of this checkout, and what is bundled beside this module (scripts/bench.js). */
const own = fileURLToPath(new URL('../../bin/kubedouble.js', import.meta.url));
const ceilingProgram = fileURLToPath(new URL('./ceiling.mjs', import.meta.url));
const loadProgram = fileURLToPath(new URL('./load.mjs', import.meta.url));

/** How long a server may take to start or to stop, in milliseconds; thousands of nodes on a busy machine take their time. */
const patience = 120_000;

/** A server that runs as a child of this process. */
export interface Running {
  readonly pid: number;
  /** The line it printed when it was ready. */
  readonly announced: Readonly<Record<string, unknown>>;
  /** With a channel for messages when it was started with a preload. */
  readonly child: ChildProcess;
  readonly stop: () => Promise<void>;
}

export interface OwnCluster {
  /** For its kubeconfig and certificates; kept between starts. */
  readonly folder: string;
  readonly port: number;
  readonly nodes: number;
  readonly components?: string;
  /** More of the program's flags. */
  readonly flags?: readonly string[];
}

/** Our cluster, from the build. Resolves when it says that it is ready. `preload`: a module that its process loads before, and can be sent messages. */
export function startOwn({ folder, port, nodes, components, flags = [] }: OwnCluster, preload?: string): Promise<Running> {
  const chosen = components === undefined ? [] : ['--components', components];
  const args = [
    own,
    'up',
    '--port',
    String(port),
    '--nodes',
    String(nodes),
    ...chosen,
    ...flags,
    '--cert-dir',
    folder,
    '--kubeconfig',
    `${folder}/kubeconfig`,
    '--output',
    'json',
    '--log-level',
    'error',
  ];
  return preload === undefined ? startServer(args) : startServer(['--import', preload, ...args], ['ignore', 'pipe', 'inherit', 'ipc']);
}

/** The bare server of ceiling.ts, which writes its kubeconfig into the folder. */
export function startCeiling(folder: string, pods: number): Promise<Running> {
  return startServer([ceilingProgram, folder, String(pods)]);
}

/** Runs a program of Node until its first line on standard output, which is JSON. Rejects when it ends before that or takes too long. */
async function startServer(args: readonly string[], stdio: StdioOptions = ['ignore', 'pipe', 'inherit']): Promise<Running> {
  const child = spawn(process.execPath, args, { stdio });
  const ended = endOf(child);
  const line = await within(
    Promise.race([
      firstLine(child),
      ended.then((code) => Promise.reject(new Error(`${args.join(' ')} ended with ${code} before it was ready`))),
    ]),
    child,
  );
  return {
    pid: child.pid!,
    child,
    announced: JSON.parse(line) as Record<string, unknown>,
    stop: async () => {
      child.kill('SIGTERM');
      await within(ended, child);
    },
  };
}

/** Runs a load against the server of a kubeconfig; resolves to its figures. Rejects when it fails, prints none or is interrupted. */
export async function runLoad(
  kind: LoadKind,
  kubeconfig: string,
  pods: number,
  interrupted: AbortSignal,
): Promise<Readonly<Record<string, unknown>>> {
  const [command, args] =
    kind === 'client-go'
      ? [clientGoProgram(), ['-kubeconfig', kubeconfig, '-n', String(pods)]]
      : [process.execPath, [loadProgram, '--kubeconfig', kubeconfig, '-n', String(pods)]];
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'], signal: interrupted });
  const [code, text] = await Promise.all([endOf(child), wholeOutput(child)]);
  const last = text.trim().split('\n').at(-1)!;
  if (code !== 0 || !last.startsWith('{')) throw new Error(`the load ended with ${code} and no figures`);
  return JSON.parse(last) as Record<string, unknown>;
}

/** Runs a command line in a shell; resolves to the last line it printed. What it starts in the background is left running. Rejects when it fails. */
export async function runShell(command: string): Promise<string> {
  const child = spawn('sh', ['-c', command], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  const code = await endOf(child);
  // Programs left in the background may hold the pipe open: its end is not waited for.
  await new Promise((done) => setImmediate(done));
  child.stdout.destroy();
  if (code !== 0) throw new Error(`${command}: ended with ${code}`);
  return text.trim().split('\n').at(-1)!;
}

/** The exit code, or the signal's name. Rejects when the program cannot be run. */
function endOf(child: ChildProcess): Promise<number | string> {
  return new Promise((done, fail) => {
    child.once('error', fail);
    child.once('exit', (code, signal) => done(code ?? signal ?? 'nothing'));
  });
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((done) => createInterface(child.stdout!).once('line', done));
}

async function wholeOutput(child: ChildProcess): Promise<string> {
  let text = '';
  for await (const chunk of child.stdout!.setEncoding('utf8')) text += chunk;
  return text;
}

/** The outcome; a child that takes too long is killed. */
async function within<T>(outcome: Promise<T>, child: ChildProcess): Promise<T> {
  const timer = setTimeout(() => child.kill('SIGKILL'), patience);
  try {
    return await outcome;
  } finally {
    clearTimeout(timer);
  }
}
