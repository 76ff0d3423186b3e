// npm start: installs and builds what is missing, then starts a cluster. Options go through: npm start -- --nodes 5
import { join } from 'node:path';
import { spawn } from 'node:child_process';
import { buildIsStale, install, root, run } from './lib/run.js';

install();
if (buildIsStale()) {
  console.error('building …');
  run(process.execPath, [join(root, 'scripts', 'build.js'), '--no-types']);
}
const child = spawn(process.execPath, [join(root, 'bin', 'kubedouble.js'), 'up', ...process.argv.slice(2)], { stdio: 'inherit' });
// Ctrl-C reaches the cluster itself: this process only waits for it to have stopped.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)));
