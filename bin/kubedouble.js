#!/usr/bin/env node
// The program: runs the bundle in dist/.
import { createLoader, isBuilt, setFlags } from './program.js';

if (isBuilt()) {
  setFlags();
  await createLoader()('cli.js').main();
} else {
  console.error('kubedouble is not built yet: run `npm run build` (or `npm start`, which does it for you).');
  process.exitCode = 1;
}
