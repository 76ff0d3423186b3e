// npm run bench: measures our cluster and another server in turns and prints what came out.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Samples } from './figures.js';
import { readTarget } from './kubeconfig.js';
import { lineOf, machine, type Machine } from './machine.js';
import { processIds, residentMegabytes } from './memory.js';
import { benchNamespaces, removeNamespaces, versionOf } from './namespaces.js';
import { help, readOptions, type Options } from './options.js';
import { runLoad, runShell, startCeiling, startOwn } from './programs.js';
import { freePort, startOther, timeOtherStarts, timeOwnStarts, type Start } from './startup.js';
import { table } from './table.js';
import { fail } from './usage.js';
import { timeValidation } from './validation.js';

/** One of the servers that are measured, while it runs. */
interface Side {
  readonly name: string;
  readonly version: string;
  readonly kubeconfig: string;
  readonly pids: readonly number[];
  readonly samples: Samples;
  /** What was wrong with its answers, so that figures are of less work than they seem. */
  readonly faults: string[];
  readonly stop: () => Promise<void>;
}

interface Sides {
  readonly ours: Side;
  readonly against?: Side;
  readonly ceiling?: Side;
}

/** How long a server rests after its start before its idle memory is read, in milliseconds. */
const rest = 3000;

const note = (line: string): void => console.error(`bench: ${line}`);

async function bench(options: Options, folder: string, interrupted: AbortSignal): Promise<void> {
  const before = machine();
  const sides = await startAll(options, folder, interrupted);
  const { whole, rules } = timeValidation();
  for (const sample of whole) sides.ours.samples.add('decoding_us', sample);
  for (const sample of rules) sides.ours.samples.add('validation_us', sample);
  const all = [sides.ours, sides.against, sides.ceiling].filter((side) => side !== undefined);
  try {
    await new Promise((done) => setTimeout(done, rest));
    for (const side of all) side.samples.add('memory_idle_MB', residentMegabytes(side.pids));
    for (let round = 1; round <= options.rounds; round++) {
      for (const side of all) {
        interrupted.throwIfAborted();
        note(`round ${round} of ${options.rounds}: ${side.name}`);
        await measure(side, options, interrupted);
      }
    }
  } finally {
    for (const side of all) await side.stop();
  }
  print(options, before, sides);
  if (sides.ours.faults.length > 0) process.exitCode = 1;
}

async function startAll(options: Options, folder: string, interrupted: AbortSignal): Promise<Sides> {
  const [own, other] = [new Samples(), new Samples()];
  const cluster = {
    folder: join(folder, 'own'),
    port: await freePort(),
    nodes: options.nodes,
    ...(options.components === undefined ? {} : { components: options.components }),
  };
  if (options.starts > 0 && options.kubeconfig === undefined) {
    note(`${options.starts} starts of kubedouble`);
    addStarts(own, await timeOwnStarts(cluster, options.starts, interrupted));
  }
  if (options.starts > 0 && options.startAgainst !== undefined) {
    note(`${options.starts} starts of the other server`);
    addStarts(other, await timeOtherStarts(options.startAgainst, options.stopAgainst!, options.starts, interrupted));
  }
  const started: Side[] = [];
  const add = async (side: Promise<Side>): Promise<Side> => {
    started.push(await side);
    return side;
  };
  try {
    const ours = await add(startOurs(options, cluster, own));
    const kubeconfig = options.startAgainst === undefined ? options.against : await startOther(options.startAgainst, options.stopAgainst!);
    const against =
      kubeconfig === undefined
        ? undefined
        : await add(attach('the other server', kubeconfig, options.againstPids, other, options.stopAgainst));
    const ceiling = options.ceiling ? await add(startBare(join(folder, 'ceiling'), options.pods)) : undefined;
    return { ours, ...(against === undefined ? {} : { against }), ...(ceiling === undefined ? {} : { ceiling }) };
  } catch (error) {
    for (const side of started) await side.stop();
    throw error;
  }
}

function addStarts(samples: Samples, starts: readonly Start[]): void {
  for (const { readyz, whole, says } of starts) {
    samples.add('start_readyz_s', readyz);
    samples.add('start_whole_s', whole);
    samples.add('start_says_s', says);
  }
}

async function startOurs(options: Options, cluster: Parameters<typeof startOwn>[0], samples: Samples): Promise<Side> {
  if (options.kubeconfig !== undefined) return attach('kubedouble', options.kubeconfig, options.pids, samples, undefined);
  const running = await startOwn(cluster);
  const kubeconfig = join(cluster.folder, 'kubeconfig');
  return {
    name: 'kubedouble',
    version: await versionOf(await readTarget(kubeconfig)),
    kubeconfig,
    pids: [running.pid],
    samples,
    faults: [],
    stop: running.stop,
  };
}

async function attach(
  name: string,
  kubeconfig: string,
  pids: string | undefined,
  samples: Samples,
  stopCommand: string | undefined,
): Promise<Side> {
  const stop = async (): Promise<void> => void (stopCommand === undefined || (await runShell(stopCommand)));
  return {
    name,
    version: await versionOf(await readTarget(kubeconfig)),
    kubeconfig,
    pids: pids === undefined ? [] : processIds(pids),
    samples,
    faults: [],
    stop,
  };
}

async function startBare(folder: string, pods: number): Promise<Side> {
  const running = await startCeiling(folder, pods);
  return {
    name: 'bare Node',
    version: '',
    kubeconfig: join(folder, 'kubeconfig'),
    pids: [running.pid],
    samples: new Samples(),
    faults: [],
    stop: running.stop,
  };
}

async function measure({ kubeconfig, name, pids, samples, faults }: Side, options: Options, interrupted: AbortSignal): Promise<void> {
  const target = await readTarget(kubeconfig);
  const namespaces = await benchNamespaces(target);
  const figures = await runLoad(options.load, kubeconfig, options.pods, interrupted);
  for (const [key, value] of Object.entries(figures)) if (typeof value === 'number') samples.add(key, value);
  samples.add('memory_after_MB', residentMegabytes(pids));
  if (figures['errors'] !== 0) faults.push(`${name}: ${String(figures['errors'])} requests failed`);
  const [came, sent] = String(figures['watch_delivered']).split('/');
  if (came !== sent) faults.push(`${name}: ${came} of ${sent} watch events came`);
  await removeNamespaces(target, namespaces);
}

function print(options: Options, before: Machine, sides: Sides): void {
  const faults = [sides.ours, sides.against, sides.ceiling].flatMap((side) => side?.faults ?? []);
  if (options.output === 'json') {
    const shown = (side: Side | undefined): object | undefined => side && { version: side.version, figures: side.samples };
    console.log(
      JSON.stringify(
        {
          machine: before,
          load: options.load,
          pods: options.pods,
          rounds: options.rounds,
          kubedouble: shown(sides.ours),
          against: shown(sides.against),
          ceiling: shown(sides.ceiling),
          faults,
        },
        null,
        2,
      ),
    );
    return;
  }
  console.log(`${new Date().toISOString().slice(0, 10)}, ${lineOf(before)}`);
  console.log(
    `${options.load} load, ${options.pods.toLocaleString('en-US')} pods, ${options.rounds} ${options.rounds === 1 ? 'round' : 'rounds, medians'}\n`,
  );
  const column = (side: Side | undefined, title: string): { title: string; samples: Samples } | undefined =>
    side && { title, samples: side.samples };
  console.log(
    table(
      { title: 'kubedouble', samples: sides.ours.samples },
      column(sides.against, `Kubernetes ${sides.against?.version}`),
      column(sides.ceiling, 'bare Node'),
    ),
  );
  for (const fault of faults) console.log(`\nIncomplete, so read with care: ${fault}.`);
}

// The first Ctrl-C stops what was started; the second ends this process at once.
const interruption = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interruption.abort(new Error('interrupted')));

let folder: string | undefined;
try {
  const options = readOptions(process.argv.slice(2));
  if (options === undefined) {
    console.log(help);
  } else {
    folder = await mkdtemp(join(tmpdir(), 'kubedouble-bench-'));
    await bench(options, folder, interruption.signal);
  }
} catch (error) {
  fail(error);
} finally {
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
}
