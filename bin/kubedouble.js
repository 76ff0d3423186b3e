#!/usr/bin/env node
// The program: runs the bundle in dist/.
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';

// Where cores are few, the helpers of garbage collection take those of the clients (docs/benchmarks.md has figures).
if (availableParallelism() <= 4) {
  const helpers = ['parallel-scavenge', 'concurrent-marking', 'concurrent-sweeping', 'parallel-compaction', 'parallel-pointer-update'];
  for (const helper of [...helpers, 'concurrent-array-buffer-sweeping']) setFlagsFromString(`--no-${helper}`);
}

const program = new URL('../dist/cli.js', import.meta.url);
if (existsSync(fileURLToPath(program))) {
  await import(program.href);
} else {
  console.error('kubedouble is not built yet: run `npm run build` (or `npm start`, which does it for you).');
  process.exitCode = 1;
}
