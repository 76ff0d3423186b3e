// ValidatingAdmissionPolicy: rules in CEL that the server itself evaluates for every write.
// https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/
import type { ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding } from '../../../../openapi/types/admissionregistration.v1.js';
import { ApiError } from '../../../apimachinery/errors/api-error.js';
import { qualified } from '../../../apimachinery/errors/api-error.js';
import type { Registry } from '../../../registry/index.js';
import { compilePolicy, type PolicyPrograms } from '../../../registry/admissionregistration/policy-programs.js';
import type { Authorizer } from '../../authorization/authorizer.js';
import type { ResourceStorage, Storages } from '../../core/resource-storage.js';
import type { AdmissionPlugin, AdmissionRequest } from '../chain.js';
import { isExempt } from '../webhooks/match.js';
import { evaluatePolicy, type Finding } from './evaluate.js';
import { matcherOf, type Matcher } from './match.js';
import { paramsOf, PolicyProblem } from './params.js';

export interface PolicyOptions {
  readonly registry: Registry;
  readonly storages: Storages;
  readonly authorizer: Authorizer;
}

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
const policies = new WeakMap<ValidatingAdmissionPolicy, Policy>();
const bindings = new WeakMap<ValidatingAdmissionPolicyBinding, Binding>();

const codes: Readonly<Record<string, number>> = { Invalid: 422, Forbidden: 403, Unauthorized: 401, RequestEntityTooLarge: 413 };

export function validatingPolicies(options: PolicyOptions): AdmissionPlugin {
  const stored = (resource: string): (() => ResourceStorage) => {
    let made: ResourceStorage | undefined;
    return () => (made ??= options.storages.of(options.registry.byResource('admissionregistration.k8s.io', 'v1', resource)!));
  };
  const policyStorage = stored('validatingadmissionpolicies');
  const bindingStorage = stored('validatingadmissionpolicybindings');
  const any = (): boolean => {
    const { cache } = bindingStorage();
    return !cache.started || cache.count(bindingStorage().prefix('')) > 0;
  };
  return {
    name: 'ValidatingAdmissionPolicy',
    handles: ({ kind }) => !isExempt(kind) && any(),
    async validate(request) {
      const all = await listed<ValidatingAdmissionPolicyBinding>(bindingStorage());
      if (all.length === 0) return;
      const byName = new Map((await listed<ValidatingAdmissionPolicy>(policyStorage())).map((policy) => [policy.metadata.name, policy]));
      const findings: Found[] = [];
      for (const source of all) {
        const policy = byName.get(source.spec?.policyName ?? '');
        if (policy !== undefined) findings.push(...(await found(policyOf(policy), bindingOf(source), request, options)));
      }
      for (const { finding, actions, text } of findings) {
        if (actions.includes('Warn')) request.warnings.push(text.replace(' denied request: ', ': ').replace(/^/, 'Validation failed for '));
        if (actions.includes('Deny')) throw refusal(request, text, finding.reason);
      }
    },
  };
}

async function listed<T>(storage: ResourceStorage): Promise<readonly T[]> {
  if (!storage.cache.started) await storage.cache.fresh();
  return storage.cache.list({ prefix: storage.prefix('') }).entries.map(({ value }) => value as unknown as T);
}

function policyOf(source: ValidatingAdmissionPolicy): Policy {
  let policy = policies.get(source);
  if (policy === undefined) {
    const { spec = {} } = source;
    policy = {
      source,
      programs: compilePolicy(spec),
      matches: matcherOf(spec.matchConstraints),
      failClosed: spec.failurePolicy !== 'Ignore',
    };
    policies.set(source, policy);
  }
  return policy;
}

function bindingOf(source: ValidatingAdmissionPolicyBinding): Binding {
  let binding = bindings.get(source);
  if (binding === undefined) {
    binding = { source, matches: matcherOf(source.spec?.matchResources), actions: source.spec?.validationActions ?? ['Deny'] };
    bindings.set(source, binding);
  }
  return binding;
}

interface Found {
  readonly finding: Finding;
  readonly actions: readonly string[];
  /** `ValidatingAdmissionPolicy 'p' with binding 'b' denied request: …`. */
  readonly text: string;
}

/** What one policy with one binding has against the request. */
async function found(policy: Policy, binding: Binding, request: AdmissionRequest, options: PolicyOptions): Promise<readonly Found[]> {
  const kind = await policy.matches(request, options);
  if (kind === undefined || (await binding.matches(request, options)) === undefined) return [];
  const name = `ValidatingAdmissionPolicy '${policy.source.metadata.name}'`;
  const named = `${name} with binding '${binding.source.metadata.name}'`;
  try {
    const findings: Found[] = [];
    for (const params of await paramsOf(policy.source, binding.source, request, options)) {
      for (const finding of await evaluatePolicy(policy.programs, { request, kind, params, ...options })) {
        if (finding.failed && !policy.failClosed) continue;
        findings.push({ finding, actions: binding.actions, text: `${named} denied request: ${finding.message}` });
      }
    }
    return findings;
  } catch (error) {
    if (!(error instanceof PolicyProblem)) throw error;
    if (!policy.failClosed) return [];
    const finding: Finding = { message: error.message, reason: 'Invalid', failed: true };
    return [{ finding, actions: ['Deny'], text: `${error.ofPolicy ? name : named} denied request: ${error.message}` }];
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
