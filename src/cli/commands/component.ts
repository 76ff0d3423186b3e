// kubedouble controllers, scheduler, kubelet: one part of a cluster, as a client of any API server.
import { holdProcess, realClock } from '../../clock/real-clock.js';
import { realRandom } from '../../clock/random.js';
import { OptionError } from '../../cluster/options.js';
import { startStandalone, type StandaloneName, type StandaloneOptions } from '../../cluster/standalone.js';
import { ExitCode } from '../failure.js';
import { createLogger } from '../log.js';
import type { Flags } from '../flags.js';
import { readSettings } from '../settings.js';
import type { Terminal } from '../terminal.js';
import { stopSignal } from './up.js';

/** Flags that name files, as the real controller manager has them. */
const files = ['rootCaFile', 'clusterSigningCertFile', 'clusterSigningKeyFile', 'serviceAccountPrivateKeyFile', 'nodePrefix'] as const;

/** Runs the part until Ctrl-C; exit code 1 when its Lease was lost to another. */
export async function component(name: StandaloneName, flags: Flags, screen: Terminal): Promise<void> {
  const kubeconfig = flags['kubeconfig'] ?? process.env['KUBECONFIG'];
  if (kubeconfig === undefined) throw new OptionError('say which cluster with --kubeconfig PATH');
  const { nodes, logLevel, schedulerConfig } = await readSettings({
    nodes: flags['nodes'],
    logLevel: flags['logLevel'],
    schedulerConfig: flags['schedulerConfig'],
  });
  const leaderElect = flags['leaderElect'] ?? 'true';
  if (leaderElect !== 'true' && leaderElect !== 'false') throw new OptionError(`--leader-elect must be true or false, not ${leaderElect}`);
  let lost = false;
  const stopping = stopSignal();
  let onLost: () => void = () => undefined;
  const losing = new Promise<void>((done) => (onLost = done));
  const options: StandaloneOptions = {
    kubeconfig,
    clock: realClock(),
    random: realRandom(),
    logger: createLogger(logLevel),
    leaderElect: leaderElect === 'true',
    onLost() {
      lost = true;
      onLost();
    },
    ...(flags['controllers'] === undefined ? {} : { controllers: flags['controllers'].split(',').map((one) => one.trim()) }),
    ...(nodes === undefined ? {} : { nodes }),
    ...(schedulerConfig === undefined ? {} : { schedulerConfig }),
    ...Object.fromEntries(files.flatMap((file) => (flags[file] === undefined ? [] : [[file, flags[file]]]))),
  };
  const release = holdProcess();
  try {
    const running = await startStandalone(name, options).catch((error: unknown) => {
      throw error instanceof RangeError ? new OptionError(`--controllers: ${error.message}`) : error;
    });
    screen.print(`kubedouble ${name}: at work for ${running.server}`);
    screen.print(screen.dim('Ctrl-C stops it.'));
    await Promise.race([stopping, losing]);
    await running.stop();
  } finally {
    release();
  }
  if (!lost) return;
  screen.note(
    `kubedouble: another ${name === 'controllers' ? 'controller manager' : name} has taken over (its Lease in kube-system says which)`,
  );
  throw new ExitCode(1);
}
