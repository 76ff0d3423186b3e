// Clusters that start and stop, under load and at once, and what attacks leave behind: nothing. Each in a process of its own.
import { execFile, spawn } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { checkout } from '../support/tools.js';

const folder = join(checkout, 'node_modules', '.cache', `attack-${process.pid}`);
const program = join(folder, 'child.mjs');

beforeAll(async () => {
  mkdirSync(folder, { recursive: true });
  // In a plain process: esbuild does not work inside of Jest's.
  const options = {
    entryPoints: ['test/attack/lifecycle.child.ts'],
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    outfile: program,
  };
  const script = `import { build } from 'esbuild'; await build(${JSON.stringify(options)});`;
  await new Promise<void>((resolve, reject) => {
    execFile(process.execPath, ['--input-type=module', '--eval', script], { cwd: checkout }, (error) =>
      error === null ? resolve() : reject(error),
    );
  });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Outcome {
  readonly lines: readonly string[];
  readonly errors: string;
  readonly code: number | null;
  /** From its last word to its end, in milliseconds. */
  readonly lingered: number;
}

function run(scenario: string, ...flags: string[]): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const { NODE_OPTIONS: _options, JEST_WORKER_ID: _worker, ...env } = process.env;
    const child = spawn(process.execPath, [...flags, program, scenario], {
      cwd: checkout,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 80_000,
    });
    let text = '';
    let errors = '';
    let done = NaN;
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      if (/^done$/m.test(text)) done = performance.now();
    });
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (errors += chunk));
    child.once('error', reject);
    child.once('exit', (code) => resolve({ lines: text.trim().split('\n'), errors, code, lingered: performance.now() - done }));
  });
}

/** How long a process without anything to do takes to end, on a machine that is busy. */
const moment = 5000;

test('a cluster that has stopped keeps no process alive', async () => {
  const outcome = await run('idle');
  expect(outcome).toMatchObject({ lines: ['done'], errors: '', code: 0 });
  expect(outcome.lingered).toBeLessThan(moment);
});

test('nor one that was stopped twice, with watches, requests and handshakes under way', async () => {
  const outcome = await run('load');
  expect(outcome).toMatchObject({ lines: ['after: 503', 'done'], errors: '', code: 0 });
  expect(outcome.lingered).toBeLessThan(moment);
});

test('five at once have five ports, and end like one', async () => {
  const outcome = await run('five');
  expect(outcome).toMatchObject({ lines: ['ports: 5', 'done'], errors: '', code: 0 });
  expect(outcome.lingered).toBeLessThan(moment);
});

test('a start that fails says why, and leaves nothing running', async () => {
  const outcome = await run('failing');
  expect(outcome).toMatchObject({ errors: '', code: 0 });
  expect(outcome.lines).toEqual([
    '{"port":PORT}: OptionError port PORT on 127.0.0.1 is in use: choose another with --port, or a free one with --port 0',
    '{"bind":"192.0.2.1"}: OptionError 192.0.2.1 is no address of this machine: choose one with --bind, such as 127.0.0.1 or 0.0.0.0',
    '{"nodes":-1}: OptionError nodes must be a whole number from 0 to 10000, not -1',
    expect.stringMatching(/kubeconfig.*: /),
    expect.stringMatching(/certs/),
    'done',
  ]);
  expect(outcome.lines.filter((line) => line.endsWith('started'))).toEqual([]);
  expect(outcome.lingered).toBeLessThan(moment);
});

test('no family of attacks leaves anything on the heap', async () => {
  const { lines, errors, code } = await run('memory', '--expose-gc');
  expect([code, errors]).toEqual([0, '']);
  const grown = Object.fromEntries(lines.filter((line) => line.includes(': ')).map((line) => line.split(': ')));
  expect(Object.keys(grown)).toEqual(['bodies', 'paths', 'tokens', 'watches', 'connections']);
  // Kilobytes: far less than one round sent, some megabytes in each family.
  for (const [family, kilobytes] of Object.entries(grown))
    expect([family, Number(kilobytes) < 2500 ? 'little' : kilobytes]).toEqual([family, 'little']);
});
