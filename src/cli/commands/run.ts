// kubedouble run -- COMMAND: a cluster for the time of one command.
import { spawn } from 'node:child_process';
import { constants, tmpdir } from 'node:os';
import { mkdtemp, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { startCluster } from '../../cluster/cluster.js';
import { OptionError } from '../../cluster/options.js';
import { ExitCode } from '../failure.js';
import { createLogger } from '../log.js';
import type { Flags } from '../flags.js';
import { readSettings } from '../settings.js';
import type { Terminal } from '../terminal.js';

export async function run([command, ...args]: readonly string[], flags: Flags, _screen: Terminal): Promise<void> {
  if (command === undefined) throw new OptionError('say which command to run: kubedouble run -- COMMAND');
  const { logLevel, ...settings } = await readSettings(flags);
  const folder = await mkdtemp(join(tmpdir(), 'kubedouble-'));
  const kubeconfig = join(folder, 'kubeconfig');
  try {
    const { certDir, ...rest } = settings;
    const cluster = await startCluster({
      ...rest,
      port: settings.port ?? 0,
      ...(certDir === undefined ? {} : { certDir: resolve(certDir) }),
      kubeconfig,
      logger: createLogger(logLevel),
    });
    let code: number;
    try {
      code = await exitCodeOf(command, args, { ...process.env, KUBECONFIG: kubeconfig });
    } finally {
      await cluster.stop();
    }
    if (code !== 0) throw new ExitCode(code);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Runs the command with this terminal; signals go on to it. As shells do, a signal that ends it is 128 and its number. */
function exitCodeOf(command: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  return new Promise((done, fail) => {
    // Listening before the command can do anything: whoever waits for its first word may send a signal at once.
    const forward = (signal: NodeJS.Signals): void => void child.kill(signal);
    // Ctrl-C reaches the command from the terminal itself; it decides what that means.
    const ignore = (): void => undefined;
    process.on('SIGTERM', forward).on('SIGHUP', forward).on('SIGINT', ignore);
    const child = spawn(command, args, { stdio: 'inherit', env });
    const settle = (): void => {
      process.off('SIGTERM', forward).off('SIGHUP', forward).off('SIGINT', ignore);
    };
    child.once('error', (error) => {
      settle();
      fail(
        new OptionError(
          `the command ${command} cannot be run: ${(error as NodeJS.ErrnoException).code === 'ENOENT' ? 'there is no such program' : error.message}`,
        ),
      );
    });
    child.once('exit', (code, signal) => {
      settle();
      done(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
    });
  });
}
