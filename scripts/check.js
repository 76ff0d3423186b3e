// npm run check: types, lint with the import boundaries, format, and that generated files are current.
import { spawnSync } from 'node:child_process';
import { install, root, runTool } from './lib/run.js';

install();
const steps = [
  ['types', () => runTool('typescript/bin/tsc', ['--noEmit', '-p', '.'])],
  ['lint', () => runTool('eslint/bin/eslint.js', ['--max-warnings=0', 'src', 'test', 'bench'])],
  ['format', () => runTool('prettier/bin/prettier.cjs', ['--check', '--log-level=warn', '.'])],
  ['generated', () => generatedAreCurrent()],
];

/** The exit code of the first generator whose output is out of date; 0 when there is none. */
function generatedAreCurrent() {
  for (const script of ['generate-types.js', 'generate-supported.js']) {
    const { status } = spawnSync(process.execPath, [`scripts/${script}`, '--check'], { cwd: root, stdio: 'inherit' });
    if (status !== 0) return status ?? 1;
  }
  return 0;
}

let failed = 0;
for (const [name, step] of steps) {
  const started = performance.now();
  const ok = step() === 0;
  if (!ok) failed++;
  console.log(`check ${name}: ${ok ? 'ok' : 'FAILED'} (${((performance.now() - started) / 1000).toFixed(1)} s)`);
}
process.exit(failed === 0 ? 0 : 1);
