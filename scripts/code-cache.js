// Starts the program that was just built, uses it a little, and keeps what V8 has compiled beside its scripts: docs/decisions/013-code-cache.md.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { connect } from 'node:http2';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLoader, programFolder, sealCache, setFlags } from '../bin/program.js';

const interval = 20;
const patience = 60_000;

/** As probes ask: without a name, over HTTP/1.1. */
function isReady(url) {
  return new Promise((done) => {
    const asking = request(`${url}/readyz`, { rejectUnauthorized: false, agent: false }, (response) => {
      response.resume();
      response.on('close', () => done(response.statusCode === 200));
    });
    asking.on('error', () => done(false));
    asking.end();
  });
}

async function until(condition, what) {
  for (const began = performance.now(); !(await condition()); await new Promise((done) => setTimeout(done, interval)))
    if (performance.now() - began > patience) throw new Error(`${what} took more than ${patience / 1000} s`);
}

/** As kubectl asks: with the admin's certificate, over HTTP/2. Returns the parsed answer. */
function ask(session, method, path, body, accept = 'application/json') {
  return new Promise((done, fail) => {
    const stream = session.request({ ':method': method, ':path': path, accept, 'content-type': 'application/json' });
    const chunks = [];
    stream.on('data', (chunk) => chunks.push(chunk));
    stream.on('error', fail);
    stream.on('end', () => {
      const answer = JSON.parse(Buffer.concat(chunks).toString() || '{}');
      if (answer.kind === 'Status' && answer.status === 'Failure') fail(new Error(`${method} ${path}: ${answer.message}`));
      else done(answer);
    });
    stream.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

const deployment = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'first' },
  spec: {
    selector: { matchLabels: { app: 'first' } },
    template: { metadata: { labels: { app: 'first' } }, spec: { containers: [{ name: 'first', image: 'nginx' }] } },
  },
};

/** What people do first: discovery, a deployment, a look at it. Its code shall be there as well. */
async function use(url, certificates) {
  const read = (name) => readFileSync(join(certificates, name));
  const session = connect(url, { ca: read('ca.crt'), cert: read('admin.crt'), key: read('admin.key') });
  const table = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';
  const discovery = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json';
  for (const path of ['/api', '/apis']) await ask(session, 'GET', path, undefined, discovery);
  const deployments = '/apis/apps/v1/namespaces/default/deployments';
  await ask(session, 'POST', deployments, deployment);
  const isAvailable = async () => (await ask(session, 'GET', `${deployments}/first`)).status?.availableReplicas === 1;
  await until(isAvailable, 'the first deployment');
  await ask(session, 'GET', '/api/v1/pods', undefined, table);
  await ask(session, 'DELETE', `${deployments}/first`);
  session.close();
}

const place = mkdtempSync(join(tmpdir(), 'kubedouble-build-'));
const certificates = join(place, 'certs');
const scripts = [];
setFlags();
const load = createLoader(programFolder, (name, script, source) => scripts.push({ name, script, source }));
const arguments_ = ['up', '--port', '0', '--cert-dir', certificates, '--output', 'json', '--log-level', 'silent'];
process.argv.splice(1, process.argv.length, 'kubedouble', ...arguments_);
// The address of a cluster that is gone in a moment is of no use to anybody but this script.
let printed = '';
const { write } = process.stdout;
process.stdout.write = (text) => {
  printed += String(text);
  return true;
};
try {
  const running = load('cli.js').main();
  await until(() => printed.endsWith('\n'), 'the start');
  const { url } = JSON.parse(printed);
  await until(() => isReady(url), 'readiness');
  await use(url, certificates);
  for (const { name, script, source } of scripts)
    writeFileSync(join(programFolder, `${name}.cache`), sealCache(source, script.createCachedData()));
  process.emit('SIGTERM');
  await running;
} finally {
  process.stdout.write = write;
  rmSync(place, { recursive: true, force: true });
}
