// Runs the commands of a case file against a cluster, in a namespace and a folder of their own.
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { runCommand, type Outcome } from '../../support/command.js';
import { targetOf } from '../../support/kubeconfig.js';
import type { CaseFile, Recorded, Step } from './cases.js';
import { normalise } from './normalise.js';
import { wordsOf } from './words.js';

export interface Place {
  readonly kubectl: string;
  readonly kubeconfig: string;
  /** The namespace is named after the file and these five digits: it has the same length everywhere, and so have the columns. */
  readonly digits: string;
  /** Where the discovery of this cluster is cached for all files. */
  readonly cache: string;
  /** What the case leaves behind is removed at the end: for clusters that live on. */
  readonly cleanUp?: boolean;
}

/** What `kubectl explain` says of a field, and its errors, which are no documentation. */
const isField = /^(?:KIND|GROUP|VERSION|RESOURCE|FIELDS?):|\t<|^error|^Error/;

/** How long a step with `until` is repeated, and how often. */
const patience = 60_000;
const interval = 200;

/** Runs all steps and returns the normalised outputs of those that are compared. Throws when a setup fails. */
export async function runCase(place: Place, file: CaseFile): Promise<readonly Recorded[]> {
  const namespace = `compared-${file.name}-${place.digits}`;
  const folder = mkdtempSync(join(tmpdir(), 'kubedouble-compared-'));
  const names = new Map([['ns', namespace]]);
  const fill = (text: string): string => text.replace(/\{([a-z][A-Za-z0-9]*)\}/g, (whole, name: string) => names.get(name) ?? whole);
  writeFileSync(join(folder, 'kubeconfig'), kubeconfigFor(place.kubeconfig, namespace));
  const cwd = join(folder, 'work');
  const temporary = join(folder, 'tmp');
  mkdirSync(cwd);
  mkdirSync(temporary);
  const env = { KUBECONFIG: join(folder, 'kubeconfig'), HOME: folder, KUBECACHEDIR: place.cache, TMPDIR: temporary };
  const kubectl = async (step: Step): Promise<Outcome> => {
    const [program, ...args] = wordsOf(step.run ?? '').map(fill);
    if (program !== 'kubectl') throw new Error(`${file.name}: only kubectl can be run, not ${step.run ?? 'nothing'}`);
    return runCommand(place.kubectl, args, {
      cwd,
      env: { ...env, ...step.env },
      ...(step.stdin === undefined ? {} : { input: fill(step.stdin) }),
    });
  };
  const recorded: Recorded[] = [];
  try {
    await needed(kubectl, { run: `kubectl create namespace ${namespace}` });
    if (file.setting === 'cluster') await needed(kubectl, { run: 'kubectl wait --for=create serviceaccount/default --timeout=20s' });
    for (const step of file.steps) {
      if (step.file !== undefined) {
        const text = fill(step.text ?? '');
        writeFileSync(join(cwd, step.file), text);
        chmodSync(join(cwd, step.file), text.startsWith('#!') ? 0o755 : 0o644);
        continue;
      }
      const outcome = await repeated(kubectl, step);
      if (step.save !== undefined) names.set(step.save, outcome.stdout.trim());
      if (step.setup === true) {
        if (outcome.code !== 0) throw new Error(`${file.name}: ${step.run}: exit code ${outcome.code}\n${outcome.stdout}${outcome.stderr}`);
        continue;
      }
      const known = { names, asked: `${step.run} ${step.stdin ?? ''}` };
      const lines = (text: string): readonly string[] => {
        const all = normalise(text.replaceAll(cwd, '<folder>').replaceAll(temporary, '<folder>'), known);
        const wanted = step.fieldsOnly === true ? all.filter((line) => isField.test(line)) : all;
        return step.anyOrder === true ? [...wanted].sort() : wanted;
      };
      recorded.push({ run: step.run ?? '', code: outcome.code ?? null, stdout: lines(outcome.stdout), stderr: lines(outcome.stderr) });
    }
    return recorded;
  } finally {
    if (place.cleanUp === true) await cleanUp(kubectl, file, namespace);
    rmSync(folder, { recursive: true, force: true });
  }
}

type Run = (step: Step) => Promise<Outcome>;

async function needed(kubectl: Run, step: Step): Promise<void> {
  const { code, stderr } = await kubectl(step);
  if (code !== 0) throw new Error(`${step.run}: ${stderr}`);
}

async function repeated(kubectl: Run, step: Step): Promise<Outcome> {
  const deadline = performance.now() + patience;
  for (;;) {
    const outcome = await kubectl(step);
    if (step.until === undefined || outcome.stdout.includes(step.until) || performance.now() > deadline) return outcome;
    await sleep(interval);
  }
}

async function cleanUp(kubectl: Run, { setting }: CaseFile, namespace: string): Promise<void> {
  const kinds = 'all,configmaps,secrets,serviceaccounts,roles,rolebindings,pvc,pdb,ingresses,quota,limits,networkpolicies,events,leases';
  await kubectl({ run: `kubectl delete ${kinds} --all --wait=false` });
  await kubectl({ run: `kubectl delete namespace ${namespace} --wait=false` });
  if (setting === 'cluster') return;
  // Without a namespace controller, it stays until somebody finalises it.
  await kubectl({
    run: `kubectl replace --raw /api/v1/namespaces/${namespace}/finalize -f -`,
    stdin: JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace }, spec: { finalizers: [] } }),
  });
}

/** The same names on every cluster, as `kubectl config view` and messages show them. */
function kubeconfigFor(kubeconfig: string, namespace: string): string {
  const { url, cert, key } = targetOf(kubeconfig);
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'compared', cluster: { server: url, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'admin', user: { 'client-certificate-data': base64(cert), 'client-key-data': base64(key) } }],
    contexts: [{ name: 'admin@compared', context: { cluster: 'compared', user: 'admin', namespace } }],
    'current-context': 'admin@compared',
  });
}

/** The version of a kubectl: `v1.35.2`. */
export async function versionOf(kubectl: string): Promise<string> {
  const { stdout } = await runCommand(kubectl, ['version', '--client', '-o', 'json']);
  return (JSON.parse(stdout) as { clientVersion: { gitVersion: string } }).clientVersion.gitVersion;
}

/**
 * Runs all files, at most two at a time: more would only wait for the machine. Those on a whole cluster run one after the other, since they
 * share its nodes. The results are in the order of the files.
 */
export function runAll(
  files: readonly CaseFile[],
  work: (file: CaseFile) => Promise<readonly Recorded[]>,
): readonly Promise<readonly Recorded[]>[] {
  const started = new Map<CaseFile, () => Promise<void>>();
  const results = files.map((file) => {
    return new Promise<readonly Recorded[]>((resolve, reject) => started.set(file, () => work(file).then(resolve, reject)));
  });
  // Whoever reads a result sees its error.
  for (const result of results) result.catch(() => undefined);
  const onCluster = files.filter(({ setting }) => setting === 'cluster');
  const others = files.filter(({ setting }) => setting !== 'cluster');
  const lane = async (queues: readonly CaseFile[][]): Promise<void> => {
    for (const queue of queues) for (let next = queue.shift(); next !== undefined; next = queue.shift()) await started.get(next)!();
  };
  void lane([onCluster, others]);
  void lane([others]);
  return results;
}
