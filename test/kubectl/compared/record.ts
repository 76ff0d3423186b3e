// Runs the compared kubectl commands against a real cluster and writes down what they print.
// usage: npm run parity:record -- --kubectl --kubeconfig F --setting apiserver|cluster [--only NAME]
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { kubectlPath } from '../../support/tools.js';
import { readCases, recordingPath, settings, type Recording } from './cases.js';
import { runCase, runAll, versionOf } from './run-case.js';

const { values } = parseArgs({
  options: { kubectl: { type: 'boolean' }, kubeconfig: { type: 'string' }, setting: { type: 'string' }, only: { type: 'string' } },
});
const setting = settings.find((one) => one === values.setting);
if (values.kubeconfig === undefined || setting === undefined) {
  console.error(
    'say which cluster to ask and what it is: --kubectl --kubeconfig PATH --setting apiserver, or cluster for one with controllers and nodes',
  );
  process.exit(2);
}
if (kubectlPath === undefined) {
  console.error('no kubectl: run `node scripts/kubectl.js` or set KUBECTL');
  process.exit(1);
}
const program = kubectlPath;
const folder = join(process.cwd(), 'test', 'kubectl', 'compared');
const kubeconfig = readFileSync(values.kubeconfig, 'utf8');
const version = await versionOf(program);
const cache = mkdtempSync(join(tmpdir(), 'kubedouble-cache-'));
const digits = String(process.pid % 100_000).padStart(5, '0');
const files = readCases(folder, setting).filter(({ name }) => values.only === undefined || values.only === name);
mkdirSync(join(folder, 'recorded', setting), { recursive: true });
try {
  const results = runAll(files, (file) => runCase({ kubectl: program, kubeconfig, digits, cache, cleanUp: true }, file));
  let count = 0;
  for (const [index, file] of files.entries()) {
    const recording: Recording = { kubectl: version, commands: await results[index]! };
    const path = recordingPath(folder, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, `${JSON.stringify(recording, null, 1)}\n`);
    console.log(`${file.name}: ${recording.commands.length} commands`);
    count += recording.commands.length;
  }
  console.log(`${count} commands recorded`);
} finally {
  rmSync(cache, { recursive: true, force: true });
}
