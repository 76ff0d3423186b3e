// Evaluations that are interrupted for long searches: they come to what they would come to at once, and pay once.
import type { Work } from '../../../clock/slices.js';
import { compileExpression, type Program } from '../compile.js';
import { createEnvironment } from '../environment.js';
import { listType, stringType } from '../types.js';
import { Patience, patiently, Unfinished, withPatience } from './patience.js';

const environment = createEnvironment({ variables: { text: stringType, texts: listType(stringType) } });

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
