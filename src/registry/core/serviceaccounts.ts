// ServiceAccounts. https://kubernetes.io/docs/reference/kubernetes-api/authentication-resources/service-account-v1/
import { isRecord, type Mutable } from '../../apimachinery/object.js';
import type { KindDefinition } from '../kind.js';
import { ageOf, nameOf } from '../printing/cells.js';
import { metadataAgain } from './metadata-again.js';

/** Of a secret's reference only the name is kept. Changes the draft. */
function keepSecretNames(draft: Mutable): void {
  const { secrets } = draft;
  if (!Array.isArray(secrets)) return;
  draft['secrets'] = (secrets as readonly unknown[]).map((one) => (isRecord(one) && 'name' in one ? { name: one['name'] } : {}));
}

const mountable = 'kubernetes.io/enforce-mountable-secrets';

export const serviceaccounts: KindDefinition = {
  group: '',
  version: 'v1',
  resource: 'serviceaccounts',
  deleteReturnsObject: true,
  strategy: {
    prepareForCreate: keepSecretNames,
    prepareForUpdate: keepSecretNames,
    validateUpdate: (object) => metadataAgain(object),
    warnings: ({ metadata }) =>
      metadata.annotations?.[mountable] === undefined
        ? []
        : [`metadata.annotations[${mountable}]: deprecated in v1.32+; prefer separate namespaces to isolate access to mounted secrets`],
  },
  cells: (object, context) => [nameOf(object), ageOf(object, context)],
};
