// The commands that the small shell knows, each as steps of a process.
import type { LogStreamName } from '../container-log.js';

/** What a process does next. */
export type Step =
  | { readonly kind: 'print'; readonly text: string; readonly stream: LogStreamName }
  | { readonly kind: 'sleep'; readonly milliseconds: number }
  /** It runs on until it is stopped. */
  | { readonly kind: 'forever' }
  /** A command has been run; lets the runtime bound loops that never wait. */
  | { readonly kind: 'tick' };

/** Where a process runs. */
export interface ProcessContext {
  /** Milliseconds since the epoch. */
  now(): number;
  readonly envs: ReadonlyMap<string, string>;
  readonly hostname: string;
}

/** Ends the process from within. */
export class ProcessExit extends Error {
  constructor(readonly code: number) {
    super(`exit ${code}`);
  }
}

/** Runs one command; its value is the exit status. */
export type Builtin = (args: readonly string[], context: ProcessContext) => Generator<Step, number>;

const units: Readonly<Record<string, number>> = { '': 1000, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
/** Longer than a timer: as good as for ever. */
const longest = 2 ** 31 - 1;

function print(text: string): Step {
  return { kind: 'print', text, stream: 'stdout' };
}

function fail(text: string): Step {
  return { kind: 'print', text: `${text}\n`, stream: 'stderr' };
}

function* echo(args: readonly string[]): Generator<Step, number> {
  let rest = args;
  let newline = true;
  while (rest[0] === '-n' || rest[0] === '-e' || rest[0] === '-E') {
    if (rest[0] === '-n') newline = false;
    rest = rest.slice(1);
  }
  yield print(`${rest.join(' ')}${newline ? '\n' : ''}`);
  return 0;
}

const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '\\': '\\' };

function* printf([format = '', ...args]: readonly string[]): Generator<Step, number> {
  let next = 0;
  const text = format.replace(/\\([ntr\\])|%([sd%])/g, (_match, escape: string | undefined, directive: string | undefined) => {
    if (escape !== undefined) return escapes[escape] ?? '';
    if (directive === '%') return '%';
    return args[next++] ?? (directive === 'd' ? '0' : '');
  });
  yield print(text);
  return 0;
}

function* sleep(args: readonly string[]): Generator<Step, number> {
  let milliseconds = 0;
  for (const arg of args) {
    const match = /^(\d+(?:\.\d+)?|\.\d+)([smhd]?)$/.exec(arg);
    if (arg !== 'infinity' && arg !== 'inf' && !match) {
      yield fail(`sleep: invalid number '${arg}'`);
      return 1;
    }
    milliseconds += match ? Number(match[1]) * units[match[2]!]! : Number.POSITIVE_INFINITY;
  }
  if (args.length === 0) {
    yield fail('sleep: missing operand');
    return 1;
  }
  yield milliseconds > longest ? { kind: 'forever' } : { kind: 'sleep', milliseconds };
  return 0;
}

/** As `date` prints it in UTC: `Sat Nov 21 12:31:53 UTC 2026`. */
export function dateText(milliseconds: number): string {
  const [day = '', date = '', month = '', year = '', time = ''] = new Date(milliseconds).toUTCString().replace(',', '').split(' ');
  return `${day} ${month} ${date.replace(/^0/, ' ')} ${time} UTC ${year}`;
}

function* status(code: number): Generator<Step, number> {
  return code;
}

function* exit([code = '0']: readonly string[]): Generator<Step, number> {
  if (!/^-?\d{1,10}$/.test(code)) yield fail(`exit: Illegal number: ${code}`);
  throw new ProcessExit(/^-?\d{1,10}$/.test(code) ? Number(code) & 0xff : 2);
}

function* printOut(text: string): Generator<Step, number> {
  yield print(text);
  return 0;
}

function* printenv([name]: readonly string[], { envs }: ProcessContext): Generator<Step, number> {
  if (name === undefined) yield print([...envs].map(([key, value]) => `${key}=${value}\n`).join(''));
  else if (envs.has(name)) yield print(`${envs.get(name)!}\n`);
  else return 1;
  return 0;
}

/** By name; a leading path such as `/bin/` does not count. */
export const builtins: ReadonlyMap<string, Builtin> = new Map<string, Builtin>([
  ['echo', echo],
  ['printf', printf],
  ['sleep', sleep],
  ['exit', exit],
  ['true', () => status(0)],
  [':', () => status(0)],
  ['false', () => status(1)],
  ['date', (args, context) => (args.length === 0 ? printOut(`${dateText(context.now())}\n`) : forever())],
  ['hostname', (_args, { hostname }) => printOut(`${hostname}\n`)],
  ['env', (args, context) => (args.length === 0 ? printenv([], context) : forever())],
  ['printenv', printenv],
]);

/** A command that is not known, or asked for more than is known of it: it runs on until it is stopped. */
export function* forever(): Generator<Step, number> {
  yield { kind: 'forever' };
  return 0;
}
