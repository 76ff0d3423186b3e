// npm run bench -- --scheduler: how many pods a second the scheduler places on many nodes; with --reference, beside the real kube-scheduler.
import { lineOf, machine } from './machine.js';
import { ours, realScheduler, type Measured, type SchedulerSide } from './scheduler-sides.js';
import { constraints, type Work } from './scheduler-work.js';
import { fail, flagsOf, UsageError } from './usage.js';

const help = `usage: npm run bench -- --scheduler [options]

Creates pods that wait, starts the scheduler, and measures from the first pod with a node to the last. Ours runs in one process with
its API server, over its in-process client; every pod is bound by a request.

  --reference FOLDER  where the scripts up and down of the reference are: the same with kube-apiserver and kube-scheduler
  --nodes NUMBER      (default 1000)
  --pods NUMBER       (default 3000)
  --only LIST         of: ${constraints.join(',')} (default all)
  --rounds NUMBER     (default 1); the table shows medians
  --output text|json  (default text)`;

const titles: Readonly<Record<Work['constraint'], string>> = {
  none: 'without affinity',
  'anti-affinity': 'required anti-affinity, groups of 50',
  spread: 'hard topology spread over 3 zones',
};
/** Pods a second that are aimed at with 1,000 nodes. */
const targets: Readonly<Record<Work['constraint'], number | undefined>> = { none: 1500, 'anti-affinity': 300, spread: undefined };

interface Settings {
  readonly works: readonly Work[];
  readonly rounds: number;
  readonly reference: string | undefined;
  readonly json: boolean;
}

const flags = {
  scheduler: { type: 'boolean' },
  reference: { type: 'string' },
  nodes: { type: 'string' },
  pods: { type: 'string' },
  only: { type: 'string' },
  rounds: { type: 'string' },
  output: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

function readOptions(): Settings | undefined {
  const values = flagsOf(flags);
  if (values.help === true) return undefined;
  const number = (name: 'nodes' | 'pods' | 'rounds', whenAbsent: number): number => {
    const given = values[name] ?? String(whenAbsent);
    if (!/^[1-9]\d{0,5}$/.test(given)) throw new UsageError(`--${name} must be a whole number of 1 or more, not ${given}`);
    return Number(given);
  };
  const only = values.only?.split(',') ?? constraints;
  const wrong = only.find((one) => !constraints.some((known) => known === one));
  if (wrong !== undefined) throw new UsageError(`--only must be of ${constraints.join(', ')}, not ${wrong}`);
  const amounts = { nodes: number('nodes', 1000), pods: number('pods', 3000) };
  return {
    works: constraints.filter((one) => only.includes(one)).map((constraint) => ({ ...amounts, constraint })),
    rounds: number('rounds', 1),
    reference: values.reference,
    json: values.output === 'json',
  };
}

interface Row {
  readonly work: Work;
  /** By side, a sample a round. */
  readonly samples: ReadonlyMap<SchedulerSide, Measured[]>;
}

async function bench({ works, rounds, reference, json }: Settings): Promise<void> {
  const before = machine();
  const sides = [ours, ...(reference === undefined ? [] : [realScheduler(reference)])];
  const rows: readonly Row[] = works.map((work) => ({ work, samples: new Map(sides.map((side) => [side, []])) }));
  for (let round = 1; round <= rounds; round++) {
    for (const { work, samples } of rows) {
      for (const [side, measured] of samples) {
        console.error(`bench: round ${round} of ${rounds}: ${work.constraint}: ${side.name}`);
        measured.push(await side.measure(work));
      }
    }
  }
  if (json) {
    const figures = rows.map(({ work, samples }) => ({
      ...work,
      ...Object.fromEntries([...samples].map(([{ name }, all]) => [name, all])),
    }));
    return console.log(JSON.stringify({ machine: before, rounds, figures }, null, 2));
  }
  console.log(`${lineOf(before)}\n`);
  console.log(tableOf(rows, sides));
}

function tableOf(rows: readonly Row[], sides: readonly SchedulerSide[]): string {
  const compared = sides.length > 1;
  const header = ['', ...sides.map(({ name }) => name), ...(compared ? ['ratio'] : []), 'target', ''];
  const lines = rows.flatMap(({ work, samples }) => {
    const rates = sides.map((side) => median(samples.get(side)!.map(({ seconds }) => work.pods / seconds)));
    const cpus = sides.map((side) => {
      const known = samples.get(side)!.flatMap(({ cpu }) => (cpu === undefined ? [] : [cpu]));
      return known.length === 0 ? undefined : median(known);
    });
    const target = work.nodes === 1000 ? targets[work.constraint] : undefined;
    const ratio = (one: number | undefined, other: number | undefined): string =>
      one === undefined || other === undefined ? '' : `${(one / other).toFixed(2)} ×`;
    const verdict = target === undefined ? '' : rates[0]! >= target ? 'reached' : 'missed';
    return [
      [
        `${work.pods.toLocaleString('en-US')} pods on ${work.nodes.toLocaleString('en-US')} nodes, ${titles[work.constraint]}`,
        ...rates.map((rate) => `${Math.round(rate).toLocaleString('en-US')}/s`),
        ...(compared ? [ratio(rates[0], rates[1])] : []),
        target === undefined ? '' : `≥ ${target.toLocaleString('en-US')}/s`,
        verdict,
      ],
      [
        '… CPU time, all processes',
        ...cpus.map((cpu) => (cpu === undefined ? '–' : `${cpu.toFixed(2)} s`)),
        ...(compared ? [ratio(cpus[1], cpus[0])] : []),
        '',
        '',
      ],
    ];
  });
  return [header, header.map((_, index) => (index === 0 ? '---' : '---:')), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)]!;
}

try {
  const settings = readOptions();
  if (settings === undefined) console.log(help);
  else await bench(settings);
} catch (error) {
  fail(error);
}
