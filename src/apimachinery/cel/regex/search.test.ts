// Searches: what they find is what the library finds, however often they are interrupted, and their work has bounds.
import { RE2JS } from 're2js';
import { Automaton } from './automaton.js';
import { programOf } from './program.js';
import { MatchesSearch, PresenceSearch, type Search } from './search.js';

const automatonOf = (pattern: string): Automaton => new Automaton(programOf(RE2JS.compile(pattern)));

/** Finishes a search in slices of `steps`; also how many slices it took and the longest one. */
function sliced<T>(search: Search<T>, steps: number): { readonly result: T; readonly slices: number; readonly longest: number } {
  let slices = 1;
  let longest = 0;
  for (; ; slices++) {
    const taken = search.advance(steps);
    longest = Math.max(longest, taken);
    if (taken < steps) return { result: search.result, slices, longest };
  }
}

/** Numbers that look like chance and are the same each time. */
class Numbers {
  #last = 7;

  below(limit: number): number {
    this.#last = (Math.imul(this.#last, 1_103_515_245) + 12_345) >>> 0;
    return (this.#last >>> 8) % limit;
  }
}

class Patterns extends Numbers {
  pattern(): string {
    return `${['', '', '(?i)', '(?s)', '(?m)', '(?U)'][this.below(6)]}${this.expression(3)}`;
  }

  expression(depth: number): string {
    const branch = (): string => Array.from({ length: this.below(4) }, () => this.atom(depth)).join('');
    return Array.from({ length: 1 + this.below(2) }, branch).join('|');
  }

  atom(depth: number): string {
    const kind = this.below(depth > 0 ? 13 : 8);
    if (kind < 3) return 'abX\n'[this.below(4)]!;
    if (kind < 6) return ['.', '[a-b]', '[^a]', '\\d', '(?:)'][this.below(5)]!;
    if (kind < 8) return ['\\b', '^', '$', '\\B', '\\w', 'é', '\\pL', '😀'][this.below(8)]!;
    if (kind < 10) return `(${this.expression(depth - 1)})`;
    return `(?:${this.expression(depth - 1)})${['*', '+', '?', '*?', '+?', '??', '{2}', '{1,3}', '{0,2}?'][this.below(9)]}`;
  }

  text(): string {
    return Array.from({ length: this.below(10) }, () => ['a', 'b', 'X', '\n', '1', ' ', 'é', '😀', 'x'][this.below(9)]).join('');
  }
}

test('eight hundred patterns find in texts what the library finds, whole and in pieces', () => {
  const patterns = new Patterns();
  for (let count = 0; count < 800; count++) {
    const [pattern, text] = [patterns.pattern(), patterns.text()];
    const library = RE2JS.compile(pattern);
    const matcher = library.matcher(text);
    const expected = [pattern, text, library.test(text), matcher.find() ? [matcher.group()] : []];
    for (const steps of [1, 1_000_000]) {
      const automaton = automatonOf(pattern);
      const first = sliced(new MatchesSearch(automaton, text, 1), steps).result;
      expect([pattern, text, sliced(new PresenceSearch(automaton, text), steps).result, first]).toEqual(expected);
    }
  }
});

// As a real kube-apiserver answers.
test.each([
  ['b*', 'abc', -1, ['', 'b', '']],
  ['a*', 'abaabaccadaaae', -1, ['a', 'aa', 'a', '', 'a', 'aaa', '']],
  ['a*?', 'aaa', -1, ['', '', '', '']],
  ['X?', 'aXbX', -1, ['', 'X', 'X']],
  ['', 'éé', -1, ['', '', '']],
  ['', '😀', -1, ['', '']],
  ['', 'abc', 2, ['', '']],
  ['b*', 'abc', 0, []],
  ['(?i)k', 'KELVIN \u212a', -1, ['K', '\u212a']],
  ['\\b', 'a b', -1, ['', '', '', '']],
  ['o|oo', 'foobar', -1, ['o', 'o']],
])('all matches of %s in %s', (pattern, text, limit, expected) => {
  expect(sliced(new MatchesSearch(automatonOf(pattern), text, limit), 1000).result).toEqual(expected);
});

const numbers = new Numbers();
const chaos = Array.from({ length: 600 }, () => 'ab'[numbers.below(2)]).join('');

test.each(['(aa|bb|ab|ba){900}$', '^(a|b)*a(a|b){100}$', '(a|b){1000}$', '(a?b?){300}c', '(x{500}|.{1000}y)', '((a|b)*a(a|b){50}c){3}'])(
  'patterns that are hostile to automata go on for few steps at a time: %s',
  (pattern) => {
    const automaton = automatonOf(pattern);
    const steps = 20_000;
    const whole = RE2JS.compile(pattern).test(chaos);
    for (const make of [() => new PresenceSearch(automaton, chaos), () => new MatchesSearch(automaton, chaos, 1)]) {
      const { result, longest } = sliced<boolean | readonly string[]>(make(), steps);
      expect(typeof result === 'boolean' ? result : result.length > 0).toBe(whole);
      // A character is never left half looked at.
      expect(longest).toBeLessThanOrEqual(steps + automaton.program.size + 1);
    }
  },
);

test('an automaton that knows its texts takes a step for each character', () => {
  const automaton = automatonOf('^[a-z0-9]([-a-z0-9]*[a-z0-9])?$');
  const text = 'some-name-'.repeat(1000);
  expect(sliced(new PresenceSearch(automaton, text), 1e9).result).toBe(false);
  const search = new PresenceSearch(automaton, `${text}x`);
  expect(search.advance(1e9)).toBeLessThan(text.length + 100);
  expect(search.result).toBe(true);
});
