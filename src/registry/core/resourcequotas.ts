// ResourceQuotas. https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/resource-quota-v1/
import type { ResourceQuota } from '../../../openapi/types/core.v1.js';
import { invalid, required, type FieldError } from '../../apimachinery/errors/field-error.js';
import type { KubeObject } from '../../apimachinery/object.js';
import type { Cell, KindDefinition, TableContext } from '../kind.js';
import { ageOf, nameOf } from '../printing/cells.js';
import { immutable } from '../rules/fields.js';
import { shownAs, type Shape } from '../rules/shown.js';
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
const podResources = /^(?:pods|(?:requests\.|limits\.)?(?:cpu|memory))$/;

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

/** Whether a quota of this scope may count the resource. */
function fits(scope: string, name: string): boolean {
  // Counts of other kinds and extended resources are everybody's own affair.
  if (!counted.has(name) && !standard.test(name)) return true;
  if (scope === 'BestEffort') return name === 'pods';
  if (scope === 'VolumeAttributesClass') return name === 'persistentvolumeclaims' || name === 'requests.storage';
  return podResources.test(name);
}

type Requirements = NonNullable<NonNullable<ResourceQuota['spec']>['scopeSelector']>['matchExpressions'];
/** Scopes that a pod is in or not, without values. */
const plainScopes = ['Terminating', 'NotTerminating', 'BestEffort', 'NotBestEffort', 'CrossNamespacePodAffinity'];
const onlyExists =
  "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity";

function requirementErrors({ scopeName, operator, values = [] }: NonNullable<Requirements>[number]): FieldError[] {
  const at = 'spec.scopeSelector.matchExpressions';
  const errors: FieldError[] = [];
  if (!scopes.includes(scopeName)) errors.push(invalid(`${at}.scopeName`, scopeName ?? '', 'unsupported scope'));
  if (plainScopes.includes(scopeName) && operator !== 'Exists') errors.push(invalid(`${at}.operator`, operator ?? '', onlyExists));
  switch (operator) {
    case 'In':
    case 'NotIn':
      if (values.length === 0) {
        errors.push(required(`${at}.values`, "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector"));
      }
      break;
    case 'Exists':
    case 'DoesNotExist':
      if (values.length > 0) {
        errors.push(invalid(`${at}.values`, values, "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector"));
      }
      break;
    default:
      errors.push(invalid(`${at}.operator`, operator ?? '', 'not a valid selector operator'));
  }
  return errors;
}

function selectorErrors(spec: NonNullable<ResourceQuota['spec']>): FieldError[] {
  const requirements = spec.scopeSelector?.matchExpressions ?? [];
  const at = 'spec.scopeSelector.matchExpressions';
  const errors = requirements.flatMap(requirementErrors);
  const given = requirements.map(({ scopeName }) => scopeName as string);
  const names = Object.keys(spec.hard ?? {});
  for (const scope of given) {
    if (!scopes.includes(scope) || names.every((name) => fits(scope, name))) continue;
    errors.push(invalid(at, shownAs(scopeSelector, spec.scopeSelector), 'unsupported scope applied to resource'));
  }
  if (conflicts.some((pair) => pair.every((scope) => given.includes(scope)))) errors.push(invalid(at, null, 'conflicting scopes'));
  return errors;
}

const scopeSelector: Shape = [
  [
    'MatchExpressions',
    null,
    [
      ['ScopeName', ''],
      ['Operator', ''],
      ['Values', null],
    ],
  ],
];

function scopeErrors({ spec }: ResourceQuota): FieldError[] {
  const given: readonly string[] = spec?.scopes ?? [];
  const errors: FieldError[] = [];
  const names = Object.keys(spec?.hard ?? {});
  if (given.some((scope) => !scopes.includes(scope))) errors.push(invalid('spec.scopes', given, 'unsupported scope'));
  for (const scope of given) {
    if (!scopes.includes(scope) || names.every((name) => fits(scope, name))) continue;
    errors.push(invalid('spec.scopes', given, 'unsupported scope applied to resource'));
  }
  if (conflicts.some((pair) => pair.every((scope) => given.includes(scope))))
    errors.push(invalid('spec.scopes', given, 'conflicting scopes'));
  return spec === undefined ? errors : [...errors, ...selectorErrors(spec)];
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
        (object as ResourceQuota).spec?.scopes ?? null,
      ),
    ],
    validateStatusUpdate: (object) => {
      const { status } = object as ResourceQuota;
      return [...amountsErrors('status.hard', status?.hard), ...amountsErrors('status.used', status?.used)];
    },
  },
  cells,
};
