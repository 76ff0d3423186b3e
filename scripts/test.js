// npm test: sets itself up, then check, build, and every test that needs nothing but Node.
import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { buildIsStale, install, root, tryRun } from './lib/run.js';

install();
const node = process.execPath;
const patterns = process.argv.slice(2);

/** Runs one of our scripts; resolves with whether it succeeded. */
function succeeds(script) {
  return new Promise((resolve) => {
    const child = spawn(node, [join(root, 'scripts', script)], { cwd: root, stdio: 'inherit' });
    child.on('error', () => resolve(false));
    child.on('close', (code) => resolve(code === 0));
  });
}

// Side by side: the lint takes longest, and only one core.
const before = [...(patterns.length === 0 ? ['check.js'] : []), ...(buildIsStale() ? ['build.js'] : [])];
if ((await Promise.all(before.map(succeeds))).includes(false)) process.exit(1);
tryRun(node, [join(root, 'scripts', 'kubectl.js')]);

const report = join(root, 'dist', 'test-report.json');
const { status } = spawnSync(
  node,
  [
    '--experimental-vm-modules',
    '--disable-warning=ExperimentalWarning',
    // Room for young objects: less is collected, and collected less often. Jest hands this on to its workers.
    '--max-semi-space-size=32',
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
