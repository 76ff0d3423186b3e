// The part of an AuthenticationConfiguration that is about claims: which are required, and what they are mapped to.
// https://kubernetes.io/docs/reference/access-authn-authz/authentication/#using-authentication-configuration
import type { Program } from '../../apimachinery/cel/compile.js';
import { duplicate, invalid, required, type FieldError } from '../../apimachinery/errors/field-error.js';
import { compileClaimExpression, readsClaim, type ClaimEnvironments } from './claim-expressions.js';
import { listOf, structOf, textOf, type Fields } from './configuration-file.js';
import { extraKeyErrors } from './extra-keys.js';
import type { ClaimExpression, JwtAuthenticator, PrefixedClaim, ValidationRule } from './jwt-configuration.js';

// What is wrong goes to `errors`; what is returned then counts for nothing.

const bothSet = "claim and expression can't both be set";
const claimOrExpression = 'claim or expression is required';
const notWithExpression = 'may not be specified when expression is set';

export function claimRulesOf(
  rules: readonly Fields[],
  path: string,
  environments: ClaimEnvironments,
  errors: FieldError[],
): Pick<JwtAuthenticator, 'requiredClaims' | 'claimRules'> {
  const requiredClaims: { readonly claim: string; readonly value: string }[] = [];
  const claimRules: ValidationRule[] = [];
  const claims = new Set<string>();
  const expressions = new Set<string>();
  for (const [index, rule] of rules.entries()) {
    const at = `${path}[${index}]`;
    const [claim, value, expression, message] = ['claim', 'requiredValue', 'expression', 'message'].map((name) => textOf(rule[name])) as [string, string, string, string]; // prettier-ignore
    if (claim !== '' && expression !== '') errors.push(invalid(at, claim, bothSet));
    else if (claim === '' && expression === '') errors.push(required(at, claimOrExpression));
    else if (claim !== '') {
      if (message !== '') errors.push(invalid(`${at}.message`, message, 'may not be specified when claim is set'));
      if (claims.has(claim)) errors.push(duplicate(`${at}.claim`, claim));
      claims.add(claim);
      requiredClaims.push({ claim, value });
    } else if (value !== '') errors.push(invalid(`${at}.requiredValue`, value, notWithExpression));
    if (claim !== '' || expression === '') continue;
    if (value !== '') {
      expressions.add(expression);
      continue;
    }
    const program = ruleOf(expression, `${at}.expression`, expressions, environments.claims, errors);
    if (program !== undefined) claimRules.push({ program, message });
  }
  return { requiredClaims, claimRules };
}

/** A rule's program; what is wrong with it goes to `errors`. */
function ruleOf(
  expression: string,
  field: string,
  known: Set<string>,
  environment: ClaimEnvironments['claims'],
  errors: FieldError[],
): Program | undefined {
  if (known.has(expression)) {
    errors.push(duplicate(field, expression));
    return undefined;
  }
  known.add(expression);
  return compiled(expression, field, environment, true, errors);
}

function compiled(
  expression: string,
  field: string,
  environment: ClaimEnvironments['claims'],
  isRule: boolean,
  errors: FieldError[],
): Program | undefined {
  const program = compileClaimExpression(expression, environment(), isRule);
  if (typeof program !== 'string') return program;
  errors.push(invalid(field, expression, program));
  return undefined;
}

export function mapped(
  of: unknown,
  path: string,
  environments: ClaimEnvironments,
  errors: FieldError[],
): PrefixedClaim | ClaimExpression | undefined {
  const fields = structOf(of);
  const [claim, expression] = [textOf(fields['claim']), textOf(fields['expression'])];
  const { prefix } = fields;
  if (claim !== '' && expression !== '') {
    errors.push(invalid(path, '', bothSet));
    return { claim, prefix: '' };
  }
  if (expression !== '') {
    if (prefix !== undefined) errors.push(invalid(`${path}.prefix`, prefix, notWithExpression));
    const program = compiled(expression, `${path}.expression`, environments.claims, false, errors);
    return program === undefined ? { claim: '', prefix: '' } : { program };
  }
  if (claim === '') {
    if (prefix !== undefined) errors.push(invalid(`${path}.prefix`, prefix, "prefix can't be set when claim is not set"));
    return undefined;
  }
  if (prefix === undefined)
    errors.push(required(`${path}.prefix`, 'prefix is required when claim is set. It can be set to an empty string to disable prefixing'));
  return { claim, prefix: textOf(prefix) };
}

export function uidOf(
  uid: Fields,
  path: string,
  environments: ClaimEnvironments,
  errors: FieldError[],
): string | ClaimExpression | undefined {
  const [claim, expression] = [textOf(uid['claim']), textOf(uid['expression'])];
  if (claim !== '' && expression !== '') errors.push(invalid(path, '', bothSet));
  else if (expression !== '') {
    const program = compiled(expression, `${path}.expression`, environments.claims, false, errors);
    return program === undefined ? undefined : { program };
  }
  return claim === '' ? undefined : claim;
}

export function extraOf(
  list: readonly Fields[],
  path: string,
  environments: ClaimEnvironments,
  errors: FieldError[],
): JwtAuthenticator['extra'] {
  const keys = new Set<string>();
  return list.flatMap((one, index) => {
    const [key, expression] = [textOf(one['key']), textOf(one['valueExpression'])];
    const field = `${path}[${index}].key`;
    if (keys.has(key)) errors.push(duplicate(field, key));
    else errors.push(...extraKeyErrors(key, field));
    if (key !== '') keys.add(key);
    const valueField = `${path}[${index}].valueExpression`;
    if (expression === '') {
      errors.push(required(valueField));
      return [];
    }
    const program = compiled(expression, valueField, environments.claims, false, errors);
    return program === undefined ? [] : [{ key, program }];
  });
}

export function userRulesOf(
  rules: readonly Fields[],
  path: string,
  environments: ClaimEnvironments,
  errors: FieldError[],
): ValidationRule[] {
  const known = new Set<string>();
  return rules.flatMap((rule, index) => {
    const expression = textOf(rule['expression']);
    const field = `${path}[${index}].expression`;
    if (expression === '') {
      errors.push(required(field));
      return [];
    }
    const program = ruleOf(expression, field, known, environments.user, errors);
    return program === undefined ? [] : [{ program, message: textOf(rule['message']) }];
  });
}

/** Nobody must be somebody by an address that nobody has checked. */
export function unverifiedEmail(
  mappings: Fields,
  rules: readonly Fields[],
  field: string,
  { claims }: ClaimEnvironments,
): readonly FieldError[] {
  const username = textOf(structOf(mappings['username'])['expression']);
  if (!username.includes('email') || !readsClaim(username, 'email', claims())) return [];
  const others = [
    username,
    ...listOf(mappings['extra']).map((one) => textOf(structOf(one)['valueExpression'])),
    ...rules.map((rule) => textOf(rule['expression'])),
  ];
  if (others.some((expression) => expression !== '' && readsClaim(expression, 'email_verified', claims()))) return [];
  const why =
    'claims.email_verified must be used in claimMappings.username.expression or claimMappings.extra[*].valueExpression or claimValidationRules[*].expression when claims.email is used in claimMappings.username.expression';
  return [invalid(field, username, why)];
}
