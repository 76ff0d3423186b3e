// npm run parity:record -- --kubeconfig F: records the answers of a real cluster for test/parity/.
// With --kubectl --setting apiserver|cluster: what kubectl prints there, for test/kubectl/compared/.
// With --audit --log FILE: the events in the audit log of that cluster, for test/parity/audit/.
import { join } from 'node:path';
import { install, root, run } from './lib/run.js';

install();
const { build } = await import('esbuild');
const recorders = {
  '--kubectl': ['test/kubectl/compared/record.ts', 'kubectl.mjs'],
  '--audit': ['test/parity/record-audit.ts', 'audit.mjs'],
};
const chosen = Object.keys(recorders).find((option) => process.argv.includes(option));
const [entry, built] = chosen === undefined ? ['test/parity/record.ts', 'parity.mjs'] : recorders[chosen];
const outfile = join(root, 'dist', 'record', built);
await build({
  absWorkingDir: root,
  entryPoints: [entry],
  bundle: true,
  platform: 'node',
  format: 'esm',
  outfile,
  packages: 'external',
  logLevel: 'warning',
});
run(process.execPath, [outfile, ...process.argv.slice(2)]);
