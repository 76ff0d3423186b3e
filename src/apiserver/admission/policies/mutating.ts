// MutatingAdmissionPolicy: changes in CEL that the server itself makes to every write.
// https://kubernetes.io/docs/reference/access-authn-authz/mutating-admission-policy/
import type { MutatingAdmissionPolicy, MutatingAdmissionPolicyBinding } from '../../../../openapi/types/admissionregistration.v1.js';
import { ApiError } from '../../../apimachinery/errors/api-error.js';
import { compileMutations, type MutationPrograms } from '../../../registry/admissionregistration/mutation-programs.js';
import type { Kind } from '../../../registry/kind.js';
import type { PolicyErrorType } from '../../metrics/admission-metrics.js';
import type { AdmissionPlugin, AdmissionRequest } from '../chain.js';
import { Turn } from '../../../clock/slices.js';
import { isExemptOfPolicies } from '../webhooks/match.js';
import type { ActivationContext } from './activation.js';
import { answered } from './authorizer-variables.js';
import { matcherOf, type Matcher } from './match.js';
import { mutate } from './mutation.js';
import { paramsOf, PolicyProblem } from './params.js';
import { conditionsMet, freshBudget, policyActivation, type EvaluationInput } from './run.js';
import { storedObjects } from './stored.js';

interface Policy {
  readonly source: MutatingAdmissionPolicy;
  readonly programs: MutationPrograms;
  readonly matches: Matcher;
  readonly failClosed: boolean;
  readonly reinvoked: boolean;
}

/** Policies and bindings are immutable: each version is compiled once. */
const compiledPolicies = new WeakMap<MutatingAdmissionPolicy, Policy>();
const compiledBindings = new WeakMap<MutatingAdmissionPolicyBinding, Matcher>();

/** In the order of the policies' names; what one has changed, the next one sees. */
export function mutatingPolicies(options: ActivationContext): AdmissionPlugin {
  const policies = storedObjects<MutatingAdmissionPolicy>(options, 'mutatingadmissionpolicies');
  const bindings = storedObjects<MutatingAdmissionPolicyBinding>(options, 'mutatingadmissionpolicybindings');
  const name = 'MutatingAdmissionPolicy';
  return {
    name,
    subresources: 'all',
    handles: ({ kind, object }) => object !== undefined && !isExemptOfPolicies(kind) && bindings.any(),
    async admit(request, rounds) {
      const all = await bindings.all();
      if (all.length === 0) return;
      const invocations = rounds.of(name);
      invocations.begin(request.object!);
      for (const source of await policies.all()) {
        const policy = policyOf(source);
        for (const binding of all) {
          if (binding.spec?.policyName !== source.metadata.name || !invocations.isDue(binding)) continue;
          const done = await run(policy, binding, request, options);
          if (done !== undefined) invocations.done(binding, done.changed, policy.reinvoked);
        }
      }
      invocations.end(request.object!);
    },
  };
}

function policyOf(source: MutatingAdmissionPolicy): Policy {
  let policy = compiledPolicies.get(source);
  if (policy === undefined) {
    const { spec = {} } = source;
    policy = {
      source,
      programs: compileMutations(spec),
      matches: matcherOf(spec.matchConstraints),
      failClosed: spec.failurePolicy !== 'Ignore',
      reinvoked: spec.reinvocationPolicy === 'IfNeeded',
    };
    compiledPolicies.set(source, policy);
  }
  return policy;
}

function bindingMatcher(source: MutatingAdmissionPolicyBinding): Matcher {
  let matcher = compiledBindings.get(source);
  if (matcher === undefined) compiledBindings.set(source, (matcher = matcherOf(source.spec?.matchResources)));
  return matcher;
}

/** Carries out one policy with one binding; undefined when it is not about the request. Throws ApiError: 403 for a failure that counts. */
async function run(
  policy: Policy,
  binding: MutatingAdmissionPolicyBinding,
  request: AdmissionRequest,
  options: ActivationContext,
): Promise<{ readonly changed: boolean } | undefined> {
  const kind = await policy.matches(request, options);
  if (kind === undefined || (await bindingMatcher(binding)(request, options)) === undefined) return undefined;
  const progress = { changed: false };
  const turn = new Turn();
  try {
    for (const params of await paramsOf(policy.source.spec?.paramKind, binding.spec?.paramRef, request, options)) {
      await turn.over();
      await runWith(policy, binding.metadata.name, { request, kind, params, ...options }, progress, turn);
    }
  } catch (error) {
    if (!(error instanceof PolicyProblem)) throw error;
    if (policy.failClosed) throw refusal(policy, binding, request, error);
  }
  return progress;
}

/** All mutations with one set of parameters. What was changed before one failed stays changed. Throws PolicyProblem. */
async function runWith(
  { programs, source }: Policy,
  binding: string,
  input: EvaluationInput,
  progress: { changed: boolean },
  turn: Turn,
): Promise<void> {
  if (programs.conditions.length > 0) {
    const met = await answered(async () => {
      const budget = freshBudget();
      return conditionsMet(programs, source.metadata.name, input, await policyActivation(programs, input, budget), budget);
    });
    if (typeof met === 'string') throw new PolicyProblem(met);
    if (!met) return;
  }
  for (const mutation of programs.mutations) {
    await turn.over();
    const took = input.metrics.begin();
    let error: PolicyErrorType = 'invalid_error';
    try {
      if (await mutate(mutation, programs, input)) progress.changed = true;
      error = 'no_error';
    } finally {
      input.metrics.mutation(error, source.metadata.name, binding, took());
    }
  }
}

function refusal(
  { source }: Policy,
  binding: MutatingAdmissionPolicyBinding,
  { kind, name }: AdmissionRequest,
  problem: PolicyProblem,
): ApiError {
  const { name: policy } = source.metadata;
  const who = problem.configuration === 'policy' ? JSON.stringify(policy) : `'${policy}' with binding '${binding.metadata.name}'`;
  const message = `policy ${who} denied request: ${problem.message}`;
  return new ApiError(403, problem.configuration === undefined ? 'Invalid' : 'Forbidden', message, {
    name: shownName(name),
    ...groupOf(kind),
    kind: kind.resource,
    causes: [{ message }],
  });
}

function shownName(name: string): string {
  return name === '' ? 'Unknown' : name;
}

function groupOf({ group }: Kind): { readonly group?: string } {
  return group === '' ? {} : { group };
}
