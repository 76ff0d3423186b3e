// npm run test:swaps: our parts in place of the real ones and the real ones in place of ours; skips where the real binaries are not.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { buildIsStale, install, root, run } from '../../../scripts/lib/run.js';
import { apiServers, controlPlanes, workers } from './clusters.js';
import { binaries, missingBinary, Processes } from './processes.js';
import { play } from './story.js';

/** Whose API server, controllers with scheduler, and nodes. The first is what the others are compared with. */
const all = [
  ['real', 'real', 'real'],
  ['ours', 'ours', 'ours'],
  ['real', 'ours', 'ours'],
  ['ours', 'real', 'real'],
  ['real', 'ours', 'real'],
  ['ours', 'real', 'ours'],
];
/** `npm run test:swaps -- real-ours-ours` plays these alone, beside the first. */
const asked = process.argv.slice(2);
const combinations = all.filter((one, index) => index === 0 || asked.length === 0 || asked.includes(one.join('-')));
/** So many clusters at a time. */
const atOnce = 3;
const patience = 5 * 60_000;

install();
if (buildIsStale())
  run(process.execPath, [join(root, 'scripts', 'build.js'), '--no-types'], { stdio: ['ignore', process.stderr, process.stderr] });
const missing = missingBinary();
if (missing !== undefined) {
  console.log(`skipped - ${missing} is not in ${binaries} (KUBERNETES_BINARIES names another folder)`);
  console.log('0 passed, 0 failed, 1 skipped');
  process.exit(0);
}
const kubectlFolder = process.env.KUBECTL === undefined ? await printed(process.execPath, [join(root, 'scripts', 'kubectl.js')]) : '';
const kubectlProgram = process.env.KUBECTL ?? join(kubectlFolder.trim(), 'kubectl');

/** Runs a program; resolves with what it printed, rejects with what it complained about. */
function printed(program, args, { env = {}, input } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env: { ...process.env, ...env } });
    let [out, errors] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text) => (out += text));
    child.stderr.setEncoding('utf8').on('data', (text) => (errors += text));
    child.on('error', reject);
    child.on('close', (code) => (code === 0 ? resolve(out) : reject(new Error(errors.trim() || `${program} ended with ${code}`))));
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
  });
}

/** Asks until the answer is true. Errors count as "not yet"; the last one is told when time is up. */
async function wait(what, ask) {
  const until = performance.now() + patience;
  let last = '';
  while (performance.now() < until) {
    try {
      if (await ask()) return;
    } catch (error) {
      last = `: ${error.message}`;
    }
    await new Promise((done) => setTimeout(done, 500));
  }
  throw new Error(`waited ${patience / 1000} s for ${what}${last}`);
}

async function playWith([server, controllers, nodes], folder) {
  const processes = new Processes(folder);
  try {
    const kubeconfig = await apiServers[server](processes, wait);
    const kubectl = (args, input) =>
      printed(kubectlProgram, args, { env: { KUBECONFIG: kubeconfig }, input: input === undefined ? undefined : JSON.stringify(input) });
    await wait('the API server', () => kubectl(['get', '--raw', '/readyz']));
    await controlPlanes[controllers](processes, kubeconfig);
    const fail = await workers[nodes](processes, kubeconfig, kubectl);
    return { end: await play(kubectl, fail, wait) };
  } catch (error) {
    return { error };
  } finally {
    await processes.stop();
  }
}

const started = performance.now();
const folder = mkdtempSync(join(tmpdir(), 'kubedouble-swaps-'));
const results = new Map();
const queue = [...combinations];
await Promise.all(
  Array.from({ length: atOnce }, async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const name = next.join('-');
      const since = performance.now();
      let result = await playWith(next, join(folder, name));
      // kwok's nodes lose their heartbeat on a machine that is too busy, and nothing mends the pods on them: such a cluster gets a second chance.
      if (result.error !== undefined && next.includes('real')) {
        console.error(`${titleOf(next)}: again, since ${result.error.message}`);
        result = await playWith(next, join(folder, `${name}-again`));
      }
      results.set(next, result);
      console.error(`${titleOf(next)}: ${((performance.now() - since) / 1000).toFixed(0)} s`);
    }
  }),
);

function titleOf([server, controllers, nodes]) {
  return `${server} API server, ${controllers} controllers and scheduler, ${nodes} nodes`;
}

const wanted = results.get(combinations[0]);
let failed = 0;
for (const combination of combinations) {
  const { end, error } = results.get(combination);
  const good = error === undefined && (wanted.end === undefined || isDeepStrictEqual(end, wanted.end));
  if (!good) failed++;
  console.log(`${good ? 'ok' : 'not ok'} - ${titleOf(combination)}${error === undefined ? '' : `: ${error.message}`}`);
  if (good || error !== undefined) continue;
  console.log(`  got    ${JSON.stringify(end)}\n  wanted ${JSON.stringify(wanted.end)}`);
}
if (failed === 0) rmSync(folder, { recursive: true, force: true });
else console.error(`the logs are in ${folder}`);
console.error(`all in ${((performance.now() - started) / 1000).toFixed(0)} s`);
console.log(`${combinations.length - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
