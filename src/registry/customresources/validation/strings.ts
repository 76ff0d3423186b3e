// The rules on strings.
import { compilePattern } from '../../../apimachinery/cel/library/regex.js';
import { invalid } from '../../../apimachinery/errors/field-error.js';
import type { Schema } from '../../apiextensions/schema-walk.js';
import { formatCheck } from '../formats.js';
import type { Check } from './numbers.js';

/** How many characters, as clients count them: a pair of surrogates is one. */
export function lengthOf(text: string): number {
  let length = text.length;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code >= 0xd800 && code < 0xdc00) length--;
  }
  return length;
}

/** `may not be more than 1 byte`: told of characters all the same. */
export function tooLongText(limit: number): string {
  return `Too long: may not be more than ${limit} ${limit === 1 ? 'byte' : 'bytes'}`;
}

/** Length and pattern: the first that is broken is told. undefined when there is no rule. */
export function stringCheck(schema: Schema): Check | undefined {
  const { maxLength, minLength, pattern } = schema;
  const most = typeof maxLength === 'number' ? maxLength : undefined;
  const least = typeof minLength === 'number' ? minLength : undefined;
  const expression = typeof pattern === 'string' && pattern !== '' ? pattern : undefined;
  if (most === undefined && least === undefined && expression === undefined) return undefined;
  let compiled: ReturnType<typeof compilePattern> | undefined;
  return (value, walk) => {
    const text = value as string;
    const length = most === undefined && least === undefined ? 0 : lengthOf(text);
    if (most !== undefined && length > most) walk.add('FieldValueTooLong', tooLongText(most));
    else if (least !== undefined && length < least) walk.invalid(text, `${walk.path} in body should be at least ${least} chars long`);
    else if (expression !== undefined) {
      compiled ??= compilePattern(expression);
      // A definition with a pattern that is none is not taken.
      if (typeof compiled === 'string' || !compiled.test(text, walk.patience))
        walk.invalid(text, `${walk.path} in body should match '${expression}'`);
    }
  };
}

/** The format; undefined when there is none that is checked. */
export function stringFormatCheck(schema: Schema): Check | undefined {
  const { format } = schema;
  const check = typeof format === 'string' ? formatCheck(format) : undefined;
  if (check === undefined) return undefined;
  return (value, walk) => {
    const text = value as string;
    if (check(text)) return;
    const { message } = invalid(walk.field, text, `${walk.path} in body must be of type ${String(format)}: ${goQuoted(text)}`);
    walk.add('FieldValueTypeInvalid', message);
  };
}

function goQuoted(text: string): string {
  return invalid('', text, '').message.slice('Invalid value: '.length);
}
