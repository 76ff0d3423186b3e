// Runs the project's tools and says in one line what went wrong.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout's folder. */
export const root = fileURLToPath(new URL('../../', import.meta.url));

/** Runs a command with the terminal's own input and output; ends this process with its exit code when it fails. */
export function run(command, args, options = {}) {
  const code = tryRun(command, args, options);
  if (code !== 0) process.exit(code);
}

/** As `run`, but returns the exit code. */
export function tryRun(command, args, options = {}) {
  const shell = process.platform === 'win32' && command === 'npm';
  const { status, error } = spawnSync(command, args, { stdio: 'inherit', cwd: root, shell, ...options });
  if (error) {
    console.error(`${command} could not be started: ${error.message}`);
    return 1;
  }
  return status ?? 1;
}

/** Runs a script of an installed package with this very Node: `node_modules/<path>`. */
export function runTool(path, args, options = {}) {
  return tryRun(process.execPath, [join(root, 'node_modules', path), ...args], options);
}

/** The newest change of a file or of anything in a folder, in milliseconds; 0 when it is not there. */
export function newest(path) {
  if (!existsSync(path)) return 0;
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return readdirSync(path).reduce((latest, name) => Math.max(latest, newest(join(path, name))), 0);
}

/** Installs the dependencies when they are missing or older than the lock file. */
export function install() {
  const installed = newest(join(root, 'node_modules', '.package-lock.json'));
  if (installed > 0 && installed >= newest(join(root, 'package-lock.json')) - 1000) return;
  console.error('installing dependencies (npm ci) …');
  run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { stdio: ['ignore', process.stderr, process.stderr] });
}

/** Whether the build is missing or older than what it is made of. */
export function buildIsStale() {
  const built = newest(join(root, 'dist', 'program', 'cli.js'));
  return built === 0 || ['bin', 'src', 'openapi', 'scripts', 'package.json'].some((path) => newest(join(root, path)) > built);
}
