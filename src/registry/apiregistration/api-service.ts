// API services. https://kubernetes.io/docs/concepts/extend-kubernetes/api-extension/apiserver-aggregation/
import { formatTime } from '../../clock/clock.js';
import type { APIService } from '../../../openapi/types/apiregistration.v1.js';
import { invalid, required } from '../../apimachinery/errors/field-error.js';
import { pathSegmentProblems } from '../../apimachinery/names/names.js';
import type { Draft, Mutable } from '../../apimachinery/object.js';
import type { KindDefinition, StrategyContext } from '../kind.js';
import { ageOf, nameOf } from '../printing/cells.js';
import { servicePortErrors } from '../rules/addresses.js';
import { defaultsOf } from '../rules/defaults.js';
import { checkLabel1035, checkSubdomain, each, needed, oneOf, type Errors } from '../rules/fields.js';
import { keepAllButStatus, keepField } from '../rules/status.js';

const highestGroupPriority = 20000;
const highestVersionPriority = 1000;

function nameErrors(service: Draft<APIService>): Errors {
  const { group = '', version = '' } = service.spec ?? {};
  const name = service.metadata?.name ?? '';
  // What is wrong with the name as a name is told before.
  if (name === '' || pathSegmentProblems(name).length > 0) return [];
  const expected = `${version}.${group}`;
  return name === expected ? [] : [invalid('metadata.name', name, `must be \`spec.version+"."+spec.group\`: "${expected}"`)];
}

function groupErrors(service: Draft<APIService>): Errors {
  const { group = '', version = '' } = service.spec ?? {};
  if (group !== '') return checkSubdomain('spec.group', group);
  return version === 'v1' ? [] : [required('spec.group', 'only v1 may have an empty group and it better be legacy kube')];
}

function priorityErrors(field: string, value: number, limit: number): Errors {
  return value <= 0 || value > limit ? [invalid(field, value, `must be positive and less than ${limit}`)] : [];
}

function trustErrors(spec: Draft<APIService>['spec']): Errors {
  const { service, caBundle = '', insecureSkipTLSVerify: insecure = false } = spec ?? {};
  const errors: Errors[number][] = [];
  const bytes = Buffer.from(caBundle, 'base64').length;
  if (service === undefined) {
    if (bytes > 0) errors.push(invalid('spec.caBundle', `${bytes} bytes`, 'local APIServices may not have a caBundle'));
    if (insecure) errors.push(invalid('spec.insecureSkipTLSVerify', insecure, 'local APIServices may not have insecureSkipTLSVerify'));
    return errors;
  }
  if (insecure && bytes > 0) errors.push(invalid('spec.insecureSkipTLSVerify', insecure, 'may not be true if caBundle is present'));
  return errors;
}

function validate(service: Draft<APIService>): Errors {
  const { version = '', groupPriorityMinimum = 0, versionPriority = 0, service: reference } = service.spec ?? {};
  const errors = [
    ...nameErrors(service),
    ...groupErrors(service),
    ...checkLabel1035('spec.version', version),
    ...priorityErrors('spec.groupPriorityMinimum', groupPriorityMinimum, highestGroupPriority),
    ...priorityErrors('spec.versionPriority', versionPriority, highestVersionPriority),
  ];
  if (reference !== undefined) {
    errors.push(
      ...needed('spec.service.namespace', reference.namespace),
      ...needed('spec.service.name', reference.name),
      ...servicePortErrors('spec.service.port', reference.port ?? 443),
    );
  }
  return [...errors, ...trustErrors(service.spec)];
}

function statusErrors(service: Draft<APIService>): Errors {
  return each('status.conditions', service.status?.conditions, (field, { status }) =>
    oneOf(`${field}.status`, status, ['True', 'False', 'Unknown']),
  );
}

/** A local API service, which has no `spec.service`, is available from the start. */
function prepareForCreate(draft: Mutable, { clock }: StrategyContext): void {
  const local = (draft as Draft<APIService>).spec?.service === undefined;
  draft.status = local
    ? {
        conditions: [
          {
            type: 'Available',
            status: 'True',
            lastTransitionTime: formatTime(clock.now()),
            reason: 'Local',
            message: 'Local APIServices are always available',
          },
        ],
      }
    : {};
}

function availableText(service: Draft<APIService>): string {
  const available = (service.status?.conditions ?? []).find(({ type }) => type === 'Available');
  if (available === undefined) return 'Unknown';
  return available.status === 'True' ? 'True' : `${available.status ?? ''} (${available.reason ?? ''})`;
}

export const apiService: KindDefinition = {
  group: 'apiregistration.k8s.io',
  version: 'v1',
  resource: 'apiservices',
  storage: 'apiregistration.k8s.io/apiservices',
  nameRule: 'path',
  unconditionalUpdate: false,
  strategy: {
    applyDefaults: defaultsOf([['spec.service.port', 443]]),
    prepareForCreate,
    prepareForUpdate: (draft, old) => keepField(draft, old, 'status'),
    prepareForStatusUpdate: keepAllButStatus,
    statusResetFields: { 'f:metadata': {}, 'f:spec': {} },
    validate: (object) => validate(object),
    validateStatusUpdate: (object) => statusErrors(object),
  },
  cells: (object, context) => {
    const service = object as Draft<APIService>;
    const reference = service.spec?.service;
    return [
      nameOf(object),
      reference === undefined ? 'Local' : `${reference.namespace ?? ''}/${reference.name ?? ''}`,
      availableText(service),
      ageOf(object, context),
    ];
  },
};
