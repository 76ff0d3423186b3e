// Field selectors: parsed, matched and written back.
// https://kubernetes.io/docs/concepts/overview/working-with-objects/field-selectors/
import { SelectorError } from './selector-error.js';

export interface FieldRequirement {
  readonly field: string;
  readonly operator: '=' | '!=';
  readonly value: string;
}

export interface FieldSelectorMatcher {
  /** All must hold. Empty: everything matches. */
  readonly requirements: readonly FieldRequirement[];
  /** `read` gives the object's value of a field as a string, '' when it is absent. */
  matches(read: (field: string) => string): boolean;
  toString(): string;
}

/** So many requirements are looked at one by one as quickly as by field. */
const few = 8;

class Matcher implements FieldSelectorMatcher {
  #byField: ReadonlyMap<string, FieldValues> | undefined;

  constructor(readonly requirements: readonly FieldRequirement[]) {}

  matches(read: (field: string) => string): boolean {
    if (this.requirements.length > few) {
      this.#byField ??= valuesByField(this.requirements);
      for (const [field, { wanted, refused }] of this.#byField) {
        const value = read(field);
        if (refused.has(value) || wanted.size > 1 || (wanted.size === 1 && !wanted.has(value))) return false;
      }
      return true;
    }
    for (const { field, operator, value } of this.requirements) if ((read(field) === value) !== (operator === '=')) return false;
    return true;
  }

  toString(): string {
    return this.requirements.map(({ field, operator, value }) => `${field}${operator}${escape(value)}`).join(',');
  }
}

/** All that a selector says of one field: it cannot have two values at once. */
interface FieldValues {
  readonly wanted: Set<string>;
  readonly refused: Set<string>;
}

/** Very many requirements by field: to match takes the time that the fields take. */
function valuesByField(requirements: readonly FieldRequirement[]): ReadonlyMap<string, FieldValues> {
  const byField = new Map<string, FieldValues>();
  for (const { field, operator, value } of requirements) {
    let values = byField.get(field);
    if (values === undefined) byField.set(field, (values = { wanted: new Set(), refused: new Set() }));
    (operator === '=' ? values.wanted : values.refused).add(value);
  }
  return byField;
}

const everything = new Matcher([]);

/** Parses `metadata.name=x,status.phase!=Running` (`=`, `==`, `!=`; `\,`, `\=` and `\\` escape). '' matches everything. Throws SelectorError. */
export function parseFieldSelector(text: string): FieldSelectorMatcher {
  const requirements: FieldRequirement[] = [];
  for (const term of termsOf(text)) if (term !== '') requirements.push(requirementOf(term, text));
  return requirements.length === 0 ? everything : new Matcher(requirements);
}

/** The parts between commas that are not escaped. */
function termsOf(text: string): string[] {
  const terms: string[] = [];
  let start = 0;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === ',') {
      terms.push(text.slice(start, at));
      start = at + 1;
    }
  }
  terms.push(text.slice(start));
  return terms;
}

function requirementOf(term: string, whole: string): FieldRequirement {
  for (let at = 0; at < term.length; at++) {
    const operator = ['!=', '==', '='].find((one) => term.startsWith(one, at));
    if (operator === undefined) continue;
    const value = unescape(term.slice(at + operator.length));
    return { field: term.slice(0, at), operator: operator === '!=' ? '!=' : '=', value };
  }
  throw new SelectorError(`invalid selector: '${whole}'; can't understand '${term}'`);
}

function unescape(text: string): string {
  let value = '';
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!;
    if (character === ',' || character === '=')
      throw new SelectorError(`invalid field selector: unescaped character in value: ${character.charCodeAt(0)}`);
    if (character !== '\\') {
      value += character;
      continue;
    }
    at++;
    const escaped = text[at];
    if (escaped !== ',' && escaped !== '=' && escaped !== '\\')
      throw new SelectorError(`invalid field selector: invalid escape sequence: \\${escaped ?? ''}`);
    value += escaped;
  }
  return value;
}

function escape(value: string): string {
  return value.replace(/[\\,=]/g, '\\$&');
}
