// Templates of resource claims.
// https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/#resourceclaims-templates
import type { ResourceClaimTemplate } from '../../../openapi/types/resource.v1.js';
import type { Draft } from '../../apimachinery/object.js';
import type { KindDefinition } from '../kind.js';
import { ageOf, nameOf } from '../printing/cells.js';
import { immutable } from '../rules/fields.js';
import { labelMapErrors } from '../rules/selectors.js';
import { claimSpecErrors } from './claim-spec.js';
import { requestDefaults } from './defaults.js';
import { shownClaimSpec } from './shown.js';

export const resourceClaimTemplate: KindDefinition = {
  group: 'resource.k8s.io',
  version: 'v1',
  resource: 'resourceclaimtemplates',
  deleteReturnsObject: true,
  strategy: {
    applyDefaults: requestDefaults('spec.spec'),
    validate: (object) => {
      const { spec } = object as Draft<ResourceClaimTemplate>;
      return [...labelMapErrors('spec.metadata.labels', spec?.metadata?.labels), ...claimSpecErrors('spec.spec', spec?.spec ?? {})];
    },
    validateUpdate: (object, old) => {
      const { spec = {} } = object as Draft<ResourceClaimTemplate>;
      return immutable('spec', spec, (old as Draft<ResourceClaimTemplate>).spec ?? {}, { Spec: shownClaimSpec(spec.spec ?? {}) });
    },
  },
  cells: (object, context) => [nameOf(object), ageOf(object, context)],
};
