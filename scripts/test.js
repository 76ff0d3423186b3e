// npm test: sets itself up, then check, build, and every test that needs nothing but Node.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { buildIsStale, install, root, tryRun } from './lib/run.js';

install();
const node = process.execPath;
const patterns = process.argv.slice(2);

if (patterns.length === 0) {
  if (tryRun(node, [join(root, 'scripts', 'check.js')]) !== 0) process.exit(1);
}
if (buildIsStale() && tryRun(node, [join(root, 'scripts', 'build.js')]) !== 0) process.exit(1);
tryRun(node, [join(root, 'scripts', 'kubectl.js')]);

const report = join(root, 'dist', 'test-report.json');
const { status } = spawnSync(
  node,
  [
    '--experimental-vm-modules',
    '--disable-warning=ExperimentalWarning',
    join(root, 'node_modules', 'jest', 'bin', 'jest.js'),
    '--json',
    `--outputFile=${report}`,
    ...patterns,
  ],
  { cwd: root, stdio: ['inherit', 'ignore', 'inherit'], env: { ...process.env, NODE_ENV: 'test' } },
);
const { readFileSync } = await import('node:fs');
try {
  const { numPassedTests, numFailedTests, numPendingTests, numRuntimeErrorTestSuites } = JSON.parse(readFileSync(report, 'utf8'));
  const failed = numFailedTests + numRuntimeErrorTestSuites;
  console.log(`${numPassedTests} passed, ${failed} failed${numPendingTests > 0 ? `, ${numPendingTests} skipped` : ''}`);
} catch {
  console.log('0 passed, 1 failed');
}
process.exit(status ?? 1);
