// npm run parity:record -- --kubeconfig F: records the answers of a real cluster for test/parity/.
import { join } from 'node:path';
import { install, root, run } from './lib/run.js';

install();
const { build } = await import('esbuild');
const outfile = join(root, 'dist', 'parity-record.mjs');
await build({
  absWorkingDir: root,
  entryPoints: ['test/parity/record.ts'],
  bundle: true,
  platform: 'node',
  format: 'esm',
  outfile,
  packages: 'external',
  logLevel: 'warning',
});
run(process.execPath, [outfile, ...process.argv.slice(2)]);
