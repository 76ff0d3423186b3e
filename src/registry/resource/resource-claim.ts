// Resource claims. https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/#resourceclaims-templates
import type { ResourceClaim } from '../../../openapi/types/resource.v1.js';
import type { Draft } from '../../apimachinery/object.js';
import type { KindDefinition } from '../kind.js';
import { ageOf, nameOf } from '../printing/cells.js';
import { emptyListHooks } from '../rules/empty-lists.js';
import { immutable } from '../rules/fields.js';
import { shownAs } from '../rules/shown.js';
import { keepAllButStatus, statusHooks } from '../rules/status.js';
import { claimSpecErrors } from './claim-spec.js';
import { requestDefaults } from './defaults.js';
import { claimStatusErrors } from './claim-status.js';
import { claimSpec } from './shown.js';

const hooks = statusHooks(() => ({}));
const lists = emptyListHooks(['spec.devices.requests']);

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
    prepareForCreate: (draft, context) => {
      hooks.prepareForCreate?.(draft, context);
      lists.prepareForCreate(draft, context);
    },
    prepareForUpdate: (draft, old, context) => {
      hooks.prepareForUpdate?.(draft, old, context);
      lists.prepareForUpdate(draft, old, context);
    },
    prepareForStatusUpdate: keepAllButStatus,
    statusResetFields: { 'f:metadata': {}, 'f:spec': {} },
    // What may not change is not looked at again.
    validate: (object, old) => (old === undefined ? claimSpecErrors('spec', (object as Draft<ResourceClaim>).spec ?? {}) : []),
    validateUpdate: (object, old) => {
      const spec = (object as Draft<ResourceClaim>).spec ?? {};
      return immutable('spec', spec, (old as Draft<ResourceClaim>).spec ?? {}, shownAs(claimSpec, spec));
    },
    validateStatusUpdate: (object, old) => claimStatusErrors(object, old),
  },
  cells: (object, context) => [nameOf(object), stateText(object), ageOf(object, context)],
};
