// npm run bench -- --controllers: whole clusters at work: a large deployment, many nodes, many pods, and what they cost at rest.
import { lineOf, machine } from '../machine.js';
import { fail, flagsOf, messageOf, UsageError } from '../usage.js';
import { ours, reference, type Side } from './sides.js';
import { stories, type Amounts, type Figures, type StoryName } from './stories.js';

const help = `usage: npm run bench -- --controllers [options]

Runs stories of a whole cluster against ours and, with --reference, against the real control plane with kwok.

  --reference FOLDER       where the scripts up and down of the reference are
  --only LIST              of: deployment,scale,steady (default all)
  --replicas NUMBER        of the deployment, on 100 nodes (default 2000)
  --nodes NUMBER           of the story with many nodes (default 5000)
  --pods NUMBER            pods on them (default 10000)
  --steady-nodes NUMBER    nodes of the cluster that is watched at rest (default 1000)
  --steady-seconds NUMBER  how long it is watched (default 60)
  --output text|json       the form of the answer (default text)`;

/** Rows: the key of a figure, what it says, its unit, and what is aimed at. */
const rows: readonly (readonly [key: string, title: string, unit: string, target?: number])[] = [
  ['deployment_s', 'a Deployment from 0 to {replicas} ready, on 100 nodes', 's', 6],
  ['deployment_cpu_s', '… CPU time', 's'],
  ['deployment_MB', '… resident memory then', 'MB'],
  ['nodes_s', '{nodes} nodes Ready, from the start of the process', 's', 20],
  ['pods_s', '{pods} pods running on them, from the first creation', 's', 30],
  ['pods_cpu_s', '… CPU time', 's'],
  ['pods_MB', '… resident memory then', 'MB', 1200],
  ['steady_percent', 'at rest: {steadyNodes} nodes and {pods} pods, share of one core', '%', 25],
  ['steady_MB', '… resident memory', 'MB'],
];

interface Column {
  readonly side: Side;
  readonly figures: Record<string, number | undefined>;
}

const options = {
  controllers: { type: 'boolean' },
  reference: { type: 'string' },
  only: { type: 'string' },
  replicas: { type: 'string' },
  nodes: { type: 'string' },
  pods: { type: 'string' },
  'steady-nodes': { type: 'string' },
  'steady-seconds': { type: 'string' },
  output: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

function chosen(only: string | undefined): readonly StoryName[] {
  const names = Object.keys(stories) as StoryName[];
  if (only === undefined) return names;
  return only.split(',').map((name) => {
    const known = names.find((one) => one === name);
    if (known === undefined) throw new UsageError(`--only: there is no ${JSON.stringify(name)}: choose from ${names.join(', ')}`);
    return known;
  });
}

async function bench(): Promise<void> {
  const values = flagsOf(options);
  if (values.help === true) return console.log(help);
  const number = (name: 'replicas' | 'nodes' | 'pods' | 'steady-nodes' | 'steady-seconds', whenAbsent: number): number => {
    const given = values[name] ?? String(whenAbsent);
    if (!/^[1-9]\d{0,5}$/.test(given)) throw new UsageError(`--${name} must be a whole number above 0, not ${JSON.stringify(given)}`);
    return Number(given);
  };
  const amounts: Amounts = {
    replicas: number('replicas', 2000),
    deploymentNodes: 100,
    nodes: number('nodes', 5000),
    pods: number('pods', 10_000),
    steadyNodes: number('steady-nodes', 1000),
    steadySeconds: number('steady-seconds', 60),
  };
  const names = chosen(values.only);
  const before = machine();
  const sides = [ours, ...(values.reference === undefined ? [] : [reference(values.reference)])];
  const columns: Column[] = sides.map((side) => ({ side, figures: {} }));
  for (const name of names) {
    for (const { side, figures } of columns) {
      console.error(`bench: ${name}: ${side.name}`);
      // What one side cannot do takes nothing from what the others have shown.
      try {
        const told: Figures = await stories[name](side, amounts);
        Object.assign(figures, told);
      } catch (error) {
        console.error(`bench: ${name}: ${side.name}: ${messageOf(error)}`);
        process.exitCode = 1;
      }
    }
  }
  if (values.output === 'json') {
    console.log(JSON.stringify({ machine: before, amounts, figures: columns.map(({ side, figures }) => ({ side: side.name, ...figures })) }, null, 2)); // prettier-ignore
    return;
  }
  console.log(`${lineOf(before)}\n`);
  console.log(tableOf(columns, amounts));
}

function tableOf(columns: readonly Column[], amounts: Amounts): string {
  const shown = (value: number | undefined, unit: string): string =>
    value === undefined ? '–' : `${value >= 100 ? Math.round(value).toLocaleString('en-US') : value.toPrecision(3)} ${unit}`;
  const lines = rows
    .filter(([key]) => columns.some(({ figures }) => figures[key] !== undefined))
    .map(([key, title, unit, target]) => {
      const own = columns[0]!.figures[key];
      const named = title.replace(/\{(replicas|nodes|pods|steadyNodes)\}/g, (_, name: 'replicas' | 'nodes' | 'pods' | 'steadyNodes') => amounts[name].toLocaleString('en-US')); // prettier-ignore
      const verdict = target === undefined || own === undefined ? '' : own < target ? 'reached' : 'missed';
      return [
        named,
        ...columns.map(({ figures }) => shown(figures[key], unit)),
        target === undefined ? '' : `< ${target.toLocaleString('en-US')} ${unit}`,
        verdict,
      ];
    });
  const header = ['', ...columns.map(({ side }) => side.name), 'target', ''];
  return [header, header.map((_, index) => (index === 0 ? '---' : '---:')), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

await bench().catch(fail);
