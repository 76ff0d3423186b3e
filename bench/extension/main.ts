// npm run bench -- --extension: what permissions, validation rules and hundreds of custom resource definitions cost.
import { ApiClient } from '../api-client.js';
import { cpuSeconds } from '../controllers/cpu.js';
import { ours, startOurs, startReference, type Side } from '../controllers/sides.js';
import { median } from '../figures.js';
import { lineOf, machine } from '../machine.js';
import { residentMegabytes } from '../memory.js';
import { fail, flagsOf, UsageError } from '../usage.js';
import { gets, lossOf, questions, reading, type Served } from './authorization.js';
import { install } from './definitions.js';
import { creates, evaluation } from './rules.js';

const help = `usage: npm run bench -- --extension [options]

Measures what RBAC, validation rules in CEL and many custom resource definitions cost, against ours and, with --reference, the real server.

  --reference FOLDER    where the scripts up and down of the reference are
  --definitions NUMBER  custom resource definitions that are installed (default 500)
  --roles NUMBER        roles, and as many bindings (default 1000)
  --requests NUMBER     gets, and a quarter as many creates, a sample (default 4000)
  --rounds NUMBER       samples of gets; medians are shown (default 5)
  --output text|json    the form of the answer (default text)`;

interface Row {
  readonly key: string;
  readonly title: string;
  readonly unit: string;
  readonly better?: 'more' | 'less';
  /** The most that it may be. */
  readonly most?: number;
}

const rows: readonly Row[] = [
  { key: 'definitions_s', title: '{definitions} custom resource definitions, one after another, until all are established', unit: 's', better: 'less', most: 10 }, // prettier-ignore
  { key: 'definitions_MB', title: '… resident memory then', unit: 'MB', better: 'less', most: 400 },
  { key: 'gets_alone', title: 'get by an account with a role, 16 at once', unit: '/s', better: 'more' },
  { key: 'gets_among', title: '… among {roles} roles and bindings of others', unit: '/s', better: 'more' },
  {
    key: 'rbac_lost',
    title: '… the part of the gets that RBAC with them costs, beside a server that allows everything',
    unit: '%',
    most: 5,
  },
  { key: 'rbac_again_us', title: '… a question to the authorizer, asked before', unit: 'µs' },
  { key: 'rbac_fresh_us', title: '… by somebody new', unit: 'µs' },
  { key: 'creates_plain', title: 'create a custom resource without rules, 16 at once', unit: '/s', better: 'more' },
  { key: 'creates_ruled', title: '… with four rules in CEL', unit: '/s', better: 'more' },
  { key: 'rule_us', title: '… one rule, once compiled, in process', unit: 'µs', most: 20 },
];

const options = {
  extension: { type: 'boolean' },
  reference: { type: 'string' },
  definitions: { type: 'string' },
  roles: { type: 'string' },
  requests: { type: 'string' },
  rounds: { type: 'string' },
  output: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

type Amounts = Readonly<Record<'definitions' | 'roles' | 'requests' | 'rounds', number>>;
type Figures = Readonly<Record<string, number | undefined>>;

async function measure(side: Side, amounts: Amounts): Promise<Figures> {
  const cluster = await side.start(0);
  const admin = new ApiClient(cluster.target);
  try {
    const account = await reading(admin, cluster.target, amounts.requests);
    const { alone, among } = await gets(account, { count: amounts.roles, rounds: amounts.rounds });
    account.close();
    const { plain, ruled } = await creates(admin, Math.ceil(amounts.requests / 4));
    const definitions_s = await install(admin, amounts.definitions);
    return {
      definitions_s,
      definitions_MB: residentMegabytes(cluster.pids),
      gets_alone: median(alone),
      gets_among: median(among),
      creates_plain: plain,
      creates_ruled: ruled,
    };
  } finally {
    admin.close();
    await cluster.stop();
  }
}

/** What RBAC costs of the gets, in percent: a server with so many roles beside one without permissions. */
async function permissions({ roles, requests, rounds }: Amounts): Promise<Figures> {
  const ends: (() => Promise<void> | void)[] = [];
  const start = async (mode: string): Promise<Served> => {
    const cluster = await startOurs(0, ['--authorization-mode', mode]);
    const admin = new ApiClient(cluster.target);
    ends.push(
      () => cluster.stop(),
      () => admin.close(),
    );
    const account = await reading(admin, cluster.target, requests);
    ends.push(() => account.close());
    return { account, cpu: () => cpuSeconds(cluster.pids) };
  };
  try {
    const free = await start('AlwaysAllow');
    const ruled = await start('Node,RBAC');
    // Both store them, so that only what is decided differs.
    for (const { account } of [free, ruled]) await account.crowd(roles);
    return { rbac_lost: 100 * (await lossOf(free, ruled, 4 * rounds)) };
  } finally {
    for (const end of ends.reverse()) await end();
  }
}

/** What is measured of ours without a server. */
function inProcess(amounts: Amounts): Figures {
  const { again, fresh } = questions(amounts.roles, 200_000);
  return { rbac_again_us: again, rbac_fresh_us: fresh, rule_us: evaluation(20_000) };
}

function shown(value: number | undefined, unit: string): string {
  if (value === undefined) return '–';
  const text = value >= 100 ? Math.round(value).toLocaleString('en-US') : value.toPrecision(3);
  return unit === '/s' ? `${text}/s` : `${text} ${unit}`;
}

function tableOf(columns: readonly { readonly name: string; readonly figures: Figures }[], amounts: Amounts): string {
  const [first, second] = columns;
  const lines = rows.map(({ key, title, unit, better, most }) => {
    const [own, other] = [first?.figures[key], second?.figures[key]];
    const ratio = own === undefined || other === undefined || better === undefined ? '' : `${(better === 'more' ? own / other : other / own).toFixed(2)} ×`; // prettier-ignore
    const named = title.replace(/\{(definitions|roles)\}/, (_, name: 'definitions' | 'roles') => amounts[name].toLocaleString('en-US'));
    const verdict = most === undefined || own === undefined ? '' : own < most ? 'reached' : 'missed';
    return [
      named,
      ...columns.map(({ figures }) => shown(figures[key], unit)),
      ...(second === undefined ? [] : [ratio]),
      most === undefined ? '' : `< ${most} ${unit}`,
      verdict,
    ];
  });
  const header = ['', ...columns.map(({ name }) => name), ...(second === undefined ? [] : ['ratio']), 'target', ''];
  return [header, header.map((_, index) => (index === 0 ? '---' : '---:')), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

async function bench(): Promise<void> {
  const values = flagsOf(options);
  if (values.help === true) return console.log(help);
  const number = (name: keyof Amounts, whenAbsent: number): number => {
    const given = values[name] ?? String(whenAbsent);
    if (!/^[1-9]\d{0,5}$/.test(given)) throw new UsageError(`--${name} must be a whole number above 0, not ${JSON.stringify(given)}`);
    return Number(given);
  };
  const amounts: Amounts = {
    definitions: number('definitions', 500),
    roles: number('roles', 1000),
    requests: number('requests', 4000),
    rounds: number('rounds', 5),
  };
  const before = machine();
  const folder = values.reference;
  const theirs: Side | undefined =
    folder === undefined ? undefined : { name: 'Kubernetes v1.36.3', start: () => startReference(folder, []) };
  const columns: { name: string; figures: Figures }[] = [];
  for (const side of [ours, ...(theirs === undefined ? [] : [theirs])]) {
    console.error(`bench: ${side.name}`);
    columns.push({ name: side.name, figures: await measure(side, amounts) });
  }
  const [own] = columns;
  if (own !== undefined) own.figures = { ...own.figures, ...(await permissions(amounts)), ...inProcess(amounts) };
  if (values.output === 'json') {
    console.log(JSON.stringify({ machine: before, amounts, figures: columns.map(({ name, figures }) => ({ side: name, ...figures })) }, null, 2)); // prettier-ignore
    return;
  }
  console.log(`${lineOf(before)}\n`);
  console.log(tableOf(columns, amounts));
}

await bench().catch(fail);
