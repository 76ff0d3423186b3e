// ValidatingAdmissionPolicy: rules in CEL that the server itself evaluates for every write.
// https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/
import type { ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding } from '../../../../openapi/types/admissionregistration.v1.js';
import { ApiError } from '../../../apimachinery/errors/api-error.js';
import { qualified } from '../../../apimachinery/errors/api-error.js';
import { compilePolicy, type PolicyPrograms } from '../../../registry/admissionregistration/policy-programs.js';
import type { AdmissionPlugin, AdmissionRequest } from '../chain.js';
import { isExemptOfPolicies } from '../webhooks/match.js';
import type { ActivationContext } from './activation.js';
import { PolicyAnnotations } from './audit.js';
import { evaluatePolicy, type Finding } from './evaluate.js';
import { matcherOf, type Matcher } from './match.js';
import { paramsOf, PolicyProblem } from './params.js';
import { storedObjects } from './stored.js';

interface Policy {
  readonly source: ValidatingAdmissionPolicy;
  readonly programs: PolicyPrograms;
  readonly matches: Matcher;
  readonly failClosed: boolean;
}

interface Binding {
  readonly source: ValidatingAdmissionPolicyBinding;
  readonly matches: Matcher;
  readonly actions: readonly string[];
}

/** Policies and bindings are immutable: each version is compiled once. */
const compiledPolicies = new WeakMap<ValidatingAdmissionPolicy, Policy>();
const compiledBindings = new WeakMap<ValidatingAdmissionPolicyBinding, Binding>();

const codes: Readonly<Record<string, number>> = { Invalid: 422, Forbidden: 403, Unauthorized: 401, RequestEntityTooLarge: 413 };

export function validatingPolicies(options: ActivationContext): AdmissionPlugin {
  const policies = storedObjects<ValidatingAdmissionPolicy>(options, 'validatingadmissionpolicies');
  const bindings = storedObjects<ValidatingAdmissionPolicyBinding>(options, 'validatingadmissionpolicybindings');
  return {
    name: 'ValidatingAdmissionPolicy',
    subresources: 'all',
    handles: ({ kind }) => !isExemptOfPolicies(kind) && bindings.any(),
    async validate(request) {
      const all = await bindings.all();
      if (all.length === 0) return;
      const byName = new Map((await policies.all()).map((policy) => [policy.metadata.name, policy]));
      const findings: Found[] = [];
      const annotations = new PolicyAnnotations();
      for (const source of all) {
        const policy = byName.get(source.spec?.policyName ?? '');
        if (policy !== undefined) findings.push(...(await found(policyOf(policy), bindingOf(source), request, options, annotations)));
      }
      if (request.audit !== undefined) annotations.tell(request.audit, findings);
      for (const { finding, actions, text } of findings) {
        if (actions.includes('Warn')) request.warnings.push(text.replace(' denied request: ', ': ').replace(/^/, 'Validation failed for '));
        if (actions.includes('Deny')) throw refusal(request, text, finding.reason);
      }
    },
  };
}

function policyOf(source: ValidatingAdmissionPolicy): Policy {
  let policy = compiledPolicies.get(source);
  if (policy === undefined) {
    const { spec = {} } = source;
    policy = {
      source,
      programs: compilePolicy(spec),
      matches: matcherOf(spec.matchConstraints),
      failClosed: spec.failurePolicy !== 'Ignore',
    };
    compiledPolicies.set(source, policy);
  }
  return policy;
}

function bindingOf(source: ValidatingAdmissionPolicyBinding): Binding {
  let binding = compiledBindings.get(source);
  if (binding === undefined) {
    binding = { source, matches: matcherOf(source.spec?.matchResources), actions: source.spec?.validationActions ?? ['Deny'] };
    compiledBindings.set(source, binding);
  }
  return binding;
}

interface Found {
  readonly finding: Finding;
  readonly policy: string;
  readonly binding: string;
  readonly actions: readonly string[];
  /** `ValidatingAdmissionPolicy 'p' with binding 'b' denied request: …`. */
  readonly text: string;
}

/** What one policy with one binding has against the request. */
async function found(
  policy: Policy,
  binding: Binding,
  request: AdmissionRequest,
  options: ActivationContext,
  annotations: PolicyAnnotations,
): Promise<readonly Found[]> {
  const kind = await policy.matches(request, options);
  if (kind === undefined || (await binding.matches(request, options)) === undefined) return [];
  const names = { policy: policy.source.metadata.name, binding: binding.source.metadata.name };
  const name = `ValidatingAdmissionPolicy '${names.policy}'`;
  const named = `${name} with binding '${names.binding}'`;
  try {
    const findings: Found[] = [];
    for (const params of await paramsOf(policy.source.spec?.paramKind, binding.source.spec?.paramRef, request, options)) {
      const took = options.metrics.begin();
      const evaluation = await evaluatePolicy(policy.programs, names.policy, { request, kind, params, ...options });
      annotations.add(names.policy, evaluation);
      for (const finding of evaluation.findings) {
        if (finding.failed && !policy.failClosed) continue;
        for (const action of binding.actions) options.metrics.validation(action.toLowerCase(), names.policy, names.binding, took());
        findings.push({ finding, ...names, actions: binding.actions, text: `${named} denied request: ${finding.message}` });
      }
    }
    return findings;
  } catch (error) {
    if (!(error instanceof PolicyProblem)) throw error;
    if (!policy.failClosed) return [];
    const finding: Finding = { message: error.message, reason: 'Invalid', failed: true, index: 0 };
    return [
      { finding, ...names, actions: ['Deny'], text: `${error.configuration === 'policy' ? name : named} denied request: ${error.message}` },
    ];
  }
}

function refusal({ kind, name }: AdmissionRequest, message: string, reason: string): ApiError {
  const shown = name === '' ? 'Unknown' : name;
  return new ApiError(codes[reason] ?? 422, reason, `${qualified(kind)} ${JSON.stringify(shown)} is forbidden: ${message}`, {
    name: shown,
    ...(kind.group === '' ? {} : { group: kind.group }),
    kind: kind.resource,
    causes: [{ message }],
  });
}
