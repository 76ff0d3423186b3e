// Evaluations that are interrupted for long searches: they come to what they would come to at once, and pay once.
import type { Work } from '../../../clock/slices.js';
import { compileExpression, type Program } from '../compile.js';
import { createEnvironment } from '../environment.js';
import { intType, listType, stringType } from '../types.js';
import { Patience, patiently, Unfinished, withPatience } from './patience.js';

const environment = createEnvironment({ variables: { text: stringType, texts: listType(stringType), numbers: listType(intType) } });

function programOf(text: string): Program {
  const compiled = compileExpression(text, environment);
  if (!compiled.ok) throw new Error(compiled.errors);
  return compiled.program;
}

let seed = 1;
const letter = (): string => 'ab'[((seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0) >>> 16) & 1]!;
const chaos = Array.from({ length: 20_000 }, letter).join('');
const texts = Array.from({ length: 20 }, (_, index) => chaos.slice(index * 1000, index * 1000 + 1000));
const hostile = '(a|b)*a(a|b){200}$';

function turnsOf<T>(work: Work<T>): { readonly result: T; readonly turns: number } {
  for (let turns = 0; ; turns++) {
    const step = work.next();
    if (step.done === true) return { result: step.value, turns };
  }
}

test.each([
  ['matches', `text.matches('${hostile}')`],
  ['find', `text.find('${hostile}') != ''`],
  ['findAll', `text.findAll('${hostile}').size()`],
  ['many of them', `texts.map(x, x.matches('${hostile}'))`],
  ['those in macros whose errors are absorbed', `texts.exists(x, x.findAll('${hostile}').size() > 7 || x.matches('${hostile}c'))`],
  ['those that make texts', `texts.all(x, (x + text).find('${hostile}').size() > 3)`],
])('%s', (_name, text) => {
  const program = programOf(text);
  const activation = { text: chaos, texts };
  const budgets = [{ remaining: 1e9 }, { remaining: 1e9 }] as const;
  const atOnce = program.evaluate(activation, budgets[0]);
  const patience = new Patience();
  const { result, turns } = turnsOf(patiently(patience, () => program.evaluate(activation, budgets[1], patience)));
  expect(result).toEqual(atOnce);
  expect(budgets[1].remaining).toBe(budgets[0].remaining);
  expect(turns).toBeGreaterThan(1);
});

const numbers = Array.from({ length: 300 }, (_, index) => index);

test.each([
  ['a loop in a loop', 'numbers.all(x, numbers.all(y, x + y >= 0))', 3],
  ['three levels', 'numbers.exists(x, numbers.exists(y, y > 90 && numbers.exists(z, x + y + z == 500)))', 3],
  ['one after the other', 'numbers.all(x, numbers.all(y, y >= 0)) && numbers.exists_one(x, numbers.all(y, y <= x)) == false', 3],
  ['lists that are gathered', 'numbers.map(x, numbers.filter(y, y > x).size()).sum()', 3],
  ['maps that are gathered', 'numbers.transformMap(i, v, numbers.exists(y, y == v * 2)).filter(k, k > 190).size()', 3],
  ['a loop as the range of another', 'numbers.map(x, numbers.all(y, y >= 0) ? x : 0).all(x, numbers.exists(y, y == x))', 3],
  ['a variable that is a list', '[numbers.filter(x, numbers.all(y, y < 1000))].all(all, numbers.all(x, all.exists(y, y == x)))', 3],
  ['errors that are absorbed', 'numbers.all(x, numbers.all(y, 1 / (y - 299) < 5)) || numbers.all(x, numbers.exists(y, y == x))', 3],
  ['errors that end it', 'numbers.all(x, numbers.all(y, 1 / (y - 299) > -5 || x < 200)) && numbers[500] == 1', 3],
  [
    'searches in loops',
    `numbers.filter(x, x < 20).all(x, numbers.all(y, y > -1) && numbers.all(y, y < 500) && (texts[x].matches('${hostile}') || true))`,
    2,
  ],
  ['a limit that is passed', 'numbers.all(x, numbers.all(y, numbers.all(z, z >= 0)))', 3],
])('loops: %s', (_name, text, least) => {
  const program = programOf(text);
  const activation = { text: chaos, texts, numbers };
  const budgets = [
    { remaining: 1e9, perEvaluation: 1_000_000 },
    { remaining: 1e9, perEvaluation: 1_000_000 },
  ] as const;
  const atOnce = program.evaluate(activation, budgets[0]);
  const patience = new Patience();
  const { result, turns } = turnsOf(patiently(patience, () => program.evaluate(activation, budgets[1], patience)));
  expect(result).toEqual(atOnce);
  expect(budgets[1].remaining).toBe(budgets[0].remaining);
  expect(turns).toBeGreaterThanOrEqual(least);
  // The next evaluation knows nothing of this one.
  const other = programOf('numbers.all(x, x < 5)');
  expect(turnsOf(patiently(patience, () => other.evaluate({ numbers: [1, 2] }, undefined, patience))).result).toMatchObject({
    value: true,
  });
});

test('short evaluations are not interrupted', async () => {
  const program = programOf("texts.all(x, x.matches('^[ab]+$')) && text.startsWith('a') == text.matches('^a')");
  const result = withPatience((patience) => program.evaluate({ text: 'abc', texts: ['a', 'b', 'ab'] }, undefined, patience));
  expect(result).toMatchObject({ ok: true, value: true });
});

test('a long one is a promise, and errors are those of the evaluation', async () => {
  const program = programOf(`text.matches('${hostile}') && texts[5] == 'x'`);
  const result = withPatience((patience) => program.evaluate({ text: `${chaos}${'a'.repeat(201)}`, texts: [] }, undefined, patience));
  expect(result).toBeInstanceOf(Promise);
  await expect(result).resolves.toMatchObject({ ok: false, error: 'index out of bounds: 5' });
  expect(() =>
    withPatience(() => {
      throw new RangeError('another');
    }),
  ).toThrow(new RangeError('another'));
});

test('very many searches that are short by themselves are interrupted too', () => {
  const program = programOf(`texts.all(x, texts.all(y, x.matches('${hostile}') || true))`);
  const patience = new Patience();
  expect(() => program.evaluate({ texts }, undefined, patience)).toThrow(Unfinished);
});
