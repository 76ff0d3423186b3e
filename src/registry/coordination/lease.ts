// Leases. https://kubernetes.io/docs/concepts/architecture/leases/
import type { Lease } from '../../../openapi/types/coordination.v1.js';
import { invalid } from '../../apimachinery/errors/field-error.js';
import type { Draft, Mutable } from '../../apimachinery/object.js';
import { isRecord } from '../../apimachinery/object.js';
import type { KindDefinition } from '../kind.js';
import { ageOf, nameOf } from '../printing/cells.js';
import { notNegative, type Errors } from '../rules/fields.js';

/** Fields of the feature CoordinatedLeaderElection, which is off: they are dropped. */
const disabled = ['strategy', 'preferredHolder'];

function dropDisabled(draft: Mutable): void {
  if (!isRecord(draft.spec)) return;
  for (const field of disabled) delete draft.spec[field];
}

function validate(lease: Draft<Lease>): Errors {
  const { leaseDurationSeconds: duration, leaseTransitions: transitions } = lease.spec ?? {};
  return [
    ...(duration !== undefined && duration <= 0 ? [invalid('spec.leaseDurationSeconds', duration, 'must be greater than 0')] : []),
    ...notNegative('spec.leaseTransitions', transitions),
  ];
}

export const lease: KindDefinition = {
  group: 'coordination.k8s.io',
  version: 'v1',
  resource: 'leases',
  standardFinalizers: false,
  createOnUpdate: true,
  unconditionalUpdate: false,
  strategy: {
    prepareForCreate: dropDisabled,
    prepareForUpdate: dropDisabled,
    validate: (object) => validate(object),
  },
  cells: (object, context) => [nameOf(object), (object as Draft<Lease>).spec?.holderIdentity ?? '', ageOf(object, context)],
};
