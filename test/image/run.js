// npm run test:image: builds the image of the Dockerfile and runs it as the README says, with buildah; skips where that is not.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { install, root, tryRun } from '../../scripts/lib/run.js';
import { fillBase } from './base.js';

const base = 'docker.io/library/node:20-alpine';
const image = 'kubedouble-tested';
const patience = 60_000;
const between = 250;
const started = performance.now();
const counts = { passed: 0, failed: 0 };
const folder = mkdtempSync(join(tmpdir(), 'kubedouble-image-'));
// Whatever it keeps goes with the folder.
const storage = ['--root', join(folder, 'storage'), '--runroot', join(folder, 'run'), '--storage-driver', 'vfs'];

function buildah(command, ...args) {
  const { status, stdout, stderr, error } = spawnSync('buildah', [...storage, command, ...args], { encoding: 'utf8', maxBuffer: 1 << 26 });
  return { ok: status === 0, out: (stdout ?? '').trim(), errors: (stderr ?? error?.message ?? '').trim() };
}

function skip(why) {
  console.log(`skipped - image: ${why}`);
  console.log('0 passed, 0 failed, 1 skipped');
  rmSync(folder, { recursive: true, force: true });
  process.exit(0);
}

function check(what, good, details = '') {
  counts[good ? 'passed' : 'failed']++;
  console.log(`${good ? 'ok' : 'not ok'} - image: ${what}`);
  if (!good && details !== '') console.log(details.split('\n').slice(-40).join('\n').replaceAll(/^/gm, '    '));
  return good;
}

/** Makes the base image of this machine's Node. Returns why that cannot be. */
function makeBase() {
  if (process.platform !== 'linux') return 'it is built on Linux alone';
  if (!buildah('version').ok) return '`buildah version` does not answer on this machine';
  const files = join(folder, 'base');
  const lacking = fillBase(files);
  if (lacking !== undefined) return lacking;
  const scratch = buildah('from', 'scratch');
  const copied = scratch.ok ? buildah('copy', '--quiet', scratch.out, files, '/') : scratch;
  const settings = ['PATH=/usr/local/bin:/usr/bin:/bin'];
  const registry = spawnSync('npm', ['config', 'get', 'registry'], { encoding: 'utf8' }).stdout.trim().split('\n').pop();
  settings.push(`npm_config_registry=${registry}`);
  if (existsSync(join(files, 'etc', 'authorities.pem'))) settings.push('NODE_EXTRA_CA_CERTS=/etc/authorities.pem');
  const configured = copied.ok ? buildah('config', ...settings.flatMap((one) => ['--env', one]), scratch.out) : copied;
  const committed = configured.ok ? buildah('commit', '--quiet', scratch.out, base) : configured;
  // A machine may forbid what a container needs.
  const tried = committed.ok ? buildah('run', '--isolation', 'chroot', scratch.out, '--', 'node', '--version') : committed;
  return tried.ok ? undefined : `buildah cannot make containers here: ${tried.errors.split('\n').pop()}`;
}

/** The files of the checkout as they are, as `docker build .` takes them. */
function context() {
  const files = spawnSync('git', ['ls-files', '-co', '--exclude-standard'], { cwd: root, encoding: 'utf8' }).stdout.trim().split('\n');
  const there = files.filter((file) => existsSync(join(root, file)));
  const target = join(folder, 'context');
  mkdirSync(target);
  const { stdout } = spawnSync('tar', ['cf', '-', '-T', '-'], { cwd: root, input: there.join('\n'), maxBuffer: 1 << 29 });
  spawnSync('tar', ['xf', '-'], { cwd: target, input: stdout });
  return target;
}

async function until(ask) {
  for (const end = performance.now() + patience; performance.now() < end; await pause(between)) if (ask()) return true;
  return false;
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** The words of a JSON list in the Dockerfile, such as `CMD ["up"]`. */
function wordsOf(instruction) {
  const line = readFileSync(join(root, 'Dockerfile'), 'utf8')
    .split('\n')
    .find((one) => one.startsWith(`${instruction} [`));
  return JSON.parse(line.slice(instruction.length));
}

async function tryContainer() {
  const container = buildah('from', '--pull-never', `localhost/${image}`).out;
  const run = ['run', '--isolation', 'chroot', '--network', 'host', container, '--'];
  const inside = (...args) => buildah(...run, ...args);
  check('runs as a user without rights', inside('env').ok && inside('node', '-p', 'process.getuid()').out === '1000');
  const entry = wordsOf('ENTRYPOINT');
  // The README maps the port; without an engine the container has the machine's own ports, of which 6443 may be taken.
  const port = String(await freePort());
  const words = wordsOf('CMD').map((word) => (word === '6443' ? port : word));
  const up = spawn('buildah', [...storage, ...run, ...entry, ...words], { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  let printed = '';
  for (const stream of [up.stdout, up.stderr]) stream.setEncoding('utf8').on('data', (text) => (printed += text));
  const ended = new Promise((resolve) => up.on('close', resolve));
  try {
    const health = [...entry, 'health', '--kubeconfig', '/data/kubeconfig'];
    check('becomes healthy', await until(() => inside(...health).ok), printed);
    const kubeconfig = join(folder, 'kubeconfig');
    writeFileSync(kubeconfig, inside('cat', '/data/kubeconfig').out);
    const kubectl = (...args) => spawnSync(kubectlProgram, [...args, '--kubeconfig', kubeconfig], { encoding: 'utf8' });
    if (kubectl('version', '--client').status !== 0) return console.log('skipped - image: kubectl from outside: there is no kubectl');
    const { stdout = '', stderr } = kubectl('wait', 'nodes', '--all', '--for=condition=Ready', '--timeout=30s');
    check('its nodes are Ready for a kubectl outside', (stdout.match(/condition met/g) ?? []).length === 3, stderr);
  } finally {
    if (up.exitCode === null && up.signalCode === null) process.kill(-up.pid, 'SIGTERM');
    await ended;
  }
}

const why = makeBase();
if (why !== undefined) skip(why);
install();
const layers = spawnSync(process.execPath, [join(root, 'scripts', 'kubectl.js')], { encoding: 'utf8' }).stdout.trim();
const kubectlProgram = process.env.KUBECTL ?? (layers === '' ? 'kubectl' : join(layers, 'kubectl'));
try {
  const flags = ['--isolation', 'chroot', '--network', 'host', '--pull-never', '--layers=false', '--format', 'docker', '-t', image];
  const code = tryRun('buildah', [...storage, 'bud', ...flags, context()], { stdio: ['ignore', process.stderr, process.stderr] });
  if (check('the Dockerfile builds', code === 0)) {
    const { out } = buildah('inspect', '--type', 'image', `localhost/${image}`);
    const { config } = JSON.parse(out).Docker;
    check('keeps its state in /data', Object.keys(config.Volumes ?? {}).includes('/data'));
    check('asks for its health', config.Healthcheck?.Test?.includes('health') === true, JSON.stringify(config.Healthcheck));
    check('serves on 6443', Object.keys(config.ExposedPorts ?? {}).includes('6443/tcp'));
    await tryContainer();
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
console.error(`all in ${((performance.now() - started) / 1000).toFixed(1)} s`);
console.log(`${counts.passed} passed, ${counts.failed} failed`);
process.exitCode = counts.failed === 0 ? 0 : 1;
