// npm run test:clients: real clients against our cluster, each where its tools are: libraries in Go, Java and Python, operators, helm, published definitions.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { buildIsStale, install, root, run, tryRun } from '../../scripts/lib/run.js';

install();
tryRun(process.execPath, [join(root, 'scripts', 'kubectl.js')], { stdio: ['ignore', process.stderr, process.stderr] });

const here = join(root, 'test', 'clients');
/** What the languages build is kept here, so that a second run is quick. */
const cache = join(root, 'node_modules', '.cache', 'clients');
const windows = process.platform === 'win32';
/** No step takes longer, even on a machine with much else to do. */
const mostMilliseconds = 10 * 60 * 1000;

const pythonOf = (name) => join(cache, name, windows ? 'Scripts' : 'bin', 'python');
const goProgram = join(cache, 'go', 'checks');
const operatorProgram = join(cache, 'operator', 'suite');
/** The pinned kubectl and helm; those of KUBECTL and HELM, or of the PATH, where there are none. */
const pinned = join(root, 'node_modules', '.cache', 'kubectl-v35');
const toolOf = (name) => process.env[name.toUpperCase()] ?? (existsSync(join(pinned, name)) ? join(pinned, name) : name);
const commandTools = { KUBECTL: toolOf('kubectl'), HELM: toolOf('helm') };
/** A build may not change go.mod, nor fetch another Go than the one that is there. */
const asPinned = { GOTOOLCHAIN: 'local' };

/** A client in Python with the packages of its requirements.txt in an environment of its own. */
function inPython(name) {
  return {
    name,
    tools: [
      ['python3', '--version'],
      ['python3', '-m', 'venv', '--help'],
      ['python3', '-m', 'ensurepip', '--version'],
    ],
    build: () => [
      ...(existsSync(pythonOf(name)) ? [] : [['python3', ['-m', 'venv', join(cache, name)]]]),
      [
        pythonOf(name),
        ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--requirement', join(here, name, 'requirements.txt')],
      ],
    ],
    check: [pythonOf(name), [join(here, name, 'checks.py')], { env: { PYTHONDONTWRITEBYTECODE: '1' } }],
  };
}

/**
 * A language: the tools it needs with how to ask them for their version, how its program is built, and how it is run. Each step is a command,
 * its arguments, and perhaps a folder and more of the environment; programs print `ok - NAME` or `not ok - NAME: WHY` for each check.
 */
const languages = [
  {
    name: 'go',
    tools: [['go', 'version']],
    build: [['go', ['build', '-mod=readonly', '-ldflags=-s -w', '-o', goProgram, '.'], { cwd: join(here, 'go'), env: asPinned }]],
    check: [goProgram, []],
  },
  {
    name: 'java',
    tools: [
      ['java', '-version'],
      ['javac', '-version'],
      ['mvn', '--version'],
    ],
    build: [
      ['mvn', ['--batch-mode', '--quiet', `-DoutputFolder=${join(cache, 'java')}`, 'compile'], { cwd: join(here, 'java'), shell: windows }],
    ],
    check: [
      'java',
      // The run is short: the second compiler would only take time.
      [
        '-XX:TieredStopAtLevel=1',
        '-cp',
        ['classes', 'libraries/*'].map((part) => join(cache, 'java', part)).join(delimiter),
        'dev.kubedouble.checks.Main',
      ],
    ],
  },
  inPython('python'),
  inPython('kopf'),
  {
    name: 'operator',
    tools: [['go', 'version']],
    build: [
      ['go', ['test', '-c', '-mod=readonly', '-ldflags=-s -w', '-o', operatorProgram, '.'], { cwd: join(here, 'operator'), env: asPinned }],
    ],
    // As its authors would run it against a cluster that is there.
    check: [operatorProgram, [], { cwd: join(here, 'operator'), env: { USE_EXISTING_CLUSTER: 'true' } }],
  },
  {
    name: 'helm',
    tools: [[commandTools.HELM, 'version']],
    build: [],
    check: [process.execPath, [join(here, 'helm', 'checks.js')], { env: commandTools }],
  },
  {
    name: 'crds',
    tools: [
      ['go', 'version'],
      [commandTools.KUBECTL, 'version', '--client'],
    ],
    build: [['go', ['mod', 'download'], { cwd: join(here, 'crds'), env: asPinned }]],
    check: [process.execPath, [join(here, 'crds', 'checks.js')], { env: { ...commandTools, ...asPinned } }],
  },
];

/** Runs a command; resolves with its exit code (undefined when it cannot be started) and what it printed. Never rejects. */
function command(program, args, { cwd = here, env = {}, shell = false, onLine } = {}) {
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd, shell, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    let [out, errors, rest] = ['', '', ''];
    // Not spawn's own timeout: its timer goes on when the program is not there.
    const timer = setTimeout(() => {
      errors += `ended after ${mostMilliseconds / 1000} s\n`;
      child.kill('SIGKILL');
    }, mostMilliseconds);
    const end = (code) => {
      clearTimeout(timer);
      resolve({ code, out, errors });
    };
    child.stdout.setEncoding('utf8').on('data', (text) => {
      out += text;
      const lines = (rest + text).split('\n');
      rest = lines.pop();
      if (onLine !== undefined) lines.forEach(onLine);
    });
    child.stderr.setEncoding('utf8').on('data', (text) => (errors += text));
    child.on('error', (error) => {
      errors += error.message;
      end(undefined);
    });
    child.on('close', (code) => end(code ?? 1));
  });
}

/** The tool that is missing for a language; undefined when all are there. */
async function missingTool({ tools }) {
  for (const [program, ...args] of tools) {
    const { code } = await command(program, args, { shell: windows });
    if (code !== 0) return [program, ...args.slice(0, -1)].join(' ');
  }
  return undefined;
}

const counts = { passed: 0, failed: 0, skipped: 0 };

function fail(line, details = '') {
  counts.failed++;
  console.log(`not ok - ${line}`);
  const text = details.trim().split('\n').slice(-40).join('\n');
  if (text !== '') console.log(text.replaceAll(/^/gm, '    '));
}

/** Builds a language's program; false when that failed or a tool is missing. */
async function build(language) {
  const missing = await missingTool(language);
  if (missing !== undefined) {
    counts.skipped++;
    console.log(`skipped - ${language.name}: \`${missing}\` is not on this machine`);
    return false;
  }
  const started = performance.now();
  const steps = typeof language.build === 'function' ? language.build() : language.build;
  for (const [program, args, options] of steps) {
    const { code, out, errors } = await command(program, args, options);
    if (code === 0) continue;
    fail(`${language.name}: \`${[program, ...args].join(' ')}\` failed`, `${out}\n${errors}`);
    return false;
  }
  console.error(`${language.name}: ready after ${seconds(started)}`);
  return true;
}

/** Runs the checks of a language and counts what it prints. A program that prints nothing, or ends badly without a failed check, has failed. */
async function check({ name, check: [program, args, options = {}] }, env) {
  const started = performance.now();
  let [seen, bad] = [0, 0];
  const onLine = (line) => {
    const result = /^(ok|not ok) - /.exec(line);
    if (result === null) return;
    seen++;
    if (result[1] === 'ok') counts.passed++;
    else {
      bad++;
      counts.failed++;
    }
    console.log(line);
  };
  const { code, out, errors } = await command(program, args, { ...options, env: { ...env, ...options.env }, onLine });
  if (seen === 0 || (code !== 0 && bad === 0)) fail(`${name}: the program ended with ${code}`, `${out}\n${errors}`);
  console.error(`${name}: ${seen} checks in ${seconds(started)}`);
}

function seconds(since) {
  return `${((performance.now() - since) / 1000).toFixed(1)} s`;
}

if (buildIsStale())
  run(process.execPath, [join(root, 'scripts', 'build.js'), '--no-types'], { stdio: ['ignore', process.stderr, process.stderr] });
const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !languages.some((language) => language.name === name));
if (unknown.length > 0) {
  console.error(`there is no ${unknown.join(', ')}: choose from ${languages.map(({ name }) => name).join(', ')}`);
  process.exit(1);
}
const started = performance.now();
mkdirSync(cache, { recursive: true });
const { realClock, scaledClock, startCluster } = await import('../../dist/index.js');
const folder = mkdtempSync(join(tmpdir(), 'kubedouble-clients-'));
const [kubeconfig, fastKubeconfig] = [join(folder, 'kubeconfig'), join(folder, 'kubeconfig-fast')];
const clusters = await Promise.all([
  startCluster({ kubeconfig }),
  // Thirty times as fast, so that a check need not wait minutes until the server forgets what has happened.
  startCluster({ kubeconfig: fastKubeconfig, components: ['apiserver'], clock: scaledClock(realClock(), 30) }),
]);
try {
  const env = { KUBECONFIG: kubeconfig, KUBECONFIG_FAST: fastKubeconfig };
  await Promise.all(
    languages
      .filter(({ name }) => wanted.length === 0 || wanted.includes(name))
      .map(async (language) => {
        if (await build(language)) await check(language, env);
      }),
  );
} finally {
  await Promise.all(clusters.map((cluster) => cluster.stop()));
  rmSync(folder, { recursive: true, force: true });
}
console.error(`all in ${seconds(started)}`);
console.log(`${counts.passed} passed, ${counts.failed} failed${counts.skipped > 0 ? `, ${counts.skipped} skipped` : ''}`);
process.exitCode = counts.failed === 0 ? 0 : 1;
