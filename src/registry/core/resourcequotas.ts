// ResourceQuotas. https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/resource-quota-v1/
import type { ResourceQuota } from '../../../openapi/types/core.v1.js';
import { invalid, required, type FieldError } from '../../apimachinery/errors/field-error.js';
import type { KubeObject } from '../../apimachinery/object.js';
import type { Cell, KindDefinition, TableContext } from '../kind.js';
import { ageOf, nameOf } from '../printing/cells.js';
import { immutable } from '../rules/fields.js';
import { statusHooks } from '../rules/status.js';
import { amountErrors, isExtended, resourceNameErrors, type Amounts } from './podspec/validate-resources.js';

const scopes = [
  'Terminating',
  'NotTerminating',
  'BestEffort',
  'NotBestEffort',
  'PriorityClass',
  'CrossNamespacePodAffinity',
  'VolumeAttributesClass',
];
const conflicts = [
  ['BestEffort', 'NotBestEffort'],
  ['Terminating', 'NotTerminating'],
];
const counted = new Set([
  ...['pods', 'services', 'replicationcontrollers', 'resourcequotas', 'secrets', 'persistentvolumeclaims', 'configmaps'],
  ...['services.nodeports', 'services.loadbalancers'],
]);
const standard = /^(?:(?:requests\.|limits\.)?(?:cpu|memory|ephemeral-storage)|requests\.storage|(?:requests\.)?hugepages-.+)$/;
/** Resources that a quota for pods of one quality may count. */
const podResources = /^(?:pods|(?:requests\.|limits\.)?(?:cpu|memory|ephemeral-storage))$/;

function amountsErrors(field: string, amounts: Amounts | undefined): FieldError[] {
  return Object.entries(amounts ?? {}).flatMap(([name, amount]) => {
    const at = `${field}[${name}]`;
    const errors = resourceNameErrors(at, name);
    if (!name.includes('/') && !counted.has(name) && !standard.test(name)) {
      errors.push(invalid(at, name, 'must be a standard resource for quota'));
    }
    return [...errors, ...amountErrors(at, amount, counted.has(name) || name.startsWith('count/') || isExtended(name))];
  });
}

function scopeErrors({ spec }: ResourceQuota): FieldError[] {
  const given: readonly string[] = spec?.scopes ?? [];
  const errors: FieldError[] = [];
  if (given.some((scope) => !scopes.includes(scope))) errors.push(invalid('spec.scopes', given, 'unsupported scope'));
  if (given.includes('BestEffort') || given.includes('NotBestEffort')) {
    const fits = given.includes('BestEffort') ? /^pods$/ : podResources;
    if (Object.keys(spec?.hard ?? {}).some((name) => !fits.test(name))) {
      errors.push(invalid('spec.scopes', given, 'unsupported scope applied to resource'));
    }
  }
  if (conflicts.some((pair) => pair.every((scope) => given.includes(scope))))
    errors.push(invalid('spec.scopes', given, 'conflicting scopes'));
  spec?.scopeSelector?.matchExpressions?.forEach(({ operator, values }) => {
    if ((operator === 'In' || operator === 'NotIn') && (values?.length ?? 0) === 0) {
      const why = "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector";
      errors.push(required('spec.scopeSelector.matchExpressions.values', why));
    }
  });
  return errors;
}

function cells(object: KubeObject, context: TableContext): readonly Cell[] {
  const { status } = object as ResourceQuota;
  const requests: string[] = [];
  const limits: string[] = [];
  for (const name of Object.keys(status?.hard ?? {}).sort()) {
    const text = `${name}: ${status?.used?.[name] ?? '0'}/${status?.hard?.[name]}`;
    (name.startsWith('limits.') ? limits : requests).push(text);
  }
  return [nameOf(object), requests.join(', '), limits.join(', '), ageOf(object, context)];
}

export const resourcequotas: KindDefinition = {
  group: '',
  version: 'v1',
  resource: 'resourcequotas',
  deleteReturnsObject: true,
  strategy: {
    ...statusHooks(() => ({})),
    validate: (object) => [...amountsErrors('spec.hard', (object as ResourceQuota).spec?.hard), ...scopeErrors(object as ResourceQuota)],
    validateUpdate: (object, old) => [
      ...immutable(
        'spec.scopes',
        (object as ResourceQuota).spec?.scopes,
        (old as ResourceQuota).spec?.scopes,
        (object as ResourceQuota).spec?.scopes ?? [],
      ),
    ],
    validateStatusUpdate: (object) => {
      const { status } = object as ResourceQuota;
      return [...amountsErrors('status.hard', status?.hard), ...amountsErrors('status.used', status?.used)];
    },
  },
  cells,
};
