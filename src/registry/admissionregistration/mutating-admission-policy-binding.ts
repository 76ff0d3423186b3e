// Bindings of mutating admission policies. https://kubernetes.io/docs/reference/access-authn-authz/mutating-admission-policy/
import type { MutatingAdmissionPolicyBinding } from '../../../openapi/types/admissionregistration.v1.js';
import type { Draft } from '../../apimachinery/object.js';
import type { KindDefinition } from '../kind.js';
import { defaultsOf } from '../rules/defaults.js';
import { bindingCells, bindingErrors } from './bindings.js';
import { matchDefaults } from './policies.js';

export const mutatingAdmissionPolicyBinding: KindDefinition = {
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  resource: 'mutatingadmissionpolicybindings',
  unconditionalUpdate: false,
  generation: true,
  strategy: {
    applyDefaults: defaultsOf(matchDefaults('spec.matchResources')),
    validate: (object) => bindingErrors((object as Draft<MutatingAdmissionPolicyBinding>).spec ?? {}),
  },
  cells: bindingCells,
};
