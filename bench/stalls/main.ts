// npm run bench -- --stalls: hostile requests of all kinds, and how long each kept the server's event loop from everybody else.
import { lineOf, machine } from '../machine.js';
import { fail, flagsOf, UsageError } from '../usage.js';
import { groups } from './attacks/index.js';
import { distinctCodes, figuresOf, messageOf, summaryOf, tableOf, type Row } from './figures.js';
import { senderOf, type Answer } from './sender.js';
import type { Sample } from './reading.js';
import { startVictim, type Victim } from './server.js';
import { namespace, type Attack, type World } from './world.js';

const help = `usage: npm run bench -- --stalls [options]

Attacks a cluster of ours from the build, one request or flood after another, and measures how long its event loop was kept at one go.

  --rounds NUMBER     how often each attack; of each figure the least is shown (default 3)
  --only TEXTS        only attacks whose group or title has one of these texts, which commas separate
  --components LIST   what runs beside the API server, as in kubedouble up (default all)
  --output text|json  the form of the answer (default text)`;

const options = {
  stalls: { type: 'boolean' },
  rounds: { type: 'string' },
  only: { type: 'string' },
  components: { type: 'string' },
  output: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

/** What V8 compiles on the usual ways of a request belongs to no attack. */
async function warmUp({ ask }: World): Promise<void> {
  await ask('POST', '/api/v1/namespaces', { body: { metadata: { name: namespace } } });
  const path = `/api/v1/namespaces/${namespace}/configmaps`;
  for (let index = 0; index < 300; index++) {
    await ask('POST', path, { body: { metadata: { name: `warm-${index}` }, data: { some: 'text' } } });
    await ask('PATCH', `${path}/warm-${index}`, { body: { data: { more: 'text' } }, type: 'application/merge-patch+json' });
    await ask('GET', `${path}/warm-${index}`);
  }
  await ask('DELETE', path);
}

async function attacked(victim: Victim, attack: Attack, rounds: number): Promise<Pick<Row, 'codes' | 'said' | 'samples'>> {
  const samples: Sample[] = [];
  const answers: Answer[] = [];
  for (let round = 0; round < rounds; round++) {
    await attack.prepare?.(round);
    samples.push(
      await victim.measure(async () => {
        answers.push(...[await attack.run(round)].flat());
      }),
    );
    await attack.restore?.(round);
  }
  return { codes: distinctCodes(answers), said: messageOf(answers.at(-1)?.text ?? ''), samples };
}

/** Each group meets a server of its own: what it costs does not depend on what the others have left in the memory. */
async function attackAll(components: string | undefined, rounds: number, only: readonly string[]): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const group of groups) {
    const victim = await startVictim(components);
    const sender = senderOf(victim.target, victim.target);
    try {
      const world: World = { target: victim.target, folder: victim.folder, ask: sender.ask };
      await warmUp(world);
      for (const attack of await group.attacks(world)) {
        const { title } = attack;
        if (!only.some((text) => `${group.name}: ${title}`.includes(text))) continue;
        const row = { group: group.name, title, ...(await attacked(victim, attack, rounds)) };
        rows.push(row);
        const { delay, clock, reached } = figuresOf(row.samples);
        const figures = `${delay.toFixed(0)} ms (${clock.toFixed(0)} by the clock)`;
        console.error(`bench: ${reached ? ' ' : '!'} ${figures} ${group.name}: ${title} → ${row.codes.join(', ')}`);
      }
    } finally {
      sender.close();
      await victim.stop();
    }
  }
  return rows;
}

async function bench(): Promise<void> {
  const values = flagsOf(options);
  if (values.help === true) return console.log(help);
  const rounds = values.rounds ?? '3';
  if (!/^[1-9]\d{0,2}$/.test(rounds)) throw new UsageError(`--rounds must be a whole number above 0, not ${JSON.stringify(rounds)}`);
  if (!['text', 'json'].includes(values.output ?? 'text')) throw new UsageError('--output must be text or json');
  const before = machine();
  const rows = await attackAll(values.components, Number(rounds), (values.only ?? '').split(','));
  if (values.output === 'json') {
    console.log(JSON.stringify({ machine: before, rounds: Number(rounds), rows: rows.map((row) => ({ ...row, ...figuresOf(row.samples) })) }, null, 2)); // prettier-ignore
    return;
  }
  console.log(lineOf(before));
  console.log(`${rounds} rounds, the least of each figure: ${summaryOf(rows)}\n`);
  console.log(tableOf(rows));
}

await bench().catch(fail);
