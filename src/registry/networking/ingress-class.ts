// Ingress classes. https://kubernetes.io/docs/concepts/services-networking/ingress/#ingress-class
import type { IngressClass, IngressClassSpec } from '../../../openapi/types/networking.v1.js';
import { fieldForbidden, invalid, required, tooLong } from '../../apimachinery/errors/field-error.js';
import type { Draft } from '../../apimachinery/object.js';
import type { KindDefinition } from '../kind.js';
import { ageOf, nameOf } from '../printing/cells.js';
import { defaultsOf } from '../rules/defaults.js';
import { checkLabelName, checkPathSegment, checkSubdomain, immutable, needed, oneOf, type Errors } from '../rules/fields.js';

const longestController = 250;

function controllerErrors(field: string, controller: string): Errors {
  if (controller.length > longestController) return [tooLong(field, longestController)];
  const slash = controller.indexOf('/');
  const domain = controller.slice(0, slash);
  const path = controller.slice(slash + 1);
  if (slash <= 0 || path === '') return [invalid(field, controller, 'must be a domain-prefixed path (such as "acme.io/foo")')];
  const errors = [...checkSubdomain(field, domain)];
  if (!/^[A-Za-z0-9/\-._~%!$&'()*+,;=:]+$/.test(path)) {
    errors.push(invalid(field, path, "Invalid path (regex used for validation is '[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+')"));
  }
  return errors;
}

function parametersErrors(field: string, parameters: Draft<IngressClassSpec>['parameters']): Errors {
  if (parameters === undefined) return [];
  const { apiGroup, kind, name, namespace, scope } = parameters;
  const errors = [
    ...(apiGroup === undefined ? [] : checkSubdomain(`${field}.apiGroup`, apiGroup)),
    ...needed(`${field}.kind`, kind, checkPathSegment),
    ...needed(`${field}.name`, name, checkPathSegment),
    ...oneOf(`${field}.scope`, scope, ['Cluster', 'Namespace']),
  ];
  if (scope === 'Namespace') {
    if (namespace === undefined || namespace === '')
      errors.push(required(`${field}.namespace`, "`parameters.scope` is set to 'Namespace'"));
    else errors.push(...checkLabelName(`${field}.namespace`, namespace));
  } else if (scope === 'Cluster' && namespace !== undefined) {
    errors.push(fieldForbidden(`${field}.namespace`, "`parameters.scope` is set to 'Cluster'"));
  }
  return errors;
}

export const ingressClass: KindDefinition = {
  group: 'networking.k8s.io',
  version: 'v1',
  resource: 'ingressclasses',
  generation: true,
  strategy: {
    applyDefaults: defaultsOf([['spec.parameters.scope', 'Cluster']]),
    validate: (object) => {
      const spec = (object as Draft<IngressClass>).spec ?? {};
      return [...needed('spec.controller', spec.controller, controllerErrors), ...parametersErrors('spec.parameters', spec.parameters)];
    },
    validateUpdate: (object, old) =>
      immutable('spec.controller', (object as Draft<IngressClass>).spec?.controller, (old as Draft<IngressClass>).spec?.controller),
  },
  cells: (object, context) => {
    const { spec } = object as Draft<IngressClass>;
    const isDefault = object.metadata.annotations?.['ingressclass.kubernetes.io/is-default-class'] === 'true';
    const parameters = spec?.parameters;
    const group = parameters?.apiGroup === undefined ? '' : `.${parameters.apiGroup}`;
    return [
      isDefault ? `${nameOf(object)} (default)` : nameOf(object),
      spec?.controller ?? '',
      parameters === undefined ? '<none>' : `${parameters.kind ?? ''}${group}/${parameters.name ?? ''}`,
      ageOf(object, context),
    ];
  },
};
