// Bindings of validating admission policies. https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/
import type { ValidatingAdmissionPolicyBinding } from '../../../openapi/types/admissionregistration.v1.js';
import { duplicate, invalid, notSupported, required } from '../../apimachinery/errors/field-error.js';
import type { Draft } from '../../apimachinery/object.js';
import type { KindDefinition } from '../kind.js';
import { defaultsOf } from '../rules/defaults.js';
import { each, type Errors } from '../rules/fields.js';
import { bindingCells, bindingErrors } from './bindings.js';
import { matchDefaults } from './policies.js';

const actions = ['Audit', 'Deny', 'Warn'];

function actionErrors(values: readonly string[] | undefined): Errors {
  const field = 'spec.validationActions';
  const list = values ?? [];
  if (list.length === 0) return [required(field, 'at least one validation action is required')];
  const seen = new Set<string>();
  const errors = [
    ...each(field, list, (path, action) => {
      const broken: Errors[number][] = [];
      if (!actions.includes(action)) broken.push(notSupported(path, action, actions));
      if (seen.has(action)) broken.push(duplicate(path, action));
      seen.add(action);
      return broken;
    }),
  ];
  if (seen.has('Deny') && seen.has('Warn')) {
    const why =
      'must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)';
    errors.push(invalid(field, list, why));
  }
  return errors;
}

export const validatingAdmissionPolicyBinding: KindDefinition = {
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  resource: 'validatingadmissionpolicybindings',
  unconditionalUpdate: false,
  generation: true,
  strategy: {
    applyDefaults: defaultsOf(matchDefaults('spec.matchResources')),
    validate: (object) => {
      const spec = (object as Draft<ValidatingAdmissionPolicyBinding>).spec ?? {};
      return [...bindingErrors(spec), ...actionErrors(spec.validationActions)];
    },
  },
  cells: bindingCells,
};
