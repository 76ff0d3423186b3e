// Ingress classes. https://kubernetes.io/docs/concepts/services-networking/ingress/#ingress-class
import type { IngressClass, IngressClassSpec } from '../../../openapi/types/networking.v1.js';
import { fieldForbidden, required, tooLong } from '../../apimachinery/errors/field-error.js';
import type { Draft } from '../../apimachinery/object.js';
import type { KindDefinition } from '../kind.js';
import { ageOf, nameOf } from '../printing/cells.js';
import { defaultsOf } from '../rules/defaults.js';
import { domainPathErrors } from '../rules/domain-path.js';
import { metadataAgain } from '../rules/metadata.js';
import { checkLabelName, checkPathSegment, checkSubdomain, immutable, needed, oneOf, type Errors } from '../rules/fields.js';

const longestController = 250;

function controllerErrors(field: string, controller: string): Errors {
  return controller.length > longestController ? [tooLong(field, longestController)] : domainPathErrors(field, controller);
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
    if (namespace === undefined) errors.push(required(`${field}.namespace`, "`parameters.scope` is set to 'Namespace'"));
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
    validate: (object, old) => {
      const spec = (object as Draft<IngressClass>).spec ?? {};
      const controller = spec.controller ?? '';
      return [
        ...(old === undefined ? [] : metadataAgain(object, old)),
        ...(old === undefined ? [] : immutable('spec.controller', controller, (old as Draft<IngressClass>).spec?.controller ?? '')),
        ...needed('spec.controller', spec.controller, controllerErrors),
        ...parametersErrors('spec.parameters', spec.parameters),
      ];
    },
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
