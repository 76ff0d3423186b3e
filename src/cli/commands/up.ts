// kubedouble up: a cluster until Ctrl-C.
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { realClock } from '../../clock/real-clock.js';
import { kubernetesVersion } from '../../apiserver/version.js';
import { startCluster, type Cluster } from '../../cluster/cluster.js';
import type { Flags } from '../flags.js';
import { createLogger } from '../log.js';
import { outputForm } from '../output.js';
import { ownPackage } from '../package.js';
import { defaultFolder, readSettings } from '../settings.js';
import type { Terminal } from '../terminal.js';

export async function up(flags: Flags, screen: Terminal): Promise<void> {
  const form = outputForm(flags);
  const { logLevel, ...settings } = await readSettings(flags);
  const own = ownPackage();
  const certDir = resolve(settings.certDir ?? defaultFolder(own.folder, homedir(), own.isCheckout));
  const kubeconfig = resolve(settings.kubeconfig ?? join(certDir, 'kubeconfig'));
  const stopping = stopSignal();
  const cluster = await startCluster({ ...settings, port: settings.port ?? 6443, certDir, kubeconfig, logger: createLogger(logLevel) });
  // Since the process began: what a person waits for.
  const milliseconds = Math.round(realClock().monotonic());
  if (form === 'json')
    screen.print(
      JSON.stringify({
        url: cluster.url,
        kubeconfig,
        nodes: cluster.nodes,
        kubernetes: kubernetesVersion,
        readyMilliseconds: milliseconds,
      }),
    );
  else banner(screen, cluster, own.version, kubeconfig, milliseconds);
  const signal = await stopping;
  if (form === 'text') screen.note(`\n${signal === 'SIGINT' ? 'Ctrl-C: ' : ''}stopping …`);
  await cluster.stop();
}

function banner(screen: Terminal, cluster: Cluster, version: string, kubeconfig: string, milliseconds: number): void {
  const nodes = cluster.nodes.length === 1 ? '1 node' : `${cluster.nodes.length} nodes`;
  screen.print(
    `${screen.bold('kubedouble')} ${version}: Kubernetes ${kubernetesVersion} with ${nodes}, ready in ${(milliseconds / 1000).toFixed(2)} s`,
  );
  screen.print(`\n  ${cluster.url}\n`);
  screen.print(`  ${screen.bold(`export KUBECONFIG=${quoted(kubeconfig)}`)}\n`);
  screen.print(screen.dim('Ctrl-C stops it.'));
}

/** A path as a shell takes it. */
function quoted(path: string): string {
  return /^[\w@%+=:,./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}

/** Resolves at the first signal to stop; a second one ends the process at once. */
export function stopSignal(): Promise<NodeJS.Signals> {
  return new Promise((done) => {
    let asked = false;
    const onSignal = (signal: NodeJS.Signals): void => {
      if (asked) process.exit(130);
      asked = true;
      done(signal);
    };
    process.on('SIGINT', onSignal);
    process.on('SIGTERM', onSignal);
    process.on('SIGHUP', onSignal);
  });
}
