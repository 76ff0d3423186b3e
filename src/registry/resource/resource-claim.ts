// Resource claims. https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/#resourceclaims-templates
import { isDeepStrictEqual } from 'node:util';
import type { ResourceClaim } from '../../../openapi/types/resource.v1.js';
import { fieldForbidden } from '../../apimachinery/errors/field-error.js';
import type { Draft } from '../../apimachinery/object.js';
import type { KindDefinition } from '../kind.js';
import { ageOf, nameOf } from '../printing/cells.js';
import { immutable, type Errors } from '../rules/fields.js';
import { keepAllButStatus, statusHooks } from '../rules/status.js';
import { claimSpecErrors } from './claim-spec.js';
import { requestDefaults } from './defaults.js';
import { shownClaimSpec } from './shown.js';

/** An allocation is made and taken back, never changed; only an allocated claim is reserved. */
function statusErrors(now: Draft<ResourceClaim>, before: Draft<ResourceClaim>): Errors {
  const errors: Errors[number][] = [];
  const allocation = now.status?.allocation;
  const last = before.status?.allocation;
  if ((now.status?.reservedFor ?? []).length > 0 && allocation === undefined) {
    errors.push(fieldForbidden('status.reservedFor', 'may not be specified when `allocated` is not set'));
  }
  if (allocation !== undefined && last !== undefined && !isDeepStrictEqual(allocation, last)) {
    errors.push(...immutable('status.allocation', allocation, last));
  }
  return errors;
}

function stateText({ metadata, status }: Draft<ResourceClaim>): string {
  const states: string[] = [];
  if (metadata?.deletionTimestamp !== undefined) states.push('deleted');
  if (status?.allocation === undefined) {
    if (states.length === 0) states.push('pending');
  } else {
    states.push('allocated');
    if ((status.reservedFor ?? []).length > 0) states.push('reserved');
  }
  return states.join(',');
}

export const resourceClaim: KindDefinition = {
  group: 'resource.k8s.io',
  version: 'v1',
  resource: 'resourceclaims',
  deleteReturnsObject: true,
  strategy: {
    applyDefaults: requestDefaults('spec'),
    ...statusHooks(() => ({})),
    prepareForStatusUpdate: keepAllButStatus,
    validate: (object) => claimSpecErrors('spec', (object as Draft<ResourceClaim>).spec ?? {}),
    validateUpdate: (object, old) => {
      const spec = (object as Draft<ResourceClaim>).spec ?? {};
      return immutable('spec', spec, (old as Draft<ResourceClaim>).spec ?? {}, shownClaimSpec(spec));
    },
    validateStatusUpdate: (object, old) => statusErrors(object, old),
  },
  cells: (object, context) => [nameOf(object), stateText(object), ageOf(object, context)],
};
