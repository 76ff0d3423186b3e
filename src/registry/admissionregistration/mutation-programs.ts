// A mutating admission policy, compiled. https://kubernetes.io/docs/reference/access-authn-authz/mutating-admission-policy/
import type { MutatingAdmissionPolicy } from '../../../openapi/types/admissionregistration.v1.js';
import { appliedObjectType, jsonPatchType } from '../../apimachinery/cel/library/jsonpatch.js';
import { listType } from '../../apimachinery/cel/types.js';
import type { Draft } from '../../apimachinery/object.js';
import { environmentFor, withPolicyVariables } from './expressions.js';
import { compiled, compileShared, grow, type Compiled, type SharedPrograms } from './policy-programs.js';

export type PatchType = 'ApplyConfiguration' | 'JSONPatch';

export interface CompiledMutation extends Compiled {
  readonly type: PatchType;
}

export interface MutationPrograms extends SharedPrograms {
  readonly mutations: readonly CompiledMutation[];
}

type Spec = NonNullable<Draft<MutatingAdmissionPolicy>['spec']>;

/** What the expressions of mutations evaluate to. */
const outputs = { ApplyConfiguration: appliedObjectType, JSONPatch: listType(jsonPatchType) } as const;

/** Specs are immutable: what was compiled of one stays right. */
const mutationsOf = new WeakMap<Spec, CompiledMutation[]>();

/** Compiles a policy. An expression that cannot be compiled fails when it is evaluated. */
export function compileMutations(spec: Spec): MutationPrograms {
  const { programs, fields } = compileShared(spec);
  const environment = withPolicyVariables(environmentFor(spec.paramKind !== undefined, true), fields);
  let mutations = mutationsOf.get(spec);
  if (mutations === undefined) mutationsOf.set(spec, (mutations = []));
  grow(mutations, spec.mutations, ({ patchType, jsonPatch, applyConfiguration }) => {
    const type: PatchType = patchType === 'JSONPatch' ? 'JSONPatch' : 'ApplyConfiguration';
    const { expression = '' } = (type === 'JSONPatch' ? jsonPatch : applyConfiguration) ?? {};
    return { type, ...compiled(expression, environment, [outputs[type]]) };
  });
  return { ...programs, mutations };
}
