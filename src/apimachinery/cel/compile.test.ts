// The public surface: programs over plain JSON, budgets, what is injected.

import { compileExpression } from './compile.js';
import type { Program } from './compile.js';
import { createEnvironment, withVariables } from './environment.js';
import type { CostBudget } from './evaluate/run.js';
import { runtimeCostLimits } from './evaluate/run.js';
import type { AuthorizationQuestion } from './library/authorizer.js';
import { authorizerTypes, authorizerValue, resourceCheckValue } from './library/authorizer.js';
import { mutationType } from './library/jsonpatch.js';
import { mutatingLibraries } from './library/libraries.js';
import { escapeProperty, typeOfSchema } from './schema-type.js';
import type { StructuralSchema } from './schema-type.js';
import { boolType, dynType } from './types.js';
import type { CelType } from './types.js';
import { toJson } from './values/json.js';

function typeOf(schema: StructuralSchema, root = false): CelType {
  const type = typeOfSchema(schema, root);
  if (type === undefined) throw new Error('a schema without a type');
  return type;
}

function programOf(text: string, schema: StructuralSchema): Program {
  const self = typeOf(schema);
  const compiled = compileExpression(text, createEnvironment({ variables: { self, oldSelf: self } }));
  if (!compiled.ok) throw new Error(compiled.errors);
  return compiled.program;
}

function evaluate(text: string, schema: StructuralSchema, self: unknown, oldSelf?: unknown): unknown {
  const result = programOf(text, schema).evaluate({ self, oldSelf });
  return result.ok ? result.value : result.error;
}

function objectOf(properties: Readonly<Record<string, StructuralSchema>>): StructuralSchema {
  return { type: 'object', properties };
}

const text: StructuralSchema = { type: 'string' };

describe('JSON through its declared type', () => {
  it('names properties as expressions may write them', () => {
    const schema = objectOf({ 'a-b': text, 'c.d': text, 'e/f': text, in: text, __g: text, namespace: text });
    const self = { 'a-b': '1', 'c.d': '2', 'e/f': '3', in: '4', __g: '5', namespace: '6' };
    const all = 'self.a__dash__b + self.c__dot__d + self.e__slash__f + self.__in__ + self.__underscores__g + self.__namespace__';
    expect(evaluate(`${all} == '123456'`, schema, self)).toBe(true);
    expect(escapeProperty('no way')).toBeUndefined();
    expect(escapeProperty('1a')).toBeUndefined();
  });

  it('sees formats as times, durations and bytes', () => {
    const schema = objectOf({
      at: { ...text, format: 'date-time' },
      for: { ...text, format: 'duration' },
      raw: { ...text, format: 'byte' },
    });
    const self = { at: '2026-01-02T03:04:05Z', for: '90m', raw: 'aGk=' };
    expect(evaluate("self.at.getMonth() == 0 && self.__for__ == duration('1h30m') && self.raw == b'hi'", schema, self)).toBe(true);
  });

  it('compares sets and maps without regard to order, and atomic lists with it', () => {
    const items = { type: 'array', items: text };
    const entry = objectOf({ name: text, value: { type: 'integer' } });
    const schema = objectOf({
      set: { ...items, 'x-kubernetes-list-type': 'set' },
      map: { type: 'array', items: entry, 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] },
      list: items,
    });
    const self = {
      set: ['a', 'b'],
      map: [
        { name: 'a', value: 1 },
        { name: 'b', value: 2 },
      ],
      list: ['a', 'b'],
    };
    const oldSelf = {
      set: ['b', 'a'],
      map: [
        { name: 'b', value: 2 },
        { name: 'a', value: 1 },
      ],
      list: ['b', 'a'],
    };
    expect(evaluate('self.set == oldSelf.set', schema, self, oldSelf)).toBe(true);
    expect(evaluate('self.map == oldSelf.map', schema, self, oldSelf)).toBe(true);
    expect(evaluate('self.list == oldSelf.list', schema, self, oldSelf)).toBe(false);
    expect(evaluate("(self.set + ['b', 'c']).size() == 3", schema, self)).toBe(true);
    expect(
      evaluate('self.map == oldSelf.map', schema, self, {
        ...oldSelf,
        map: [
          { name: 'b', value: 3 },
          { name: 'a', value: 1 },
        ],
      }),
    ).toBe(false);
  });

  it('shows the name of a whole resource, and of its metadata nothing else', () => {
    const self = typeOf(objectOf({ spec: objectOf({}) }), true);
    const environment = createEnvironment({ variables: { self } });
    expect(compileExpression("self.metadata.name == 'a' && self.kind == 'B'", environment).ok).toBe(true);
    expect(compileExpression('has(self.metadata.labels)', environment)).toMatchObject({
      ok: false,
      errors: expect.stringContaining("undefined field 'labels'"),
    });
  });

  it('does not see what the schema does not know, nor what objects inherit', () => {
    const schema = objectOf({ m: { type: 'object', additionalProperties: text }, constructor: text });
    expect(evaluate("'toString' in self.m || has(self.m.constructor) || has(self.constructor)", schema, { m: {} })).toBe(false);
    expect(evaluate("self.m.__proto__ == 'a'", schema, { m: {} })).toBe('no such key: __proto__');
  });

  it('keeps the order of bigger integers exact', () => {
    const schema = objectOf({ n: { type: 'integer' } });
    expect(evaluate('self.n + 1 == 9007199254740993', schema, { n: 9007199254740992n })).toBe(true);
    expect(evaluate('self.n + 1 > self.n', schema, { n: 9223372036854775807n })).toBe('integer overflow');
  });
});

describe('budgets', () => {
  const schema = objectOf({ l: { type: 'array', items: { type: 'integer' } } });
  const self = { l: Array.from({ length: 2000 }, (_, index) => index) };

  it('counts down over evaluations, and ends the one that goes over', () => {
    const program = programOf('self.l.all(x, x >= 0)', schema);
    const budget: CostBudget = { remaining: 25_000, perEvaluation: runtimeCostLimits.perCall };
    const first = program.evaluate({ self }, budget);
    // Two for `self.l`, then for each element three for the macro, one for `x` and one for the comparison, and one at the end.
    expect(first).toEqual({ ok: true, value: true, cost: 2 + 2000 * 5 + 1 });
    expect(budget.remaining).toBe(25_000 - first.cost);
    expect(program.evaluate({ self }, budget).ok).toBe(true);
    expect(program.evaluate({ self }, budget)).toMatchObject({
      ok: false,
      error: 'operation cancelled: actual cost limit exceeded',
      reason: 'budget',
    });
  });

  it('tells the limit of one evaluation from that of all', () => {
    const budget: CostBudget = { remaining: 1_000_000, perEvaluation: 100 };
    expect(programOf('self.l.all(x, x >= 0)', schema).evaluate({ self }, budget)).toMatchObject({ ok: false, reason: 'perEvaluation' });
    expect(budget.remaining).toBeLessThan(1_000_000);
  });

  it('does not let `||` hide that the limit is passed', () => {
    const budget: CostBudget = { remaining: 100 };
    expect(programOf('self.l.all(x, x >= 0) || true', schema).evaluate({ self }, budget)).toMatchObject({ ok: false, reason: 'budget' });
  });

  it('reads a variable that is a function when it is needed, once', () => {
    let read = 0;
    const environment = withVariables(createEnvironment(), { lazy: dynType });
    const compiled = compileExpression('false && lazy > 1 || lazy + lazy == 4', environment, { output: [boolType] });
    if (!compiled.ok) throw new Error(compiled.errors);
    expect([...compiled.program.variables]).toEqual(['lazy']);
    expect(compiled.program.evaluate({ lazy: () => (read++, 2) })).toMatchObject({ value: true });
    expect(read).toBe(1);
    expect(compiled.program.evaluate({})).toMatchObject({ ok: false });
  });
});

describe('what is injected', () => {
  it('asks the authorizer about paths, resources and service accounts', () => {
    const asked: Partial<AuthorizationQuestion>[] = [];
    const ask = (question: AuthorizationQuestion) => {
      asked.push(question);
      return { allowed: question.resource === 'pods', reason: 'because' };
    };
    const environment = createEnvironment({ variables: { authorizer: authorizerTypes.authorizer, own: authorizerTypes.resourceCheck } });
    const run = (expression: string): unknown => {
      const compiled = compileExpression(expression, environment);
      if (!compiled.ok) return compiled.errors;
      const result = compiled.program.evaluate({
        authorizer: authorizerValue(ask),
        own: resourceCheckValue(ask, { resource: 'pods', name: 'me' }),
      });
      return result.ok ? toJson(result.value) : result.error;
    };
    expect(run("authorizer.group('').resource('pods').subresource('log').namespace('n').name('p').check('get').allowed()")).toBe(true);
    expect(run("authorizer.path('/healthz').check('get').reason()")).toBe('because');
    expect(run("authorizer.serviceAccount('n', 'sa').group('apps').resource('x').check('list').errored()")).toBe(false);
    expect(run("own.check('update').allowed()")).toBe(true);
    expect(asked).toMatchObject([
      { user: 'request', group: '', resource: 'pods', subresource: 'log', namespace: 'n', name: 'p', verb: 'get' },
      { path: '/healthz', verb: 'get' },
      { user: { namespace: 'n', serviceAccount: 'sa' }, group: 'apps', resource: 'x', verb: 'list' },
      { resource: 'pods', name: 'me', verb: 'update' },
    ]);
  });

  it('constructs patches and objects as JSON', () => {
    const environment = createEnvironment({ libraries: mutatingLibraries(), objects: mutationType });
    const run = (expression: string): unknown => {
      const compiled = compileExpression(expression, environment);
      if (!compiled.ok) return compiled.errors;
      const result = compiled.program.evaluate({});
      return result.ok ? toJson(result.value) : result.error;
    };
    expect(run("[JSONPatch{op: 'add', path: '/metadata/labels/' + jsonpatch.escapeKey('a/b~c'), value: 3}]")).toEqual([
      { op: 'add', path: '/metadata/labels/a~1b~0c', value: 3 },
    ]);
    expect(run("Object{spec: Object.spec{a: 'x', list: [Object.spec.list{name: 'y'}]}}")).toEqual({
      spec: { a: 'x', list: [{ name: 'y' }] },
    });
    expect(run('Other{a: 1}')).toContain("undeclared reference to 'Other'");
    expect(run('JSONPatch{to: 1}')).toContain("expected type of field 'to' is '' but provided type is 'int'");
  });
});
