// Rules of the requests for devices that claims make.
// https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/
import type { DeviceRequest, DeviceSelector, DeviceToleration, ExactDeviceRequest } from '../../../openapi/types/resource.v1.js';
import { invalid, required, tooLong } from '../../apimachinery/errors/field-error.js';
import { labelValueProblems } from '../../apimachinery/names/names.js';
import type { Draft } from '../../apimachinery/object.js';
import { check, checkLabelName, checkQualifiedName, checkSubdomain, each, needed, oneOf, type Errors } from '../rules/fields.js';
import { deviceExpressionErrors } from './device-expressions.js';
import { limitedErrors, uniqueErrors } from '../rules/lists.js';

const mostRequests = 32;
const mostAlternatives = 8;
const mostSelectors = 32;
const longestExpression = 10 * 1024;

function selectorErrors(field: string, { cel }: Draft<DeviceSelector>): Errors {
  if (cel === undefined) return [required(`${field}.cel`)];
  const path = `${field}.cel.expression`;
  const { expression = '' } = cel;
  return expression.length > longestExpression ? [tooLong(path, longestExpression)] : deviceExpressionErrors(path, expression);
}

/** The selectors of a class or request. */
export function selectorsErrors(field: string, selectors: readonly Draft<DeviceSelector>[] | undefined): Errors {
  return limitedErrors(field, selectors, mostSelectors, selectorErrors);
}

/** The effects of taints of devices, as messages list them. */
export const taintEffects = ['NoExecute', 'NoSchedule', 'None'];

function tolerationErrors(field: string, { key = '', operator, value = '', effect }: Draft<DeviceToleration>): Errors {
  const errors: Errors[number][] = key === '' ? [] : [...checkQualifiedName(`${field}.key`, key)];
  if (operator === 'Exists') {
    if (value !== '') errors.push(invalid(`${field}.value`, value, 'must be empty for operator `Exists`'));
  } else if (operator === 'Equal') errors.push(...check(`${field}.value`, value, labelValueProblems));
  else errors.push(...needed(`${field}.operator`, operator, (path, given) => oneOf(path, given, ['Equal', 'Exists'])));
  const named: string = effect ?? '';
  if (named !== '') errors.push(...oneOf(`${field}.effect`, named, taintEffects));
  return errors;
}

type Amount = Draft<Pick<ExactDeviceRequest, 'deviceClassName' | 'selectors' | 'allocationMode' | 'count' | 'tolerations'>>;

function amountErrors(field: string, request: Amount): Errors {
  const { allocationMode: mode, count = 0 } = request;
  const errors = [
    ...needed(`${field}.deviceClassName`, request.deviceClassName, checkSubdomain),
    ...selectorsErrors(`${field}.selectors`, request.selectors),
  ];
  if (mode === 'ExactCount') {
    if (count <= 0) errors.push(invalid(`${field}.count`, count, 'must be greater than zero'));
  } else if (mode === 'All') {
    if (count !== 0) errors.push(invalid(`${field}.count`, count, "must not be specified when allocationMode is 'All'"));
  } else errors.push(...oneOf(`${field}.allocationMode`, mode, ['All', 'ExactCount']));
  return [...errors, ...each(`${field}.tolerations`, request.tolerations, tolerationErrors)];
}

function requestErrors(field: string, request: Draft<DeviceRequest>): Errors {
  const { exactly, firstAvailable = [] } = request;
  const errors = [...checkLabelName(`${field}.name`, request.name ?? '')];
  const one = 'exactly one of `exactly` or `firstAvailable` is required';
  if (exactly !== undefined && firstAvailable.length > 0) return [...errors, invalid(field, null, `${one}, but multiple fields are set`)];
  if (exactly !== undefined) return [...errors, ...amountErrors(`${field}.exactly`, exactly)];
  if (firstAvailable.length === 0) return [...errors, required(field, one)];
  return [
    ...errors,
    ...uniqueErrors(
      `${field}.firstAvailable`,
      firstAvailable,
      mostAlternatives,
      (place, sub) => [...checkLabelName(`${place}.name`, sub.name ?? ''), ...amountErrors(place, sub)],
      ({ name = '' }) => name,
    ),
  ];
}

/** The requests of a claim. */
export function requestsErrors(field: string, requests: readonly Draft<DeviceRequest>[] | undefined): Errors {
  return uniqueErrors(field, requests, mostRequests, requestErrors, ({ name = '' }) => name);
}
