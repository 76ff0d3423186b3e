// Regular expressions in RE2's syntax: linear in the text, whatever the pattern. Compiled ones are kept.

import { RE2JS } from 're2js';
import { LRUCache } from 'lru-cache';
import { failure } from '../evaluate/errors.js';
import { isTooLarge, stepsOf } from './regex-size.js';

/** Patterns are written in policies and rules, so that there are few; those that come from data push each other out. */
const compiled = new LRUCache<string, RE2JS>({ max: 500, maxSize: 200_000, sizeCalculation: (_, text) => 100 + stepsOf(text) });

/** Throws an evaluation error when the pattern is none. */
export function pattern(text: string): RE2JS {
  const known = compiled.get(text);
  if (known !== undefined) return known;
  const made = compilePattern(text);
  if (typeof made === 'string') throw failure(made);
  compiled.set(text, made);
  return made;
}

/** The pattern ready for use, or what is wrong with it. Ask it with `test`: that is answered in one pass, whatever the pattern. */
export function compilePattern(text: string): RE2JS | string {
  if (isTooLarge(text)) return 'error parsing regexp: expression too large';
  try {
    return RE2JS.compile(text);
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
