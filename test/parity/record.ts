// Asks a real cluster all parity questions and writes its answers down. usage: npm run parity:record -- --kubeconfig F [--only NAME]
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { targetOf } from '../support/kubeconfig.js';
import { readCases, runCase } from './cases.js';

const { values } = parseArgs({ options: { kubeconfig: { type: 'string' }, only: { type: 'string' } } });
if (values.kubeconfig === undefined) {
  console.error('say which cluster to ask: npm run parity:record -- --kubeconfig PATH');
  process.exit(2);
}
const folder = join(process.cwd(), 'test', 'parity');
const target = targetOf(readFileSync(values.kubeconfig, 'utf8'));
mkdirSync(join(folder, 'recorded'), { recursive: true });
let count = 0;
for (const file of readCases(folder)) {
  if (values.only !== undefined && values.only !== file.name) continue;
  // These want a cluster that was started anew with the flags of their `server`.
  if (values.only === undefined && file.server !== undefined) continue;
  const recorded = await runCase(target, file, `parity-${file.name}-${process.pid}`);
  writeFileSync(join(folder, 'recorded', `${file.name}.json`), `${JSON.stringify(recorded, null, 1)}\n`);
  console.log(`${file.name}: ${recorded.length} answers`);
  count += recorded.length;
}
console.log(`${count} answers recorded`);
