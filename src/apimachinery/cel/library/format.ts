// Named formats: `format.dns1123Label().validate(name)`. https://kubernetes.io/docs/reference/using-api/cel/#kubernetes-format-library

import { label1035Problems, labelNameProblems, labelValueProblems, qualifiedNameProblems, subdomainProblems } from '../../names/names.js';
import { perCharacter, scaleCost, sizeAt, sizeOf } from '../cost/costs.js';
import { opaqueType } from '../types.js';
import { parseTimestampText } from '../values/time.js';
import type { CelValue } from '../values/value.js';
import { ArrayList, OpaqueValue, OptionalValue, noValue } from '../values/value.js';
import type { Costs, Library } from './overload.js';
import { library, overload } from './overload.js';

type Rule = (value: string) => readonly string[];

const formatType = opaqueType('kubernetes.NamedFormat');

/** What a test of the whole value gives when it fails. */
function rule(holds: (value: string) => boolean, message: (value: string) => string): Rule {
  return (value) => (holds(value) ? [] : [message(value)]);
}

/** A prefix may end with a dash; the last two characters count as one letter then. */
function prefixed(problems: Rule): Rule {
  return (value) => problems(value.length > 1 && value.endsWith('-') ? `${value.slice(0, -2)}a` : value);
}

const uuid = rule(
  (value) => /^[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{12}$/.test(value),
  () => 'does not match the UUID format',
);
const base64 = rule(
  (value) => value.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(value),
  () => 'invalid base64',
);
const date = rule(
  (value) => value.length === 10 && parseTimestampText(value) !== undefined,
  () => 'invalid date',
);
const datetime = rule(
  (value) => value.length > 10 && parseTimestampText(value) !== undefined,
  () => 'invalid datetime',
);
const uri = rule(
  (value) => value.startsWith('/') || /^[A-Za-z][A-Za-z0-9+.-]*:\/[^\s]*$/.test(value),
  (value) => `parse ${JSON.stringify(value)}: invalid URI for request`,
);

const formats: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  ['dns1123Label', labelNameProblems],
  ['dns1123Subdomain', subdomainProblems],
  ['dns1035Label', label1035Problems],
  ['qualifiedName', qualifiedNameProblems],
  ['dns1123LabelPrefix', prefixed(labelNameProblems)],
  ['dns1123SubdomainPrefix', prefixed(subdomainProblems)],
  ['dns1035LabelPrefix', prefixed(label1035Problems)],
  ['labelValue', labelValueProblems],
  ['uri', uri],
  ['uuid', uuid],
  ['byte', base64],
  ['date', date],
  ['datetime', datetime],
]);

interface NamedFormat {
  readonly name: string;
  readonly rule: Rule;
}

function formatValue(name: string, one: Rule): OpaqueValue {
  const content: NamedFormat = { name, rule: one };
  return new OpaqueValue(formatType, content, (other) => (other as NamedFormat).name === name);
}

function validate(format: CelValue, value: CelValue): CelValue {
  const problems = ((format as OpaqueValue).content as NamedFormat).rule(value as string);
  return problems.length === 0 ? noValue : new OptionalValue(new ArrayList(problems));
}

/** Every format is taken to be a regular expression of 128 characters. */
const patternCost = 32;
const validating: Costs = {
  cost: (args) => Math.ceil(sizeOf(args[1]) * perCharacter) * patternCost,
  estimate: (args) => {
    const text = scaleCost(sizeAt(args, 1), perCharacter);
    return { cost: { min: text.min * patternCost, max: text.max * patternCost } };
  },
};

export function formatLibrary(): Library {
  return library([
    ...[...formats].map(([name, one]) => {
      const value = formatValue(name, one);
      return overload(`!format.${name}(): kubernetes.NamedFormat`, () => value);
    }),
    overload('!format.named(string): optional(kubernetes.NamedFormat)', (name) => {
      const one = formats.get(name as string);
      return one === undefined ? noValue : new OptionalValue(formatValue(name as string, one));
    }),
    overload('kubernetes.NamedFormat.validate(string): optional(list(string))', validate, validating),
  ]);
}
