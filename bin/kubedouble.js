#!/usr/bin/env node
// The program: runs the bundle in dist/.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const program = new URL('../dist/cli.js', import.meta.url);
if (existsSync(fileURLToPath(program))) {
  await import(program.href);
} else {
  console.error('kubedouble is not built yet: run `npm run build` (or `npm start`, which does it for you).');
  process.exitCode = 1;
}
