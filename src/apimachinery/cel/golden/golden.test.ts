// Expressions whose answers a real kube-apiserver v1.36.3 gave (record.js): errors, estimates, results, texts.

import { readFileSync } from 'node:fs';
import { compileExpression } from '../compile.js';
import { estimatedCostLimits, excessFactor } from '../cost/estimate.js';
import { createEnvironment } from '../environment.js';
import type { StructuralSchema } from '../schema-type.js';
import { typeOfSchema } from '../schema-type.js';
import type { CelType } from '../types.js';
import { boolType } from '../types.js';

interface Answers {
  readonly compile: readonly { readonly expression: string; readonly error?: string; readonly factor?: string }[];
  readonly costs: readonly { readonly expression: string; readonly factors: Readonly<Record<string, string>> }[];
  readonly run: readonly { readonly expression: string; readonly answer: boolean | string }[];
  readonly texts: readonly { readonly expression: string; readonly answer: string }[];
}

function read(name: string): unknown {
  return JSON.parse(readFileSync(new URL(name, import.meta.url), 'utf8'));
}

const questions = read('questions.json') as Readonly<
  Record<keyof Answers, { readonly schema: StructuralSchema; readonly object?: unknown }>
>;
const answers = read('answers.json') as Answers;
const prefixes = { syntax: 'compilation failed: ', type: 'compilation failed: ', output: '' };

function typeOf(schema: StructuralSchema): CelType {
  const type = typeOfSchema(schema, false);
  if (type === undefined) throw new Error('a schema without a type');
  return type;
}

/** The error as the real server words it for a rule, or the program. */
function compileRule(expression: string, self: CelType, output: readonly CelType[] = [boolType]) {
  const environment = createEnvironment({ variables: { self, oldSelf: self } });
  const compiled = compileExpression(expression, environment, { output, outputError: 'cel expression must evaluate to a bool' });
  return compiled.ok ? compiled.program : `${prefixes[compiled.reason]}${compiled.errors}`;
}

function factorOf(expression: string, self: CelType): string | undefined {
  const program = compileRule(expression, self);
  if (typeof program === 'string') return program;
  const { max } = program.estimateCost();
  return max > estimatedCostLimits.perExpression ? excessFactor(max, estimatedCostLimits.perExpression) : undefined;
}

describe('against the real server', () => {
  const self = typeOf(questions.compile.schema);
  it.each(answers.compile)('compiles or refuses $expression', ({ expression, error, factor }) => {
    const program = compileRule(expression, self);
    expect(typeof program === 'string' ? program : undefined).toBe(error);
    if (error === undefined) expect(factorOf(expression, self)).toBe(factor);
  });

  it.each(answers.costs)('estimates $expression', ({ expression, factors }) => {
    const { schema } = questions.costs;
    for (const [length, factor] of Object.entries(factors)) {
      const x: StructuralSchema = { type: 'array', maxItems: Number(length), items: { type: 'integer' } };
      const sized = typeOf({ ...schema, properties: { ...schema.properties, x } });
      expect([length, factorOf(`self.x.all(xx, ${expression})`, sized)]).toEqual([length, factor]);
    }
  });

  it.each(answers.run)('evaluates $expression', ({ expression, answer }) => {
    const program = compileRule(expression, typeOf(questions.run.schema));
    if (typeof program === 'string') throw new Error(program);
    const result = program.evaluate({ self: questions.run.object });
    expect(result.ok ? result.value : result.error).toBe(answer);
  });

  it.each(answers.texts)('writes $expression', ({ expression, answer }) => {
    const program = compileRule(expression, typeOf(questions.texts.schema), [{ kind: 'string', name: 'string', parameters: [] }]);
    if (typeof program === 'string') throw new Error(program);
    const result = program.evaluate({ self: questions.texts.object });
    // Without a text the real server names the rule.
    expect(result.ok ? result.value : 'failed rule: self.i == 7777').toBe(answer);
  });
});
