// The built program, as a person starts it.
import { existsSync, mkdtempSync, rmSync, mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { runCommand, startCommand, type CommandOptions, type Outcome, type RunningCommand } from './command.js';
import { checkout } from './tools.js';

/** Whether there is a build; `npm test` makes one first. */
export const isBuilt = existsSync(join(checkout, 'dist', 'program', 'cli.js'));

/** A suite about the build; skipped, with a word on it, when there is none. */
export function describeBuild(title: string, tests: () => void): void {
  if (isBuilt) describe(title, tests);
  else describe.skip(`${title} (skipped: run \`npm run build\` first)`, tests);
}

/** A folder of its own for a suite, with a home in it; `kubedouble` runs there. */
export class Workplace {
  readonly folder = mkdtempSync(join(tmpdir(), 'kubedouble-test-'));
  readonly #started = new Set<RunningCommand>();

  path(...parts: string[]): string {
    return join(this.folder, ...parts);
  }

  write(path: string, text: string, mode = 0o600): string {
    const file = this.path(path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text, { mode });
    return file;
  }

  run(args: readonly string[], options: CommandOptions = {}): Promise<Outcome> {
    return runCommand(process.execPath, this.#args(args), this.#options(options));
  }

  start(args: readonly string[], options: CommandOptions = {}): RunningCommand {
    return this.#keep(startCommand(process.execPath, this.#args(args), this.#options(options)));
  }

  /** Another program in JavaScript. */
  startProgram(path: string): RunningCommand {
    return this.#keep(startCommand(process.execPath, [path], this.#options({})));
  }

  /** Ends what still runs and removes the folder. */
  async clear(): Promise<void> {
    await Promise.all([...this.#started].map((command) => command.stop('SIGKILL')));
    rmSync(this.folder, { recursive: true, force: true });
  }

  #keep(command: RunningCommand): RunningCommand {
    this.#started.add(command);
    return command;
  }

  #args(args: readonly string[]): string[] {
    return [join(checkout, 'bin', 'kubedouble.js'), ...args];
  }

  #options(options: CommandOptions): CommandOptions {
    return { cwd: this.folder, ...options, env: { HOME: this.folder, ...options.env } };
  }
}
