import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { parseFieldSelector } from './fields.js';
import { compileLabelMap, compileLabelSelector, parseLabelSelector, SelectorError } from './labels.js';

function recorded(name: string): [string, string][] {
  return JSON.parse(readFileSync(`src/apimachinery/selectors/testdata/${name}.json`, 'utf8')) as [string, string][];
}

test.each(recorded('labels'))('label selector %j: %s', (text, answer) => {
  if (answer === 'ok') expect(() => parseLabelSelector(text)).not.toThrow();
  else expect(() => parseLabelSelector(text)).toThrow(new SelectorError(answer));
});

test.each(recorded('fields'))('field selector %j: %s', (text, answer) => {
  if (answer === 'ok') expect(() => parseFieldSelector(text)).not.toThrow();
  else expect(() => parseFieldSelector(text)).toThrow(new SelectorError(answer));
});

test.each([
  ['', {}, true],
  ['a', { a: '' }, true],
  ['a', {}, false],
  ['!a', {}, true],
  ['a=b', { a: 'b' }, true],
  ['a==b', { a: 'c' }, false],
  ['a=', {}, false],
  ['a=', { a: '' }, true],
  ['a!=b', {}, true],
  ['a!=b', { a: 'b' }, false],
  ['a in (b,c)', { a: 'c' }, true],
  ['a in (b,c)', {}, false],
  ['a notin (b,c)', {}, true],
  ['a notin (b,c)', { a: 'b' }, false],
  ['a>1', { a: '2' }, true],
  ['a>1', { a: 'x' }, false],
  ['a<1', { a: '0' }, true],
  ['a>1', {}, false],
  ['a=b,c!=d', { a: 'b', c: 'e' }, true],
  ['a=b,c!=d', { a: 'b', c: 'd' }, false],
  ['constructor', {}, false],
  ['!toString', {}, true],
])('%j on %j: %s', (text, labels, matches) => {
  expect(parseLabelSelector(text).matches(labels)).toBe(matches);
});

test('the string form is sorted and can be read again', () => {
  const selector = parseLabelSelector('tier in (b,a), !x,app==web,n>1,m<2,z, y notin (q),e!=f');
  const text = 'app==web,e!=f,m<2,n>1,tier in (a,b),!x,y notin (q),z';
  expect(selector.toString()).toBe(text);
  expect(parseLabelSelector(text).toString()).toBe(text);
});

describe('the object form', () => {
  test('matchLabels and matchExpressions must all hold', () => {
    const selector = compileLabelSelector({
      matchLabels: { app: 'web' },
      matchExpressions: [
        { key: 'tier', operator: 'In', values: ['b', 'a'] },
        { key: 'x', operator: 'DoesNotExist' },
      ],
    });
    expect(selector.toString()).toBe('app=web,tier in (a,b),!x');
    expect(selector.matches({ app: 'web', tier: 'a' })).toBe(true);
    expect(selector.matches({ app: 'web', tier: 'a', x: '' })).toBe(false);
    expect(selector.requirements.map(({ key }) => key)).toEqual(['app', 'tier', 'x']);
  });
  test('none selects nothing, an empty one everything', () => {
    expect(compileLabelSelector(undefined)).toMatchObject({ nothing: true, everything: false });
    expect(compileLabelSelector(undefined).matches({})).toBe(false);
    expect(compileLabelSelector({})).toMatchObject({ nothing: false, everything: true });
    expect(compileLabelMap(undefined).matches({ a: 'b' })).toBe(true);
    expect(compileLabelMap({ a: 'b' }).matches({ a: 'b', c: 'd' })).toBe(true);
  });
  test('what is not allowed is refused', () => {
    expect(() => compileLabelSelector({ matchExpressions: [{ key: 'a', operator: 'Like' }] })).toThrow(
      '"Like" is not a valid label selector operator',
    );
    expect(() => compileLabelSelector({ matchExpressions: [{ key: 'a', operator: 'In' }] })).toThrow("values set can't be empty");
    expect(() => compileLabelSelector({ matchLabels: { '-a': 'b' } })).toThrow(SelectorError);
  });
});

test('a NUL ends a label selector', () => {
  expect(parseLabelSelector('app=x\0,!app').toString()).toBe('app=x');
});

test.each([
  ['app in (', "found '', expected: ',', ')' or identifier"],
  ['app in (x', "found '', expected: ',' or ')'"],
  ['app in (x,(', "found '(', expected: ',', or identifier"],
  ['app in (x y)', "found 'y', expected: ',' or ')'"],
])('%j: %s', (text, message) => {
  expect(() => parseLabelSelector(text)).toThrow(`unable to parse requirement: ${message}`);
});

test('field selectors match by what is read, with escapes', () => {
  const read = (field: string): string => ({ 'metadata.name': 'a,b=c\\', 'status.phase': 'Running' })[field] ?? '';
  const selector = parseFieldSelector('metadata.name=a\\,b\\=c\\\\,status.phase!=Failed,spec.x=');
  expect(selector.requirements[0]).toEqual({ field: 'metadata.name', operator: '=', value: 'a,b=c\\' });
  expect(selector.matches(read)).toBe(true);
  expect(parseFieldSelector('status.phase==Failed').matches(read)).toBe(false);
  expect(selector.toString()).toBe('metadata.name=a\\,b\\=c\\\\,status.phase!=Failed,spec.x=');
});

test('any text is a selector or a SelectorError, in reasonable time', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'ab=!()<>, /\\.-') }), (text) => {
      for (const parse of [parseLabelSelector, parseFieldSelector]) {
        try {
          parse(text).toString();
        } catch (error) {
          expect(error).toBeInstanceOf(SelectorError);
        }
      }
    }),
  );
});

describe('very many requirements', () => {
  const keys = ['a', 'b', 'c'];
  const single = ['a=1', 'a!=2', 'b in (1,2,3)', 'b notin (4)', 'c', '!d', 'a>0', 'a<5', 'b!=9', 'a in (1,3)', 'c=1', '!a', 'b=2', 'a=2'];
  const objects = ['', '1', '2', '3', '4'].flatMap((a) =>
    ['', '2', '4'].flatMap((b) =>
      ['', '1'].map((c) => Object.fromEntries([a, b, c].flatMap((value, index) => (value === '' ? [] : [[keys[index]!, value]])))),
    ),
  );

  test('mean what each of them means', () => {
    let matching = 0;
    for (let from = 0; from < single.length; from++) {
      const some = Array.from({ length: 10 }, (_, index) => single[(from + index * (1 + (from % 3))) % single.length]!);
      const selector = parseLabelSelector(some.join(','));
      for (const labels of objects) {
        const each = some.every((one) => parseLabelSelector(one).matches(labels));
        expect([some, labels, selector.matches(labels)]).toEqual([some, labels, each]);
        if (each) matching++;
      }
    }
    expect(matching).toBeGreaterThan(0);
  });

  test('are looked at by label and by field, not one by one', () => {
    const count = 5000;
    const labels = parseLabelSelector(Array.from({ length: count }, (_, index) => `x${index}!=a`).join(','));
    let asked = 0;
    const told = new Proxy({ app: 'a' }, { get: (target, name) => (asked++, Reflect.get(target, name) as unknown) });
    expect(labels.matches(told)).toBe(true);
    expect(asked).toBeLessThan(10);
    const fields = parseFieldSelector(Array.from({ length: count }, (_, index) => `metadata.name!=x${index}`).join(','));
    asked = 0;
    expect(fields.matches(() => (asked++, 'y'))).toBe(true);
    expect(fields.matches(() => (asked++, 'x4999'))).toBe(false);
    expect(asked).toBe(2);
    const two = parseFieldSelector(`${Array.from({ length: 9 }, () => 'metadata.name=a').join(',')},metadata.name=b`);
    expect(two.matches(() => 'a')).toBe(false);
    const one = parseFieldSelector(Array.from({ length: 9 }, () => 'metadata.name=a').join(','));
    expect([one.matches(() => 'a'), one.matches(() => 'b')]).toEqual([true, false]);
  });
});
