// kubedouble explain-scheduling POD: why a pod is, or would be, on a node: each filter's verdict and each plugin's score.
import { ApiError } from '../../apimachinery/errors/api-error.js';
import { createHttpClient } from '../../client/kubeconfig/http-client.js';
import { KubeconfigError, loadKubeconfig } from '../../client/kubeconfig/kubeconfig.js';
import { realRandom } from '../../clock/random.js';
import { realClock } from '../../clock/real-clock.js';
import { OptionError } from '../../cluster/options.js';
import { ExplanationError, explainScheduling, type Explanation, type NodeExplanation } from '../../scheduler/explain.js';
import { readConfiguration } from '../../scheduler/profile/configuration.js';
import { ConfigurationError } from '../../scheduler/profile/configuration-error.js';
import { ExitCode } from '../failure.js';
import { outputForm } from '../output.js';
import { schedulerConfigOf } from '../scheduler-settings.js';
import type { Flags } from '../flags.js';
import type { Terminal } from '../terminal.js';

/** How many nodes are shown that do not do, unless all are asked for. */
const mostRefused = 20;

/** Exit code 1 when there is no such pod, or it cannot be explained. */
export async function explainSchedulingOf(name: string, flags: Flags, screen: Terminal): Promise<void> {
  const form = outputForm(flags);
  const path = flags['kubeconfig'] ?? process.env['KUBECONFIG'];
  if (path === undefined) throw new OptionError('say which cluster with --kubeconfig PATH');
  const config = await loadKubeconfig(path).catch((error: unknown) => {
    throw error instanceof KubeconfigError ? new OptionError(error.message) : error;
  });
  const document = await schedulerConfigOf(flags, undefined);
  const configuration = document && readConfiguration(document);
  const clock = realClock();
  const client = await createHttpClient({ config, clock });
  try {
    const options = { client, clock, random: realRandom(), ...(configuration ? { configuration } : {}) };
    const explanation = await explainScheduling(options, flags['namespace'] ?? config.namespace ?? 'default', name);
    if (form === 'json') screen.print(JSON.stringify(explanation, undefined, 2));
    else for (const line of linesOf(explanation, screen)) screen.print(line);
  } catch (error) {
    if (!(error instanceof ApiError || error instanceof ExplanationError || error instanceof ConfigurationError)) throw error;
    screen.note(`kubedouble: ${error.message}`);
    throw new ExitCode(1);
  } finally {
    await client.close();
  }
}

/** What is shown on a terminal. */
export function linesOf(explanation: Explanation, screen: Pick<Terminal, 'bold' | 'dim'>): readonly string[] {
  const { pod, assigned, nominated, gates, rejection, nodes, best, message, preemption, schedulerName } = explanation;
  const feasible = nodes.filter((node) => node.feasible);
  const refused = nodes.filter((node) => !node.feasible);
  const lines = [`${screen.bold(`pod ${pod.namespace}/${pod.name}`)}${screen.dim(`, scheduler ${schedulerName}`)}`];
  if (assigned !== undefined) lines.push(`It is on ${assigned}. Placed now, with all other pods where they are:`);
  if (nominated !== undefined) lines.push(`Room is being made for it on ${nominated}.`);
  for (const { plugin, reason } of gates) lines.push(`It does not enter the queue: ${plugin}: ${reason}`);
  if (rejection !== undefined) lines.push(`No node is looked at: ${rejection.plugin}: ${rejection.message}`);
  if (best.length > 0) lines.push(`Best: ${best.slice(0, 5).join(', ')}${best.length > 5 ? ` and ${best.length - 5} more` : ''}`);
  if (message !== undefined) lines.push(message);
  if (preemption !== undefined) lines.push(`Preemption would make room on ${preemption}.`);
  if (feasible.length > 0) lines.push('', ...scoreTable(feasible, screen));
  if (rejection === undefined && refused.length > 0) {
    lines.push('', screen.bold('NODES THAT DO NOT DO'));
    for (const node of refused.slice(0, mostRefused)) lines.push(`  ${node.name}  ${whyNot(node)}`);
    if (refused.length > mostRefused) lines.push(screen.dim(`  and ${refused.length - mostRefused} more (--output json shows all)`));
  }
  return lines;
}

function whyNot({ verdicts }: NodeExplanation): string {
  return verdicts
    .filter(({ passes }) => !passes)
    .map(({ plugin, reasons }) => `${plugin}: ${reasons.join(', ')}`)
    .join('; ');
}

/** A column a plugin: what it found, brought to 0 to 100, and times its weight. */
function scoreTable(nodes: readonly NodeExplanation[], screen: Pick<Terminal, 'bold' | 'dim'>): readonly string[] {
  const plugins = nodes[0]!.scores.map(({ plugin, weight }) => `${plugin} x${weight}`);
  const rows = nodes.map(({ name, total, scores }) => [
    name,
    String(total),
    ...scores.map(({ raw, normalized, weighted }) => (raw === normalized ? `${weighted}` : `${weighted} (${raw} > ${normalized})`)),
  ]);
  const head = ['NODE', 'TOTAL', ...plugins];
  const widths = head.map((text, column) => Math.max(text.length, ...rows.map((row) => row[column]!.length)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd();
  return [
    screen.bold(line(head)),
    ...rows.map(line),
    screen.dim('Scores are weighted; in brackets what the plugin found, and that from 0 to 100.'),
  ];
}
