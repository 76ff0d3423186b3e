// npm run parity:record -- --kubeconfig F: records the answers of a real cluster for test/parity/.
// With --kubectl --setting apiserver|cluster: what kubectl prints there, for test/kubectl/compared/.
import { join } from 'node:path';
import { install, root, run } from './lib/run.js';

install();
const { build } = await import('esbuild');
const kubectl = process.argv.includes('--kubectl');
const outfile = join(root, 'dist', 'record', kubectl ? 'kubectl.mjs' : 'parity.mjs');
await build({
  absWorkingDir: root,
  entryPoints: [kubectl ? 'test/kubectl/compared/record.ts' : 'test/parity/record.ts'],
  bundle: true,
  platform: 'node',
  format: 'esm',
  outfile,
  packages: 'external',
  logLevel: 'warning',
});
run(process.execPath, [outfile, ...process.argv.slice(2)]);
