// The commands and their options.
import { Command, type CommanderError } from 'commander';
import { kubernetesVersion } from '../apiserver/version.js';
import { health } from './commands/health.js';
import { run } from './commands/run.js';
import { up } from './commands/up.js';
import { version } from './commands/version.js';
import { ExitCode } from './failure.js';
import type { Terminal } from './terminal.js';

/** Options of every command that starts a cluster; the texts are what `--help` shows. */
function clusterOptions(command: Command): Command {
  return command
    .option('--config <file>', 'a YAML file with the same fields as these options')
    .option('--nodes <number>', 'how many worker nodes (default 3)')
    .option('--bind <address>', 'the address to listen on (default 127.0.0.1)')
    .option('--cert-dir <folder>', "where the cluster's certificates are kept")
    .option('--components <list>', 'what runs beside the API server, of: controllers,scheduler,kubelet (default all)')
    .option('--max-requests-inflight <number>', 'how many requests are served at once (default 400)')
    .option('--max-mutating-requests-inflight <number>', 'how many more that change something (default 200)')
    .option('--log-level <level>', 'debug, info, warn, error or silent (default warn)');
}

export function program(screen: Terminal): Command {
  const main = new Command('kubedouble')
    .description(`A test double of a whole Kubernetes ${kubernetesVersion} cluster.`)
    .showHelpAfterError('(kubedouble --help shows what there is)')
    .exitOverride((error: CommanderError) => {
      throw new ExitCode(error.exitCode === 0 ? 0 : 2);
    });
  clusterOptions(main.command('up').description('Starts a cluster and keeps it running until Ctrl-C.'))
    .option('--port <number>', 'the port of the API server; 0 takes a free one (default 6443)')
    .option('--kubeconfig <path>', 'where the kubeconfig is written')
    .option('--output <form>', 'text or json: how the address is told (default text)')
    .action((options: Record<string, string>) => up(options, screen));
  clusterOptions(
    main
      .command('run')
      .description('Starts a cluster on a free port, runs a command with KUBECONFIG set, passes its exit code on and stops.'),
  )
    .argument('<command...>', 'the command and its arguments, after --')
    .option('--port <number>', 'the port of the API server (default: a free one)')
    .action((command: string[], options: Record<string, string>) => run(command, options, screen));
  main
    .command('health')
    .description('Says whether the server of a kubeconfig is ready: exit code 0 or 1.')
    .option('--kubeconfig <path>', 'the kubeconfig (default $KUBECONFIG)')
    .action((options: Record<string, string>) => health(options, screen));
  main
    .command('version')
    .description('Prints the version of the program and of the Kubernetes API it speaks.')
    .option('--output <form>', 'text or json (default text)')
    .action((options: Record<string, string>) => version(options, screen));
  for (const command of main.commands) {
    command.exitOverride((error: CommanderError) => {
      throw new ExitCode(error.exitCode === 0 ? 0 : 2);
    });
  }
  return main;
}
