// Runs programs for tests, without blocking the cluster that runs in this very process.
import { spawn, type ChildProcess } from 'node:child_process';

export interface CommandOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Given to standard input. */
  readonly input?: string;
  /** It is ended after so many milliseconds, and `code` is then undefined; 75 seconds when absent. */
  readonly patience?: number;
}

export interface Outcome {
  readonly stdout: string;
  readonly stderr: string;
  /** Undefined when a signal has ended it. */
  readonly code: number | undefined;
  readonly signal: NodeJS.Signals | undefined;
}

/** Resolves when the program has ended, whatever its exit code. Rejects when it cannot be started. */
export function runCommand(program: string, args: readonly string[], options: CommandOptions = {}): Promise<Outcome> {
  return startCommand(program, args, options).ended;
}

export interface RunningCommand {
  readonly process: ChildProcess;
  readonly ended: Promise<Outcome>;
  /** Resolves with everything printed to standard output so far as soon as it is as wanted; rejects with what there is when the program ends before. */
  printed(wanted: (stdout: string) => boolean): Promise<string>;
  /** Sends the signal (SIGTERM when absent) and resolves when it has ended. */
  stop(signal?: NodeJS.Signals): Promise<Outcome>;
}

export function startCommand(
  program: string,
  args: readonly string[],
  { env, cwd, input, patience = 75_000 }: CommandOptions = {},
): RunningCommand {
  // kubectl and helm end before it would pay to collect their garbage.
  const own = { PATH: process.env['PATH'] ?? '', GOGC: '400' };
  const child = spawn(program, args, { env: { ...own, ...env }, cwd, stdio: ['pipe', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  const checks = new Set<() => void>();
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    for (const check of checks) check();
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  // A program that ends without reading what it is given is no failure of ours.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const timer = setTimeout(() => child.kill('SIGKILL'), patience);
  const ended = new Promise<Outcome>((resolve, reject) => {
    child.once('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ stdout, stderr, code: code ?? undefined, signal: signal ?? undefined });
    });
  });
  return {
    process: child,
    ended,
    printed: (wanted) =>
      new Promise((resolve, reject) => {
        const check = (): void => {
          if (!wanted(stdout)) return;
          checks.delete(check);
          resolve(stdout);
        };
        checks.add(check);
        check();
        ended.then(
          ({ code }) =>
            reject(
              new Error(`${program} ended with ${code ?? 'a signal'} before it printed what was wanted; it printed:\n${stdout}${stderr}`),
            ),
          reject,
        );
      }),
    stop: (signal = 'SIGTERM') => {
      if (child.exitCode === null) child.kill(signal);
      return ended;
    },
  };
}
