// Runs an example as its reader would: a program of its own, from the checkout's root, against the build.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { checkout, kubectlPath } from '../support/tools.js';

export interface Outcome {
  readonly code: number | null;
  readonly output: string;
  readonly errors: string;
}

/** How long an example may take, in milliseconds. */
const patience = 110_000;

/** Runs a script with this Node. Rejects with an Error when there is no build. */
export function runNode(...args: readonly string[]): Promise<Outcome> {
  if (!existsSync(join(checkout, 'dist', 'program', 'cli.js'))) return Promise.reject(new Error('examples need the build: npm run build'));
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd: checkout, env: environment(), stdio: ['ignore', 'pipe', 'pipe'], timeout: patience });
    let output = '';
    let errors = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, output, errors }));
  });
}

/** Without what Jest sets for itself, and with the tests' kubectl first in the path. */
function environment(): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _options, JEST_WORKER_ID: _worker, NODE_ENV: _environment, PATH = '', ...rest } = process.env;
  return { ...rest, NO_COLOR: '1', PATH: kubectlPath === undefined ? PATH : `${dirname(kubectlPath)}${delimiter}${PATH}` };
}
