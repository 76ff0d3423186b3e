// Rules are compiled one by one, so that others have their turn.
import { finish } from '../../../clock/slices.js';
import { compileTimeOf, programOf, rulesOf } from './compile.js';

test('there is a yield for each rule, and none when they are known', () => {
  const rules = Array.from({ length: 300 }, (_, index) => ({ rule: `self.a != 'v${index}'` }));
  const schema = { type: 'object', properties: { a: { type: 'string' } }, 'x-kubernetes-validations': rules };
  let yields = 0;
  const work = rulesOf(schema, false);
  let step = work.next();
  for (; step.done !== true; step = work.next()) yields++;
  expect(yields).toBe(300);
  expect(step.value.every(({ compiled }) => programOf(compiled) !== undefined)).toBe(true);
  expect(compileTimeOf(schema)).toBeGreaterThan(0);
  expect(rulesOf(schema, false).next()).toEqual({ done: true, value: step.value });
  expect(finish(rulesOf({ type: 'object' }, false))).toEqual([]);
});
