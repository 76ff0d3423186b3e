// Regular expressions in RE2's syntax: linear in the text, whatever the pattern. Compiled ones are kept.

import { RE2JS } from 're2js';
import { LRUCache } from 'lru-cache';
import { failure } from '../evaluate/errors.js';
import { Automaton } from '../regex/automaton.js';
import type { Patience } from '../regex/patience.js';
import { programOf } from '../regex/program.js';
import { MatchesSearch, PresenceSearch, type Search } from '../regex/search.js';
import { isTooLarge, stepsOf } from './regex-size.js';

/**
 * A compiled pattern. Its searches take a time linear in the text; those that are given {@link Patience} throw Unfinished when that is long. Without it
 * they are done at once.
 */
export class Regex {
  #automaton: Automaton | undefined;

  constructor(private readonly compiled: RE2JS) {}

  /** Whether the text has a match. */
  test(text: string, patience?: Patience): boolean {
    const automaton = this.#ready();
    if (patience !== undefined) return patience.ask(() => new PresenceSearch(automaton, text));
    return finished(new PresenceSearch(automaton, text));
  }

  /** The matches from the left, `limit` at most; a negative one: all. */
  matches(text: string, limit: number, patience?: Patience): readonly string[] {
    const automaton = this.#ready();
    if (patience !== undefined) return patience.ask(() => new MatchesSearch(automaton, text, limit));
    return finished(new MatchesSearch(automaton, text, limit));
  }

  #ready(): Automaton {
    return (this.#automaton ??= new Automaton(programOf(this.compiled)));
  }
}

function finished<T>(search: Search<T>): T {
  while (search.advance(1_000_000) >= 1_000_000);
  return search.result;
}

/** Patterns are written in policies and rules, so that there are few; those that come from data push each other out. */
const compiled = new LRUCache<string, Regex>({ max: 500, maxSize: 200_000, sizeCalculation: (_, text) => 100 + stepsOf(text) });

/** Throws an evaluation error when the pattern is none. */
export function pattern(text: string): Regex {
  const known = compiled.get(text);
  if (known !== undefined) return known;
  const made = compilePattern(text);
  if (typeof made === 'string') throw failure(made);
  compiled.set(text, made);
  return made;
}

/** The pattern ready for use, or what is wrong with it. */
export function compilePattern(text: string): Regex | string {
  if (isTooLarge(text)) return 'error parsing regexp: expression too large';
  try {
    return new Regex(RE2JS.compile(text));
  } catch (error) {
    return error instanceof Error ? error.message : 'error parsing regexp';
  }
}

/** What is wrong with the text as a regular expression; undefined: nothing. */
export function patternError(text: string): string | undefined {
  if (compiled.has(text)) return undefined;
  const made = compilePattern(text);
  if (typeof made === 'string') return made;
  compiled.set(text, made);
  return undefined;
}
