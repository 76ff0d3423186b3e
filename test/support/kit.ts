// A cluster in this process with a real kubectl and helm beside it: what each file of test/kubectl starts from.
import { mkdtempSync, rmSync, writeFileSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { resources, startCluster, type Cluster, type ClusterOptions } from '../../src/index.js';
import { runCommand, startCommand, type CommandOptions, type Outcome, type RunningCommand } from './command.js';
import { helmPath, kubectlPath } from './tools.js';
import { until } from './until.js';

/** One program with a kubeconfig and a namespace. */
export class Tool {
  constructor(
    private readonly path: string,
    private readonly env: Readonly<Record<string, string>>,
    readonly namespace: string,
    private readonly started: Set<RunningCommand>,
  ) {}

  /** Runs it and resolves whatever the exit code. */
  run(args: readonly string[], options: CommandOptions = {}): Promise<Outcome> {
    return runCommand(this.path, this.#args(args), this.#options(options));
  }

  /** What it prints to standard output. Rejects unless the exit code is 0. */
  async ok(...args: string[]): Promise<string> {
    return succeeded(args, await this.run(args));
  }

  /** As {@link ok}, with this as standard input. */
  async okWith(input: string, ...args: string[]): Promise<string> {
    return succeeded(args, await this.run(args, { input }));
  }

  /** What it prints to standard error. Rejects when the exit code is 0. */
  async fails(...args: string[]): Promise<string> {
    return this.failsWith('', ...args);
  }

  /** As {@link fails}, with this as standard input. */
  async failsWith(input: string, ...args: string[]): Promise<string> {
    const { code, stderr, stdout } = await this.run(args, { input });
    if (code === 0 || code === undefined)
      throw new Error(`${args.join(' ')}: exit code ${code ?? 'none'}, but should have failed\n${stdout}${stderr}`);
    return stderr;
  }

  /** Starts it and lets it run, for what never ends by itself; the end of the suite ends it too. */
  start(...args: string[]): RunningCommand {
    const command = startCommand(this.path, this.#args(args), this.#options({}));
    this.started.add(command);
    return command;
  }

  #args(args: readonly string[]): string[] {
    return ['--namespace', this.namespace, ...args];
  }

  #options(options: CommandOptions): CommandOptions {
    return { ...options, env: { ...this.env, ...options.env } };
  }
}

function succeeded(args: readonly string[], { code, stdout, stderr }: Outcome): string {
  if (code !== 0) throw new Error(`${args.join(' ')}: exit code ${code ?? 'none (it was ended)'}\n${stdout}${stderr}`);
  return stdout;
}

/** What a test works with; usable from `beforeAll` on. */
export class Kit {
  #cluster: Cluster | undefined;
  #folder = '';
  #namespaces = 0;
  readonly #started = new Set<RunningCommand>();

  async start(options: ClusterOptions): Promise<void> {
    this.#folder = mkdtempSync(join(tmpdir(), 'kubedouble-test-'));
    this.#cluster = await startCluster(options);
    this.write('kubeconfig', this.#cluster.kubeconfig);
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#started].map((command) => command.stop('SIGKILL')));
    await this.#cluster?.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  get cluster(): Cluster {
    if (this.#cluster === undefined) throw new Error('the cluster runs in tests and hooks only');
    return this.#cluster;
  }

  /** kubectl in a namespace that is there already. */
  kubectl(namespace = 'default'): Tool {
    return new Tool(kubectlPath!, this.env, namespace, this.#started);
  }

  helm(namespace: string): Tool {
    return new Tool(helmPath!, this.env, namespace, this.#started);
  }

  /** The folder with the kubeconfig, the tools' home and caches. */
  get folder(): string {
    return this.#folder;
  }

  /** What the tools see of the environment. */
  get env(): Readonly<Record<string, string>> {
    return { KUBECONFIG: join(this.#folder, 'kubeconfig'), HOME: this.#folder, KUBECACHEDIR: join(this.#folder, 'cache') };
  }

  /** kubectl in a namespace of its own, in which pods can be created. */
  async inNewNamespace(): Promise<Tool> {
    const name = `test-${++this.#namespaces}`;
    await this.cluster.client.create(resources.NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
    await until(this.cluster.client, resources.SERVICE_ACCOUNTS, { namespace: name, name: 'default' }, () => true);
    return this.kubectl(name);
  }

  /** Writes a file of the kit's folder; the path to it. */
  write(path: string, text: string, mode = 0o600): string {
    const file = join(this.#folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text, { mode });
    return file;
  }
}

/** A suite with a cluster and kubectl; skipped, with a word on it, where there is no kubectl. */
export function describeKubectl(title: string, tests: (kit: Kit) => void, options: ClusterOptions = {}): void {
  describeWith(kubectlPath, 'no kubectl: run `node scripts/kubectl.js` or set KUBECTL', title, tests, options);
}

/** As {@link describeKubectl}, for suites that need helm too. */
export function describeHelm(title: string, tests: (kit: Kit) => void, options: ClusterOptions = {}): void {
  describeWith(
    kubectlPath === undefined ? undefined : helmPath,
    'no helm: run `node scripts/kubectl.js` or set HELM',
    title,
    tests,
    options,
  );
}

function describeWith(tool: string | undefined, missing: string, title: string, tests: (kit: Kit) => void, options: ClusterOptions): void {
  const kit = new Kit();
  if (tool === undefined) {
    describe.skip(`${title} (skipped: ${missing})`, () => tests(kit));
    return;
  }
  describe(title, () => {
    beforeAll(() => kit.start({ freeze: true, ...options }));
    afterAll(() => kit.stop());
    tests(kit);
  });
}
