// Expressions that mean harm: their work is bounded, at compile time by length and depth, at run time by cost.
import { processorTime } from '../../../test/support/processor-time.js';
import { compileExpression } from './compile.js';
import { createEnvironment } from './environment.js';
import { runtimeCostLimits } from './evaluate/run.js';
import { typeOfSchema } from './schema-type.js';
import { dynType } from './types.js';

const schema = { type: 'object', properties: { l: { type: 'array', items: { type: 'integer' } }, s: { type: 'string' } } };
const environment = createEnvironment({ variables: { self: typeOfSchema(schema, false) ?? dynType } });
const self = { l: Array.from({ length: 3000 }, (_, index) => index), s: 'a'.repeat(100_000) };

/**
 * Milliseconds of the processor, since the machine of the tests is shared. Far over what each takes (a few milliseconds to some tenths of a second),
 * far below what unbounded work would: what these expressions ask for is 10^9 steps and more.
 */
const longest = 10_000;

function timed<T>(work: () => T): T {
  const { result, milliseconds } = processorTime(work);
  expect(milliseconds).toBeLessThan(longest);
  return result;
}

describe('hostile texts', () => {
  it.each([
    ['parentheses', '('.repeat(90_000), 'expression recursion limit exceeded: 250'],
    ['brackets', '['.repeat(90_000), 'expression recursion limit exceeded: 250'],
    ['braces', '{'.repeat(90_000), 'expression recursion limit exceeded: 250'],
    ['calls', 'f('.repeat(45_000), 'expression recursion limit exceeded: 250'],
    ['macros', 'self.l.all(x, '.repeat(7000), 'expression recursion limit exceeded: 250'],
    ['a sum', `1${'+1'.repeat(40_000)}`, 'max recursion depth exceeded'],
    ['a path', `self${'.a'.repeat(40_000)}`, 'max recursion depth exceeded'],
    ['a chain of macros', `self.l${'.map(x, x)'.repeat(9000)}`, 'max recursion depth exceeded'],
    ['signs', '!'.repeat(99_999), 'Syntax error'],
    ['a long text', `'${'a'.repeat(200_000)}'`, 'expression code point size exceeds limit: size: 200002, limit 100000'],
    ['digits', '9'.repeat(99_999), 'invalid int literal'],
    ['signs that are none', '@'.repeat(99_999), 'token recognition error'],
    ['backquotes', '`'.repeat(99_999), 'token recognition error'],
    ['backslashes', "'\\".repeat(30_000), 'token recognition error'],
    ['names that are unknown', `a${' && a'.repeat(18_000)}`, 'undeclared reference'],
    ['lines', `x\n`.repeat(40_000), 'Syntax error'],
    ['a pattern of parentheses', `'a'.matches('${'('.repeat(90_000)}')`, 'invalid matches argument'],
    ['a pattern that explodes', `'a'.matches('${'(a{1000}){1000}'.repeat(10)}')`, 'invalid matches argument'],
    ['a pattern of alternatives', `'a'.matches('${'(a|b)*'.repeat(15_000)}')`, 'invalid matches argument'],
  ])('refuses %s', (_name, text, message) => {
    const compiled = timed(() => compileExpression(text, environment));
    expect(compiled.ok ? '' : compiled.errors).toContain(message);
    expect(compiled.ok ? 0 : compiled.errors.length).toBeLessThan(1_000_000);
  });

  it('compiles and estimates a chain of optMap in linear time', () => {
    const compiled = timed(() => compileExpression(`optional.of(1)${'.optMap(x, x)'.repeat(240)}.hasValue()`, environment));
    if (!compiled.ok) throw new Error(compiled.errors);
    const { program } = compiled;
    expect(timed(() => program.estimateCost().max)).toBeGreaterThan(1e50);
    expect(timed(() => program.evaluate({ self }, { remaining: runtimeCostLimits.perCall })).ok).toBe(false);
  });
});

describe('hostile work', () => {
  const exceeded = 'operation cancelled: actual cost limit exceeded';
  it.each([
    ['self.l.all(a, self.l.all(b, self.l.all(c, a + b + c >= 0)))', exceeded],
    ['self.l.map(a, self.l.map(b, self.l.map(c, a))).size() > 0', exceeded],
    ['self.l.exists(a, self.l.exists(b, 1 / (a - a) == 1))', exceeded],
    ['self.l.map(x, self.l).all(y, y.distinct() == self.l)', exceeded],
    [`optional.of('aaaaaaaaaa')${'.optMap(x, x + x)'.repeat(60)}.hasValue()`, exceeded],
    [`optional.of([1, 2, 3])${'.optMap(x, x + x)'.repeat(60)}.hasValue()`, exceeded],
    ['self.l.sort().size() > 0', exceeded],
    ['lists.range(100000000).size() > 0', exceeded],
    ['sets.intersects(self.l, self.l)', exceeded],
    ['self.l.transformMap(i, v, self.l.transformMap(j, w, w)).size() > 0', exceeded],
    ["self.s.split('').all(x, self.s.split('').size() > 0)", exceeded],
    ["self.s.replace('a', self.s).size() > 0", exceeded],
    ["self.s.matches('^(a+)+$')", true],
    ["self.s.matches('^(a|a)*b$')", false],
  ])('bounds %s', (text, answer) => {
    const compiled = compileExpression(text, environment);
    if (!compiled.ok) throw new Error(compiled.errors);
    const result = timed(() => compiled.program.evaluate({ self }, { remaining: runtimeCostLimits.perCall }));
    expect(result.ok ? result.value : result.error).toBe(answer);
  });
});
