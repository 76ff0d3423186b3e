// What the parser expects where, in the order and the words of the real server.

import type { Token } from './lexer.js';

export const expressionStarts = [
  '[',
  '{',
  '(',
  '.',
  '-',
  '!',
  'true',
  'false',
  'null',
  'NUM_FLOAT',
  'NUM_INT',
  'NUM_UINT',
  'STRING',
  'BYTES',
  'IDENTIFIER',
];
/** The order in which the real server names what it expects. */
const allNames = [
  '[',
  ']',
  '{',
  '}',
  '(',
  ')',
  '.',
  ',',
  '-',
  '!',
  '?',
  ':',
  'true',
  'false',
  'null',
  'NUM_FLOAT',
  'NUM_INT',
  'NUM_UINT',
  'STRING',
  'BYTES',
  'IDENTIFIER',
  'ESC_IDENTIFIER',
];
/** What may stand where the name of a field is expected. */
export const fieldStarts = ['}', ',', '?', 'IDENTIFIER', 'ESC_IDENTIFIER'];

const startSet: ReadonlySet<string> = new Set(expressionStarts);

/** Whether an expression may start with the token. */
export function startsExpression(token: Token): boolean {
  return startSet.has(nameOf(token));
}

/** How lists of what is expected name the token. */
export function nameOf(token: Token): string {
  return token.kind === 'punctuation' || token.kind === 'keyword' ? token.text : tokenName(token);
}

/** The names in the real server's order. */
export function inOrder(names: readonly string[]): readonly string[] {
  return allNames.filter((name) => names.includes(name));
}

function tokenName(token: Token): string {
  switch (token.kind) {
    case 'int':
      return 'NUM_INT';
    case 'uint':
      return 'NUM_UINT';
    case 'double':
      return 'NUM_FLOAT';
    case 'string':
      return 'STRING';
    case 'bytes':
      return 'BYTES';
    case 'identifier':
      return 'IDENTIFIER';
    case 'escaped':
      return 'ESC_IDENTIFIER';
    default:
      return token.text;
  }
}

/** `':'`, or `{'}', ','}`: names of classes of tokens are not quoted. */
export function listNames(names: readonly string[]): string {
  const quoted = names.map((name) => (/^[A-Z]/.test(name) ? name : `'${name}'`));
  return quoted.length === 1 ? (quoted[0] ?? '') : `{${quoted.join(', ')}}`;
}
