// npm run bench: the same work against our cluster and, with --against KUBECONFIG, against another server (npm run bench -- --help).
import { join } from 'node:path';
import { buildIsStale, install, root, run, tryRun } from './lib/run.js';

install();
const args = process.argv.slice(2);
// A server that runs already needs no build of ours.
const startsOurs = !args.some((arg) => arg === '--kubeconfig' || arg.startsWith('--kubeconfig=') || arg === '--help' || arg === '-h');
if (startsOurs && buildIsStale()) {
  console.error('building …');
  run(process.execPath, [join(root, 'scripts', 'build.js'), '--no-types'], { stdio: ['ignore', process.stderr, process.stderr] });
}
const { build } = await import('esbuild');
await build({
  absWorkingDir: root,
  entryPoints: {
    main: 'bench/main.ts',
    load: 'bench/load/main.ts',
    ceiling: 'bench/ceiling.ts',
    controllers: 'bench/controllers/main.ts',
    scheduler: 'bench/scheduler.ts',
    extension: 'bench/extension/main.ts',
    stalls: 'bench/stalls/main.ts',
    'stalls/probe': 'bench/stalls/probe.ts',
    'stalls/witness': 'bench/stalls/witness.ts',
  },
  outdir: 'dist/bench',
  outExtension: { '.js': '.mjs' },
  bundle: true,
  platform: 'node',
  format: 'esm',
  packages: 'external',
  logLevel: 'warning',
});
const stories = ['controllers', 'scheduler', 'extension', 'stalls'];
const program = `${stories.find((story) => args.includes(`--${story}`)) ?? 'main'}.mjs`;
process.exitCode = tryRun(process.execPath, [join(root, 'dist', 'bench', program), ...args], { cwd: process.cwd() });
