// kubedouble node stop|start|drain-power NAME...: turns worker nodes of a running cluster off and on, by its kubeconfig.
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { ApiError } from '../../apimachinery/errors/api-error.js';
import { KubeconfigError, loadKubeconfig } from '../../client/kubeconfig/kubeconfig.js';
import { createTransport } from '../../client/kubeconfig/transport.js';
import { realClock } from '../../clock/real-clock.js';
import type { nodeActions } from '../../cluster/node-control.js';
import { nodeControlPath, type NodePowerStatus } from '../../cluster/node-control.js';
import { OptionError } from '../../cluster/options.js';
import { ExitCode } from '../failure.js';
import { ownPackage } from '../package.js';
import type { Flags } from '../flags.js';
import { defaultFolder } from '../settings.js';
import type { Terminal } from '../terminal.js';

export type NodeAction = keyof typeof nodeActions;

/** What the node does from then on. */
const done: Readonly<Record<NodePowerStatus['power'], string>> = {
  on: 'is on',
  stopped: 'is stopped: its kubelet is silent, its containers run on',
  off: 'is off: it has no power and no containers',
};

/** Does it to one node after the other; exit code 1 when one of them could not be. */
export async function node(action: NodeAction, names: readonly string[], flags: Flags, screen: Terminal): Promise<void> {
  const path = flags['kubeconfig'] ?? process.env['KUBECONFIG'] ?? ownKubeconfig();
  if (path === undefined) throw new OptionError('say which cluster with --kubeconfig PATH');
  const config = await loadKubeconfig(path).catch((error: unknown) => {
    throw error instanceof KubeconfigError ? new OptionError(error.message) : error;
  });
  const transport = await createTransport({ config, clock: realClock(), userAgent: 'kubedouble' });
  let failed = false;
  try {
    for (const name of names) {
      try {
        const request = { method: 'POST' as const, path: `${nodeControlPath}/${encodeURIComponent(name)}/${action}` };
        const { power } = (await transport.json(request)) as NodePowerStatus;
        screen.print(`node ${name} ${done[power]}`);
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        failed = true;
        screen.note(`kubedouble: node ${name}: ${whyNot(error)}`);
      }
    }
  } finally {
    await transport.close();
  }
  if (failed) throw new ExitCode(1);
}

/** Where `kubedouble up` writes its kubeconfig unless it is told otherwise. */
function ownKubeconfig(): string | undefined {
  const own = ownPackage();
  const path = join(defaultFolder(own.folder, homedir(), own.isCheckout), 'kubeconfig');
  return existsSync(path) ? path : undefined;
}

/** A server that is not ours has no such path. */
function whyNot({ code, message }: ApiError): string {
  if (code === 404 && message.startsWith('404 page not found')) return 'the server of this kubeconfig is no kubedouble';
  return message;
}
