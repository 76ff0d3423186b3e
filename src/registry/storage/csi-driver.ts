// CSI drivers. https://kubernetes-csi.github.io/docs/csi-driver-object.html
import { isDeepStrictEqual } from 'node:util';
import type { CSIDriver, TokenRequest } from '../../../openapi/types/storage.v1.js';
import { duplicate, invalid } from '../../apimachinery/errors/field-error.js';
import type { Draft, Mutable } from '../../apimachinery/object.js';
import { isRecord } from '../../apimachinery/object.js';
import type { KindDefinition } from '../kind.js';
import { ageOf, nameOf } from '../printing/cells.js';
import { defaultsOf } from '../rules/defaults.js';
import { each, immutable, oneOf, type Errors } from '../rules/fields.js';

const shortestToken = 600;
const longestToken = 2 ** 32;
const shortestPeriod = 10;

function tokenErrors(tokens: readonly Draft<TokenRequest>[] | undefined): Errors {
  const audiences = new Set<string>();
  return each('spec.tokenRequests', tokens, (field, { audience = '', expirationSeconds: seconds }) => {
    const errors: Errors[number][] = audiences.has(audience) ? [duplicate(`${field}.audience`, audience)] : [];
    audiences.add(audience);
    if (seconds === undefined) return errors;
    const path = `${field}.expirationSeconds`;
    if (seconds < shortestToken) errors.push(invalid(path, seconds, 'may not specify a duration less than 10 minutes'));
    if (seconds > longestToken) errors.push(invalid(path, seconds, 'may not specify a duration larger than 2^32 seconds'));
    return errors;
  });
}

/** Fields of features that a server does not have by default are not kept. */
function dropDisabled(draft: Mutable): void {
  if (isRecord(draft.spec)) delete draft.spec.preventPodSchedulingIfMissing;
}

function validate(driver: Draft<CSIDriver>): Errors {
  const spec = driver.spec ?? {};
  const { nodeAllocatableUpdatePeriodSeconds: period, serviceAccountTokenInSecrets: inSecrets } = spec;
  return [
    ...oneOf('spec.fsGroupPolicy', spec.fsGroupPolicy, ['File', 'None', 'ReadWriteOnceWithFSType']),
    ...tokenErrors(spec.tokenRequests),
    ...(spec.volumeLifecycleModes ?? []).flatMap((mode) => oneOf('spec.volumeLifecycleModes', mode, ['Persistent', 'Ephemeral'])),
    ...(period !== undefined && period < shortestPeriod
      ? [invalid('spec.nodeAllocatableUpdatePeriodSeconds', period, `must be greater than or equal to ${shortestPeriod} seconds`)]
      : []),
    ...(inSecrets !== undefined && (spec.tokenRequests ?? []).length === 0
      ? [invalid('spec.serviceAccountTokenInSecrets', inSecrets, 'serviceAccountTokenInSecrets is set but no tokenRequests are specified')]
      : []),
  ];
}

function validateUpdate(now: Draft<CSIDriver>, before: Draft<CSIDriver>): Errors {
  return [
    // The real server's own spelling of the field.
    ...immutable('spec.attachedRequired', now.spec?.attachRequired, before.spec?.attachRequired),
    ...immutable('spec.volumeLifecycleModes', now.spec?.volumeLifecycleModes, before.spec?.volumeLifecycleModes),
  ];
}

export const csiDriver: KindDefinition = {
  group: 'storage.k8s.io',
  version: 'v1',
  resource: 'csidrivers',
  unconditionalUpdate: false,
  deleteReturnsObject: true,
  strategy: {
    applyDefaults: defaultsOf([
      ['spec', () => ({})],
      ['spec.attachRequired', true],
      ['spec.podInfoOnMount', false],
      ['spec.volumeLifecycleModes', () => ['Persistent']],
      ['spec.storageCapacity', false],
      ['spec.fsGroupPolicy', 'ReadWriteOnceWithFSType'],
      ['spec.requiresRepublish', false],
      ['spec.seLinuxMount', false],
    ]),
    prepareForCreate: dropDisabled,
    // New drivers have no generation; each change of the spec counts one.
    prepareForUpdate: (draft, old) => {
      dropDisabled(draft);
      if (!isRecord(draft.metadata)) return;
      const before = old.metadata.generation ?? 0;
      if (!isDeepStrictEqual(draft.spec, (old as Draft<CSIDriver>).spec)) draft.metadata.generation = before + 1;
      else if (before > 0) draft.metadata.generation = before;
    },
    validate: (object) => validate(object),
    validateUpdate: (object, old) => validateUpdate(object, old),
    warnings: (object, old) => {
      const spec = (object as Draft<CSIDriver>).spec ?? {};
      const unchanged = isDeepStrictEqual((old as Draft<CSIDriver> | undefined)?.spec?.tokenRequests, spec.tokenRequests);
      return (spec.tokenRequests ?? []).length > 0 && !unchanged && spec.serviceAccountTokenInSecrets === undefined
        ? [
            'spec.serviceAccountTokenInSecrets is unset; if supported by this CSI driver, set to true to prevent possible logging of tokens in volume attributes',
          ]
        : [];
    },
  },
  cells: (object, context) => {
    const spec = (object as Draft<CSIDriver>).spec ?? {};
    const tokens = spec.tokenRequests ?? [];
    return [
      nameOf(object),
      spec.attachRequired ?? true,
      spec.podInfoOnMount ?? false,
      spec.storageCapacity ?? false,
      tokens.length === 0 ? '<unset>' : tokens.map(({ audience = '' }) => audience).join(','),
      spec.requiresRepublish ?? false,
      (spec.volumeLifecycleModes ?? []).join(','),
      ageOf(object, context),
    ];
  },
};
