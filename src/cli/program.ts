// The commands and their options.
import { Command, type CommanderError } from 'commander';
import { kubernetesVersion } from '../apiserver/version.js';
import { component } from './commands/component.js';
import { explainSchedulingOf } from './commands/explain-scheduling.js';
import { health } from './commands/health.js';
import { node, type NodeAction } from './commands/node.js';
import { run } from './commands/run.js';
import { up } from './commands/up.js';
import { user, type UserFlags } from './commands/user.js';
import { version } from './commands/version.js';
import { ExitCode } from './failure.js';
import { serverOptions } from './server-settings.js';
import type { Terminal } from './terminal.js';

/** Options of every command that starts a cluster; the texts are what `--help` shows. */
function clusterOptions(command: Command): Command {
  const all = command
    .option('--config <file>', 'a YAML file with the same fields as these options')
    .option('--nodes <number>', 'how many worker nodes (default 3)')
    .option('--bind <address>', 'the address to listen on (default 127.0.0.1)')
    .option('--cert-dir <folder>', "where the cluster's certificates are kept")
    .option('--components <list>', 'what runs beside the API server, of: controllers,scheduler,kubelet (default all)')
    .option('--max-requests-inflight <number>', 'how many requests are served at once (default 400)')
    .option('--max-mutating-requests-inflight <number>', 'how many more that change something (default 200)')
    .option('--scheduler-config <file>', 'a KubeSchedulerConfiguration: profiles, plugins and their weights')
    .option('--log-level <level>', 'debug, info, warn, error or silent (default warn)');
  return serverOptions(all);
}

const nodeCommands: readonly (readonly [NodeAction, string])[] = [
  ['stop', 'The kubelets fall silent, the containers run on.'],
  ['drain-power', 'The machines lose power: kubelets and containers are gone.'],
  ['start', 'Turns them on again.'],
];

/** One part alone, as a client of any API server. */
function partCommands(main: Command, screen: Terminal): void {
  const part = (name: string, description: string): Command =>
    main
      .command(name)
      .description(description)
      .option('--kubeconfig <path>', 'the kubeconfig of the API server (default $KUBECONFIG)')
      .option('--log-level <level>', 'debug, info, warn, error or silent (default warn)');
  const elect = (command: Command): Command =>
    command.option('--leader-elect <boolean>', 'wait for the Lease that the real component holds as well (default true)');
  elect(part('controllers', 'Runs the controllers alone, for any API server.'))
    .option('--controllers <list>', 'which, as for kube-controller-manager: *, names, -name (default *)')
    .option('--root-ca-file <path>', "the authority that pods trust (default the kubeconfig's)")
    .option('--cluster-signing-cert-file <path>', 'the authority that signs certificate requests')
    .option('--cluster-signing-key-file <path>', 'its key; without it nothing is signed')
    .option('--service-account-private-key-file <path>', 'the key of service account tokens; without it secrets get none')
    .action((options: Record<string, string>) => component('controllers', options, screen));
  elect(part('scheduler', 'Runs the scheduler alone, for any API server.'))
    .option('--scheduler-config <file>', 'a KubeSchedulerConfiguration: profiles, plugins and their weights')
    .action((options: Record<string, string>) => component('scheduler', options, screen));
  part('kubelet', 'Runs simulated worker nodes alone, for any API server.')
    .option('--nodes <number>', 'how many (default 3)')
    .option('--node-prefix <text>', 'what their names begin with (default node-)')
    .action((options: Record<string, string>) => component('kubelet', options, screen));
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
  main
    .command('explain-scheduling')
    .description("Says why a pod is, or would be, on a node: each filter's verdict and each plugin's score, for any cluster.")
    .argument('<pod>', 'the name of the pod')
    .option('-n, --namespace <name>', "the pod's namespace (default the kubeconfig's)")
    .option('--kubeconfig <path>', 'the kubeconfig (default $KUBECONFIG)')
    .option('--scheduler-config <file>', 'a KubeSchedulerConfiguration with the profiles of the scheduler')
    .option('--output <form>', 'text or json (default text)')
    .action((pod: string, options: Record<string, string>) => explainSchedulingOf(pod, options, screen));
  main
    .command('user')
    .description('Prints a kubeconfig for a lesser user of a running cluster, of any cluster.')
    .argument('<name>', 'the name of the user or service account')
    .option('--group <name...>', 'groups of the user')
    .option('--service-account', 'a service account, made when it is not there, instead of a user with a certificate')
    .option('-n, --namespace <name>', "the account's namespace, and the kubeconfig's (default the given kubeconfig's)")
    .option('--expiration-seconds <number>', 'how long it is good for (default a day)')
    .option('--kubeconfig <path>', 'the kubeconfig of the cluster (default $KUBECONFIG, else that of kubedouble up)')
    .action((name: string, options: UserFlags) => user(name, options, screen));
  partCommands(main, screen);
  const nodes = main.command('node').description('Turns worker nodes of a running cluster off and on, to see what becomes of their pods.');
  for (const [action, description] of nodeCommands) {
    nodes
      .command(action)
      .description(description)
      .argument('<name...>', 'the names of the nodes')
      .option('--kubeconfig <path>', 'the kubeconfig of the cluster (default $KUBECONFIG, else that of kubedouble up)')
      .action((names: string[], options: Record<string, string>) => node(action, names, options, screen));
  }
  for (const command of [...main.commands, ...nodes.commands]) {
    command.exitOverride((error: CommanderError) => {
      throw new ExitCode(error.exitCode === 0 ? 0 : 2);
    });
  }
  return main;
}
