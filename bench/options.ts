// The command line of the benchmark.
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { flagsOf, UsageError } from './usage.js';

export type LoadKind = 'node' | 'client-go';

export interface Options {
  readonly load: LoadKind;
  readonly pods: number;
  readonly rounds: number;
  /** Timed starts of each server; 0 leaves start-up out. */
  readonly starts: number;
  /** Of our cluster, with its simulated workers. */
  readonly nodes: number;
  /** The parts of our cluster that run; all when absent. */
  readonly components?: string;
  /** A running server to measure in place of a cluster of our own. */
  readonly kubeconfig?: string;
  readonly pids?: string;
  readonly against?: string;
  readonly againstPids?: string;
  readonly startAgainst?: string;
  readonly stopAgainst?: string;
  readonly ceiling: boolean;
  readonly output: 'text' | 'json';
}

export const help = `usage: npm run bench -- [options]

Runs the same work against a cluster of ours and, when one is named, against another server.
With --controllers, stories of whole clusters instead; with --scheduler, pods placed a second; with --extension, permissions, rules and custom
resource definitions; with --stalls, hostile requests and how long each keeps the server from others (each has a --help of its own).

  --against KUBECONFIG     the other server, which runs already
  --against-pids WHERE     its processes, for their memory: a list of ids, or a folder with etcd.pid and kube-apiserver.pid
  --start-against COMMAND  starts the other server, returns when it is ready, and prints its kubeconfig's path as the last line
  --stop-against COMMAND   stops what the command above started
  --load node|client-go    which program makes the requests (default: node)
  --pods NUMBER            how many pods (default 5000)
  --rounds NUMBER          how often, in turns between the servers; medians are shown (default 1)
  --starts NUMBER          timed starts of each server, 0 for none (default 5)
  --nodes NUMBER           worker nodes of our cluster (default 3)
  --components LIST        the parts of our cluster that run, as in kubedouble up
  --kubeconfig PATH        measures this running server in place of a cluster of our own
  --pids WHERE             its processes
  --ceiling                measures also a bare Node server that answers the same bytes to everything
  --output text|json       the form of the answer (default text)`;

const texts = [
  'against',
  'against-pids',
  'start-against',
  'stop-against',
  'load',
  'pods',
  'rounds',
  'starts',
  'nodes',
  'components',
  'kubeconfig',
  'pids',
  'output',
] as const;

/** Where the client-go load is, once somebody has built it. */
export function clientGoProgram(): string {
  return join(process.env['REFERENCE_BIN'] ?? join(homedir(), '.cache', 'kube-reference', 'bin'), 'bench');
}

/** Undefined when help is asked for. Throws UsageError. */
export function readOptions(args: readonly string[]): Options | undefined {
  const given = Object.fromEntries(texts.map((name) => [name, { type: 'string' as const }]));
  const values: Readonly<Record<string, unknown>> = flagsOf(
    { ...given, ceiling: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
    args,
  );
  if (values['help'] === true) return undefined;
  const text = (name: (typeof texts)[number]): string | undefined => (typeof values[name] === 'string' ? values[name] : undefined);
  const number = (name: 'pods' | 'rounds' | 'starts' | 'nodes', whenAbsent: number, least: number): number => {
    const given = text(name) ?? String(whenAbsent);
    if (!/^\d{1,7}$/.test(given) || Number(given) < least)
      throw new UsageError(`--${name} must be a whole number of ${least} or more, not ${JSON.stringify(given)}`);
    return Number(given);
  };
  const choice = <T extends string>(name: 'load' | 'output', choices: readonly T[], whenAbsent: T): T => {
    const given = text(name) ?? whenAbsent;
    const known = choices.find((one) => one === given);
    if (known === undefined) throw new UsageError(`--${name} must be ${choices.join(' or ')}, not ${JSON.stringify(given)}`);
    return known;
  };
  const optional = <K extends keyof Options>(key: K, name: (typeof texts)[number]): Partial<Options> =>
    text(name) === undefined ? {} : { [key]: text(name) };
  const load = choice<LoadKind>('load', ['node', 'client-go'], 'node');
  if (load === 'client-go' && !existsSync(clientGoProgram()))
    throw new UsageError(`there is no ${clientGoProgram()}: build it, name its folder with REFERENCE_BIN, or take --load node`);
  if (text('against') !== undefined && text('start-against') !== undefined)
    throw new UsageError('give --against or --start-against, not both');
  if (text('start-against') !== undefined && text('stop-against') === undefined)
    throw new UsageError('--start-against needs --stop-against');
  return {
    load,
    // With fewer than 50, no pod would have the label that is listed.
    pods: number('pods', 5000, 50),
    rounds: number('rounds', 1, 1),
    starts: number('starts', 5, 0),
    nodes: number('nodes', 3, 0),
    ceiling: values['ceiling'] === true,
    output: choice('output', ['text', 'json'] as const, 'text'),
    ...optional('components', 'components'),
    ...optional('kubeconfig', 'kubeconfig'),
    ...optional('pids', 'pids'),
    ...optional('against', 'against'),
    ...optional('againstPids', 'against-pids'),
    ...optional('startAgainst', 'start-against'),
    ...optional('stopAgainst', 'stop-against'),
  };
}
