// Mutating admission policies. https://kubernetes.io/docs/reference/access-authn-authz/mutating-admission-policy/
import type { MatchResources, MutatingAdmissionPolicy, Mutation } from '../../../openapi/types/admissionregistration.v1.js';
import { invalid, notSupported, required } from '../../apimachinery/errors/field-error.js';
import type { Draft } from '../../apimachinery/object.js';
import type { KindDefinition } from '../kind.js';
import { ageOf, nameOf } from '../printing/cells.js';
import { defaultsOf } from '../rules/defaults.js';
import { each, needed, oneOf, optionalOneOf, type Errors } from '../rules/fields.js';
import { programErrors } from './expressions.js';
import { compileMutations } from './mutation-programs.js';
import { constraintErrors, matchDefaults, paramKindErrors, paramKindText, variableErrors } from './policies.js';
import type { Compiled } from './policy-programs.js';
import { failurePolicies, matchConditionErrors } from './rules.js';

const bodies = { ApplyConfiguration: 'applyConfiguration', JSONPatch: 'jsonPatch' } as const;

function mutationErrors(field: string, mutation: Draft<Mutation>, { program }: Compiled): Errors {
  const type = mutation.patchType;
  if (type !== 'ApplyConfiguration' && type !== 'JSONPatch') {
    return needed(`${field}.patchType`, type, (path, value) => oneOf(path, value, Object.keys(bodies)));
  }
  const own = bodies[type];
  const other = own === 'jsonPatch' ? 'applyConfiguration' : 'jsonPatch';
  const body = mutation[own];
  const errors: Errors[number][] = [];
  if (body === undefined) errors.push(required(`${field}.${own}`, `must be specified when patchType is ${type}`));
  else
    errors.push(
      ...needed(`${field}.${own}.expression`, body.expression?.trim()),
      ...programErrors(`${field}.${own}.expression`, body.expression, program),
    );
  if (mutation[other] !== undefined) {
    errors.push(invalid(`${field}.${other}`, `{${other}}`, `must not be specified when patchType is ${type}`));
  }
  return errors;
}

/** What is deleted cannot be changed. */
const operations = ['*', 'CONNECT', 'CREATE', 'UPDATE'];

function operationErrors(match: Draft<MatchResources> | undefined): Errors {
  return (match?.resourceRules ?? []).flatMap((rule) =>
    (rule.operations ?? [])
      .filter((operation) => !operations.includes(operation))
      .map((operation) => notSupported('spec.matchConstraints.resourceRules.operations', operation, operations)),
  );
}

function validate(policy: Draft<MutatingAdmissionPolicy>): Errors {
  const spec = policy.spec ?? {};
  const mutations = spec.mutations ?? [];
  const programs = compileMutations(spec);
  return [
    ...optionalOneOf('spec.failurePolicy', spec.failurePolicy, failurePolicies),
    ...paramKindErrors(spec.paramKind),
    ...constraintErrors(spec.matchConstraints),
    ...operationErrors(spec.matchConstraints),
    ...matchConditionErrors(
      'spec.matchConditions',
      spec.matchConditions,
      programs.conditions.map(({ program }) => program),
    ),
    ...variableErrors(spec.variables, programs.variables),
    ...(mutations.length === 0 ? [required('spec.mutations', 'mutations must contain at least one item')] : []),
    ...each('spec.mutations', mutations, (field, mutation, index) => mutationErrors(field, mutation, programs.mutations[index]!)),
    ...needed('spec.reinvocationPolicy', spec.reinvocationPolicy, (field, value) => oneOf(field, value, ['IfNeeded', 'Never'])),
  ];
}

export const mutatingAdmissionPolicy: KindDefinition = {
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  resource: 'mutatingadmissionpolicies',
  unconditionalUpdate: false,
  generation: true,
  strategy: {
    applyDefaults: defaultsOf([['spec.failurePolicy', 'Fail'], ...matchDefaults('spec.matchConstraints')]),
    validate: (object) => validate(object),
  },
  cells: (object, context) => {
    const { spec } = object as Draft<MutatingAdmissionPolicy>;
    return [nameOf(object), spec?.mutations?.length ?? 0, paramKindText(spec?.paramKind), ageOf(object, context)];
  },
};
