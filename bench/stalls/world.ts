// What every group of attacks works with.
import type { Target } from '../kubeconfig.js';
import type { Answer, Ask } from './sender.js';

export interface World {
  readonly target: Target;
  /** Where the server's certificates and keys are. */
  readonly folder: string;
  /** Asks as the administrator. */
  readonly ask: Ask;
}

export interface Attack {
  readonly title: string;
  /** Made anew before every round, unmeasured. */
  readonly prepare?: (round: number) => Promise<unknown>;
  /** What is measured. */
  readonly run: (round: number) => Promise<Answer | readonly Answer[]>;
  /** Removes what the round left, unmeasured. */
  readonly restore?: (round: number) => Promise<unknown>;
}

/** Attacks that share preparations. */
export interface Group {
  readonly name: string;
  /** Makes the attacks ready, once; the bodies are made then too. */
  readonly attacks: (world: World) => Promise<readonly Attack[]>;
}

export const namespace = 'stalls';
export const core = `/api/v1/namespaces/${namespace}`;

export const list = <T = number>(count: number, one: (index: number) => T = (index) => index as T): T[] =>
  Array.from({ length: count }, (_, index) => one(index));

export const fields = <T>(count: number, one: (index: number) => readonly [string, T]): Record<string, T> =>
  Object.fromEntries(list(count, one));

/** So many at once, `width` at a time. */
export async function flood(count: number, one: (index: number) => Promise<Answer>, width = 16): Promise<readonly Answer[]> {
  const answers: Answer[] = [];
  let next = 0;
  await Promise.all(
    list(Math.min(width, count), async () => {
      while (next < count) answers.push(await one(next++));
    }),
  );
  return answers;
}

/** A body that is sent again and again under other names: the text `$NAME` stands for the round's name. */
export const template = (value: unknown): ((name: string) => Buffer) => {
  const parts = (typeof value === 'string' ? value : (JSON.stringify(value) ?? '')).split('$NAME');
  return (name) => Buffer.from(parts.join(name));
};

/** Creates an object of a collection each round, and removes it. Its name is `$NAME` in the body. */
export function creation(world: World, title: string, path: string, body: unknown, type?: string): Attack {
  const bytes = template(body);
  const name = (round: number): string => `a${round}`;
  return {
    title,
    run: (round) => world.ask('POST', path, { body: bytes(name(round)), ...(type === undefined ? {} : { type }) }),
    restore: (round) => world.ask('DELETE', `${path}/${name(round)}?gracePeriodSeconds=0`),
  };
}

/** Changes an object that is made for each round. */
export function change(
  world: World,
  title: string,
  path: string,
  { before, method = 'PATCH', type, body, query = '' }: { readonly before?: unknown; readonly method?: string; readonly type: string; readonly body: unknown; readonly query?: string }, // prettier-ignore
): Attack {
  const [make, bytes] = [template(before), template(body)];
  const name = (round: number): string => `a${round}`;
  return {
    title,
    prepare: async (round) => {
      if (before !== undefined) expected(await world.ask('POST', path, { body: make(name(round)) }), 201, title);
    },
    run: (round) => world.ask(method, `${path}/${name(round)}${query}`, { type, body: bytes(name(round)) }),
    restore: (round) => world.ask('DELETE', `${path}/${name(round)}?gracePeriodSeconds=0`),
  };
}

/** Preparations must succeed, or the attack would not be the one that its title says. */
export function expected(answer: Answer, status: number, what: string): Answer {
  if (answer.status !== status) throw new Error(`${what}: ${answer.status} ${answer.text.slice(0, 300)}`);
  return answer;
}
