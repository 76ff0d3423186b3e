// npm run check: types, lint with the import boundaries, format, and that generated files are current; side by side.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { install, root } from './lib/run.js';

install();
const tool = (path, ...args) => [join(root, 'node_modules', path), ...args];
const steps = [
  ['types', [tool('typescript/bin/tsc', '--noEmit', '-p', '.')]],
  ['lint', [tool('eslint/bin/eslint.js', '--max-warnings=0', 'src', 'test', 'bench')]],
  ['format', [tool('prettier/bin/prettier.cjs', '--check', '--log-level=warn', '.')]],
  ['generated', ['generate-types.js', 'generate-supported.js'].map((script) => [join(root, 'scripts', script), '--check'])],
];

/** Runs one program with this very Node. Resolves with its exit code and what it printed. */
function run(args) {
  return new Promise((resolve) => {
    // Room for young objects: these programs make gigabytes of them, and collecting them took a fifth of the time.
    const child = spawn(process.execPath, ['--max-semi-space-size=64', ...args], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    const printed = [];
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => printed.push(chunk));
    child.on('error', (error) => printed.push(Buffer.from(`${error.message}\n`)));
    child.on('close', (code) => resolve({ code: code ?? 1, printed: Buffer.concat(printed) }));
  });
}

let failed = 0;
await Promise.all(
  steps.map(async ([name, commands]) => {
    const started = performance.now();
    const results = await Promise.all(commands.map(run));
    const ok = results.every(({ code }) => code === 0);
    if (!ok) failed++;
    for (const { printed } of results) process.stdout.write(printed);
    console.log(`check ${name}: ${ok ? 'ok' : 'FAILED'} (${((performance.now() - started) / 1000).toFixed(1)} s)`);
  }),
);
process.exit(failed === 0 ? 0 : 1);
