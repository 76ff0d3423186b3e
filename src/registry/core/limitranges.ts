// LimitRanges. https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/limit-range-v1/
import type { LimitRange, LimitRangeItem } from '../../../openapi/types/core.v1.js';
import { duplicate, fieldForbidden, invalid, required, type FieldError } from '../../apimachinery/errors/field-error.js';
import { isRecord, type KubeObject, type Mutable } from '../../apimachinery/object.js';
import { compareQuantities, parseQuantity } from '../../apimachinery/quantity/quantity.js';
import { eachApart } from '../../clock/apart.js';
import type { KindDefinition } from '../kind.js';
import { emptyListHooks } from '../rules/empty-lists.js';
import { checkQualifiedName } from '../rules/fields.js';
import { containerResourceErrors, isExtended, isHugePages, resourceNameErrors } from './podspec/validate-resources.js';

/** For containers: the default limit is the maximum, the default request the default limit, or the minimum. */
function fillContainerItem(item: Mutable): void {
  if (item['type'] !== 'Container') return;
  const limits: Record<string, unknown> = { ...(isRecord(item['default']) ? item['default'] : {}) };
  const requests: Record<string, unknown> = { ...(isRecord(item['defaultRequest']) ? item['defaultRequest'] : {}) };
  const take = (target: Record<string, unknown>, from: unknown): void => {
    if (isRecord(from)) for (const name in from) target[name] ??= from[name];
  };
  take(limits, item['max']);
  take(requests, limits);
  take(requests, item['min']);
  if (Object.keys(limits).length > 0) item['default'] = limits;
  if (Object.keys(requests).length > 0) item['defaultRequest'] = requests;
}

function applyDefaults(draft: Mutable): void {
  const spec = draft['spec'];
  const limits = isRecord(spec) ? spec['limits'] : undefined;
  if (Array.isArray(limits)) for (const item of limits as unknown[]) if (isRecord(item)) fillContainerItem(item);
}

function more(a: string | number | undefined, b: string | number | undefined): boolean {
  return a !== undefined && b !== undefined && compareQuantities(parseQuantity(a), parseQuantity(b)) > 0;
}

function orderErrors(field: string, name: string, item: LimitRangeItem): FieldError[] {
  const errors: FieldError[] = [];
  const min = item.min?.[name];
  const max = item.max?.[name];
  const request = item.defaultRequest?.[name];
  const limit = item.default?.[name];
  const error = (at: string, shown: string | number | undefined, why: string): void =>
    void errors.push(invalid(`${field}.${at}[${name}]`, String(shown), why));
  if (more(min, max)) error('min', min, `min value ${min} is greater than max value ${max}`);
  if (more(min, request)) error('defaultRequest', request, `min value ${min} is greater than default request value ${request}`);
  if (more(request, max)) error('defaultRequest', request, `default request value ${request} is greater than max value ${max}`);
  if (more(request, limit))
    error('defaultRequest', request, `default request value ${request} is greater than default limit value ${limit}`);
  if (more(min, limit)) error('default', min, `min value ${min} is greater than default value ${limit}`);
  if (more(limit, max)) error('default', max, `default value ${limit} is greater than max value ${max}`);
  return errors;
}

/** What cannot be shared is asked for in full. */
function fixedErrors(field: string, name: string, { default: limits, defaultRequest: requests }: LimitRangeItem): FieldError[] {
  const limit = limits?.[name];
  const request = requests?.[name];
  if (limit === undefined || request === undefined || !(isExtended(name) || isHugePages(name))) return [];
  if (compareQuantities(parseQuantity(limit), parseQuantity(request)) === 0) return [];
  const why = `default value ${limit} must equal to defaultRequest value ${request} in ${name}`;
  return [invalid(`${field}.defaultRequest[${name}]`, String(request), why)];
}

function ratioErrors(field: string, name: string, { min, max }: LimitRangeItem, ratio: string | number): FieldError[] {
  const at = `${field}.maxLimitRequestRatio[${name}]`;
  const errors = more(1, ratio) ? [invalid(at, String(ratio), `ratio ${ratio} is less than 1`)] : [];
  const least = min?.[name];
  const most = max?.[name];
  if (least === undefined || most === undefined) return errors;
  const smallest = Number(parseQuantity(least).nano);
  const widest = Number(parseQuantity(most).nano) / smallest;
  if (smallest > 0 && Number(parseQuantity(ratio).nano) / 1e9 > widest) {
    errors.push(invalid(at, String(ratio), `ratio ${ratio} is greater than max/min = ${widest.toFixed(6)}`));
  }
  return errors;
}

const limitTypes = ['Pod', 'Container', 'PersistentVolumeClaim'];

function typeErrors(field: string, type: string): FieldError[] {
  const errors = [...checkQualifiedName(field, type)];
  if (errors.length > 0 || type.includes('/') || limitTypes.includes(type)) return errors;
  return [invalid(field, type, 'must be a standard limit type or fully qualified')];
}

function itemErrors(field: string, item: LimitRangeItem): FieldError[] {
  const errors: FieldError[] = typeErrors(`${field}.type`, item.type ?? '');
  if (item.type === 'Pod') {
    if (item.default !== undefined) errors.push(fieldForbidden(`${field}.default`, "may not be specified when `type` is 'Pod'"));
    if (item.defaultRequest !== undefined)
      errors.push(fieldForbidden(`${field}.defaultRequest`, "may not be specified when `type` is 'Pod'"));
  }
  if (item.type === 'PersistentVolumeClaim' && item.min?.['storage'] === undefined && item.max?.['storage'] === undefined) {
    errors.push(required(`${field}.limits`, 'either minimum or maximum storage value is required, but neither was provided'));
  }
  for (const part of ['max', 'min', 'default', 'defaultRequest', 'maxLimitRequestRatio'] as const) {
    const rule = item.type === 'Container' || item.type === 'Pod' ? containerResourceErrors : resourceNameErrors;
    const given = Object.keys(item[part] ?? {});
    eachApart(`${field}.${part}`, given.length, errors, (index) => {
      const name = given[index]!;
      errors.push(...rule(`${field}.${part}[${name}]`, name));
    });
  }
  const names = [
    ...new Set([item.min, item.max, item.default, item.defaultRequest].flatMap((amounts) => Object.keys(amounts ?? {}))),
  ].sort();
  eachApart(field, names.length, errors, (index) =>
    errors.push(...orderErrors(field, names[index]!, item), ...fixedErrors(field, names[index]!, item)),
  );
  for (const [name, ratio] of Object.entries(item.maxLimitRequestRatio ?? {})) errors.push(...ratioErrors(field, name, item, ratio));
  return errors;
}

function validate(object: KubeObject): FieldError[] {
  const seen = new Set<string>();
  return ((object as LimitRange).spec?.limits ?? []).flatMap((item, index) => {
    const field = `spec.limits[${index}]`;
    const errors = seen.has(item.type) ? [duplicate(`${field}.type`, item.type)] : [];
    seen.add(item.type);
    return [...errors, ...itemErrors(field, item)];
  });
}

export const limitranges: KindDefinition = {
  group: '',
  version: 'v1',
  resource: 'limitranges',
  createOnUpdate: true,
  strategy: { applyDefaults, validate, ...emptyListHooks(['spec.limits']) },
};
