// The file of `--audit-policy-file`: what is audited, and how much of it.
// https://kubernetes.io/docs/reference/config-api/apiserver-audit.v1/#audit-k8s-io-v1-Policy
import { invalid, notSupported, required, type FieldError } from '../../apimachinery/errors/field-error.js';
import { subdomainProblems } from '../../apimachinery/names/names.js';
import { isRecord } from '../../apimachinery/object.js';
import { auditLevels, type AuditLevel } from './context.js';
import { auditStages, auditVersion, type AuditStage } from './event.js';

/** Resources of one API group; `*` is every group. */
export interface AuditGroupResources {
  readonly group?: string;
  /** `pods`, `pods/log`, `pods/*` (pods with all below them), `*\/scale`, `*`; all when absent or empty. */
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
}

/** One rule; of what it does not say, everything matches. */
export interface AuditPolicyRule {
  readonly level: AuditLevel;
  readonly users?: readonly string[];
  readonly userGroups?: readonly string[];
  readonly verbs?: readonly string[];
  readonly resources?: readonly AuditGroupResources[];
  /** '' is what has no namespace. */
  readonly namespaces?: readonly string[];
  /** Paths that are no resources; a `*` at the end stands for any rest. */
  readonly nonResourceURLs?: readonly string[];
  readonly omitStages?: readonly AuditStage[];
  readonly omitManagedFields?: boolean;
}

/** A policy: the first rule that matches decides; what none matches is not audited. */
export interface AuditPolicy {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata?: Readonly<Record<string, unknown>>;
  readonly rules: readonly AuditPolicyRule[];
  readonly omitStages?: readonly AuditStage[];
  readonly omitManagedFields?: boolean;
}

/** The policy cannot be used; `message` is the real server's, in one line. */
export class AuditPolicyError extends Error {}

type FieldType = 'string' | 'bool' | '[]string' | '[]GroupResources' | '[]PolicyRule' | 'ObjectMeta';
type Fields = Readonly<Record<string, FieldType>>;

const groupFields: Fields = { group: 'string', resources: '[]string', resourceNames: '[]string' };
const ruleFields: Fields = {
  level: 'string',
  users: '[]string',
  userGroups: '[]string',
  verbs: '[]string',
  resources: '[]GroupResources',
  namespaces: '[]string',
  nonResourceURLs: '[]string',
  omitStages: '[]string',
  omitManagedFields: 'bool',
};
const policyFields: Fields = {
  apiVersion: 'string',
  kind: 'string',
  metadata: 'ObjectMeta',
  rules: '[]PolicyRule',
  omitStages: '[]string',
  omitManagedFields: 'bool',
};

/**
 * A document as a policy. `unknown` is told of fields that there are not, which are passed over as the real server does.
 * Throws {@link AuditPolicyError}.
 */
export function readAuditPolicy(document: unknown, unknown: (problem: string) => void): AuditPolicy {
  const value = document ?? {};
  if (!isRecord(value)) throw failedDecoding(`json: cannot unmarshal ${typeOf(value)} into Go value of type v1.Policy`);
  const { apiVersion = '', kind = '' } = value;
  if (apiVersion === '' && kind === '')
    throw new AuditPolicyError('unknown group version field audit.k8s.io/__internal, Kind=Policy in policy');
  if (apiVersion !== auditVersion || kind !== 'Policy') throw failedDecoding(`no kind ${quoted(kind)} is registered for version ${quoted(apiVersion)}: use Policy of ${auditVersion}`); // prettier-ignore
  return checkAuditPolicy(value, unknown);
}

/** {@link readAuditPolicy} without a look at its kind and version. */
export function checkAuditPolicy(value: Readonly<Record<string, unknown>>, unknown: (problem: string) => void): AuditPolicy {
  const problems: string[] = [];
  checkFields(value, policyFields, 'Policy', '', '', problems);
  if (problems.length > 0) unknown(problems.join(', '));
  const policy = value as unknown as AuditPolicy;
  const rules = policy.rules ?? [];
  if (rules.length === 0) throw new AuditPolicyError('loaded illegal policy with 0 rules');
  const errors = [...stageErrors(policy.omitStages, 'omitStages'), ...rules.flatMap((rule, index) => ruleErrors(rule, `rules[${index}]`))];
  const texts = errors.map(({ field, message }) => `${field}: ${message}`);
  if (texts.length > 0) throw new AuditPolicyError(texts.length === 1 ? texts[0]! : `[${texts.join(', ')}]`);
  return policy;
}

function ruleErrors(rule: AuditPolicyRule, path: string): FieldError[] {
  const level: string = rule.level ?? '';
  const errors: FieldError[] = [];
  if (level === '') errors.push(required(`${path}.level`));
  else if (!(auditLevels as readonly string[]).includes(level)) errors.push(notSupported(`${path}.level`, level, auditLevels));
  const urls = rule.nonResourceURLs ?? [];
  for (const [index, url] of urls.entries()) {
    if (url === '*') continue;
    const at = `${path}.nonResourceURLs[${index}]`;
    if (!url.startsWith('/')) errors.push(invalid(at, url, "non-resource URL rules must begin with a '/' character"));
    if (url.slice(0, -1).includes('*')) errors.push(invalid(at, url, "non-resource URL wildcards '*' must be the final character of the rule")); // prettier-ignore
  }
  for (const given of rule.resources ?? []) {
    const at = `${path}.resources`;
    const [group, resources, resourceNames] = [given.group ?? '', given.resources ?? [], given.resourceNames ?? []];
    if (group !== '' && group !== '*') errors.push(...subdomainProblems(group).map((why) => invalid(`${at}.group`, group, why)));
    if (resourceNames.length > 0 && resources.length === 0)
      errors.push(invalid(`${at}.resourceNames`, resourceNames, 'using resourceNames requires at least one resource'));
  }
  if (urls.length > 0 && ((rule.resources ?? []).length > 0 || (rule.namespaces ?? []).length > 0))
    errors.push(invalid(`${path}.nonResourceURLs`, urls, 'rules cannot apply to both regular resources and non-resource URLs'));
  return [...errors, ...stageErrors(rule.omitStages, `${path}.omitStages`)];
}

function stageErrors(stages: readonly string[] | null | undefined, path: string): FieldError[] {
  return (stages ?? []).flatMap((stage, index) =>
    (auditStages as readonly string[]).includes(stage)
      ? []
      : [invalid(`${path}[${index}]`, stage, `allowed stages are ${auditStages.join(',')}`)],
  );
}

/** Throws for a field of a wrong type; gathers those that there are not. */
function checkFields(
  value: Readonly<Record<string, unknown>>,
  fields: Fields,
  struct: string,
  goPath: string,
  path: string,
  problems: string[],
): void {
  for (const name of Object.keys(value)) {
    const type = Object.hasOwn(fields, name) ? fields[name] : undefined;
    const field = value[name];
    if (type === undefined) problems.push(`unknown field "${path}${name}"`);
    else if (field !== null && field !== undefined) checkType(field, type, `${struct}.${goPath}${name}`, `${goPath}${name}`, path + name, problems);
  } // prettier-ignore
}

function checkType(field: unknown, type: FieldType, goField: string, goPath: string, path: string, problems: string[]): void {
  const wrong = (of: unknown, as: string): AuditPolicyError =>
    failedDecoding(`json: cannot unmarshal ${typeOf(of)} into Go struct field ${goField} of type ${as}`);
  switch (type) {
    case 'string':
      if (typeof field !== 'string') throw wrong(field, 'string');
      return;
    case 'bool':
      if (typeof field !== 'boolean') throw wrong(field, 'bool');
      return;
    case 'ObjectMeta':
      if (!isRecord(field)) throw wrong(field, 'v1.ObjectMeta');
      return;
    case '[]string':
      if (!Array.isArray(field)) throw wrong(field, type);
      for (const one of field as readonly unknown[]) if (typeof one !== 'string') throw wrong(one, 'string');
      return;
    default: {
      const struct = type.slice(2);
      if (!Array.isArray(field)) throw wrong(field, `[]v1.${struct}`);
      for (const [index, one] of (field as readonly unknown[]).entries()) {
        if (!isRecord(one)) throw wrong(one, `v1.${struct}`);
        checkFields(one, struct === 'PolicyRule' ? ruleFields : groupFields, struct, `${goPath}.`, `${path}[${index}].`, problems);
      }
    }
  }
}

function failedDecoding(why: string): AuditPolicyError {
  return new AuditPolicyError(`failed decoding: ${why}`);
}

function typeOf(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}

function quoted(value: unknown): string {
  return JSON.stringify(typeof value === 'string' ? value : String(value));
}
