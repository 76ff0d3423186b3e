// Templates of resource claims.
// https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/#resourceclaims-templates
import type { ResourceClaimTemplate } from '../../../openapi/types/resource.v1.js';
import { fieldForbidden } from '../../apimachinery/errors/field-error.js';
import { validateAnnotations } from '../../apimachinery/names/object-meta.js';
import type { Draft, ObjectMeta } from '../../apimachinery/object.js';
import type { KindDefinition } from '../kind.js';
import { ageOf, nameOf } from '../printing/cells.js';
import { emptyListHooks } from '../rules/empty-lists.js';
import { immutable, type Errors } from '../rules/fields.js';
import { labelMapErrors } from '../rules/selectors.js';
import { claimSpecErrors } from './claim-spec.js';
import { requestDefaults } from './defaults.js';
import { shownTemplateSpec } from './shown.js';

/** What a claim gets when it is made, so that no template says it; and how messages spell it. */
const ownFields = [
  ['name', 'name'],
  ['generateName', 'generateName'],
  ['namespace', 'namespace'],
  ['selfLink', 'selfLink'],
  ['uid', 'uID'],
  ['resourceVersion', 'resourceVersion'],
  ['generation', 'generation'],
  ['creationTimestamp', 'creationTimestamp'],
  ['deletionTimestamp', 'deletionTimestamp'],
  ['deletionGracePeriodSeconds', 'deletionGracePeriodSeconds'],
  ['ownerReferences', 'ownerReferences'],
  ['finalizers', 'finalizers'],
  ['managedFields', 'managedFields'],
] as const;

function metadataErrors(field: string, metadata: Draft<ObjectMeta> | undefined): Errors {
  if (metadata === undefined) return [];
  return [
    ...(metadata.annotations === undefined ? [] : validateAnnotations(metadata.annotations, `${field}.annotations`)),
    ...labelMapErrors(`${field}.labels`, metadata.labels),
    ...ownFields
      .filter(([name]) => !isEmpty((metadata as Readonly<Record<string, unknown>>)[name]))
      .map(([, spelled]) => fieldForbidden(`${field}.${spelled}`, 'cannot be set')),
  ];
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || value === '' || value === 0 || (Array.isArray(value) && value.length === 0);
}

export const resourceClaimTemplate: KindDefinition = {
  group: 'resource.k8s.io',
  version: 'v1',
  resource: 'resourceclaimtemplates',
  deleteReturnsObject: true,
  strategy: {
    applyDefaults: requestDefaults('spec.spec'),
    ...emptyListHooks(['spec.spec.devices.requests']),
    validate: (object) => {
      const { spec } = object as Draft<ResourceClaimTemplate>;
      return [...metadataErrors('spec.metadata', spec?.metadata), ...claimSpecErrors('spec.spec', spec?.spec ?? {})];
    },
    validateUpdate: (object, old) => {
      const { spec = {} } = object as Draft<ResourceClaimTemplate>;
      return immutable('spec', spec, (old as Draft<ResourceClaimTemplate>).spec ?? {}, shownTemplateSpec(spec));
    },
  },
  cells: (object, context) => [nameOf(object), ageOf(object, context)],
};
