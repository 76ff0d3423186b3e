// Rules of what a claim asks for. https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/
import type {
  DeviceClaimConfiguration,
  DeviceConstraint,
  DeviceRequest,
  DeviceSelector,
  ExactDeviceRequest,
  OpaqueDeviceConfiguration,
  ResourceClaimSpec,
} from '../../../openapi/types/resource.v1.js';
import { duplicate, invalid, required, tooLong } from '../../apimachinery/errors/field-error.js';
import type { Draft } from '../../apimachinery/object.js';
import { checkLabelName, checkSubdomain, each, needed, oneOf, type Errors } from '../rules/fields.js';
import { qualifiedAttributeErrors } from './names.js';

const longestDriver = 63;

/** A driver's name: a domain of at most 63 bytes. */
export function driverErrors(field: string, driver: string): Errors {
  return [...(driver.length > longestDriver ? [tooLong(field, longestDriver)] : []), ...checkSubdomain(field, driver)];
}

/** Selectors have an expression; whether it compiles is checked where expressions are run. */
export function selectorErrors(field: string, selector: Draft<DeviceSelector>): Errors {
  return selector.cel === undefined ? [required(`${field}.cel`)] : needed(`${field}.cel.expression`, selector.cel.expression);
}

/** Configuration for a driver. */
export function opaqueErrors(field: string, opaque: Draft<OpaqueDeviceConfiguration> | undefined): Errors {
  if (opaque === undefined) return [required(field)];
  const parameters = opaque.parameters;
  return [
    ...needed(`${field}.driver`, opaque.driver, driverErrors),
    ...(parameters === undefined || parameters === null ? [required(`${field}.parameters`)] : []),
  ];
}

type Amount = Draft<Pick<ExactDeviceRequest, 'deviceClassName' | 'selectors' | 'allocationMode' | 'count'>>;

function amountErrors(field: string, request: Amount): Errors {
  const { allocationMode: mode, count } = request;
  const errors = [
    ...needed(`${field}.deviceClassName`, request.deviceClassName, checkSubdomain),
    ...each(`${field}.selectors`, request.selectors, selectorErrors),
  ];
  if (mode === 'ExactCount') {
    if ((count ?? 0) <= 0) errors.push(invalid(`${field}.count`, count ?? 0, 'must be greater than zero'));
  } else if (mode === 'All') {
    if ((count ?? 0) !== 0) errors.push(invalid(`${field}.count`, count, "must not be specified when allocationMode is 'All'"));
  } else errors.push(...oneOf(`${field}.allocationMode`, mode, ['All', 'ExactCount']));
  return errors;
}

/** Each name once; later ones are duplicates. */
export function duplicateNames(field: string, values: readonly { readonly name?: string | undefined }[] | undefined): Errors {
  const seen = new Set<string>();
  return each(field, values, (path, { name = '' }) => {
    if (seen.has(name)) return [duplicate(path, name)];
    seen.add(name);
    return [];
  });
}

function requestErrors(field: string, request: Draft<DeviceRequest>): Errors {
  const { exactly, firstAvailable = [] } = request;
  const errors = [...needed(`${field}.name`, request.name, checkLabelName)];
  const one = 'exactly one of `exactly` or `firstAvailable` is required';
  if (exactly !== undefined && firstAvailable.length > 0) return [...errors, invalid(field, null, `${one}, but multiple fields are set`)];
  if (exactly !== undefined) return [...errors, ...amountErrors(`${field}.exactly`, exactly)];
  if (firstAvailable.length === 0) return [...errors, required(field, one)];
  const path = `${field}.firstAvailable`;
  return [
    ...errors,
    ...each(path, firstAvailable, (place, sub) => [...needed(`${place}.name`, sub.name, checkLabelName), ...amountErrors(place, sub)]),
    ...duplicateNames(path, firstAvailable),
  ];
}

/** All names that constraints and configuration may use: `request` and `request/subrequest`. */
function requestNames(spec: Draft<ResourceClaimSpec>): ReadonlySet<string> {
  const names = new Set<string>();
  for (const { name = '', firstAvailable = [] } of spec.devices?.requests ?? []) {
    names.add(name);
    for (const sub of firstAvailable) names.add(`${name}/${sub.name ?? ''}`);
  }
  return names;
}

function referenceErrors(field: string, requests: readonly string[] | undefined, names: ReadonlySet<string>): Errors {
  const why = "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'";
  return each(`${field}.requests`, requests, (path, name) => (names.has(name) ? [] : [invalid(path, name, why)]));
}

function constraintErrors(field: string, constraint: Draft<DeviceConstraint>, names: ReadonlySet<string>): Errors {
  const errors = [...referenceErrors(field, constraint.requests, names)];
  const { matchAttribute, distinctAttribute } = constraint;
  if (matchAttribute !== undefined) errors.push(...qualifiedAttributeErrors(`${field}.matchAttribute`, matchAttribute));
  else if (distinctAttribute !== undefined) errors.push(...qualifiedAttributeErrors(`${field}.distinctAttribute`, distinctAttribute));
  else {
    errors.push(required(field, 'exactly one of "matchAttribute" or "distinctAttribute" is required, but multiple fields are set'));
  }
  return errors;
}

function configErrors(field: string, config: Draft<DeviceClaimConfiguration>, names: ReadonlySet<string>): Errors {
  return [...referenceErrors(field, config.requests, names), ...opaqueErrors(`${field}.opaque`, config.opaque)];
}

/** The broken rules of a claim's spec; `field` is its path. */
export function claimSpecErrors(field: string, spec: Draft<ResourceClaimSpec>): Errors {
  const devices = `${field}.devices`;
  const names = requestNames(spec);
  return [
    ...each(`${devices}.requests`, spec.devices?.requests, requestErrors),
    ...duplicateNames(`${devices}.requests`, spec.devices?.requests),
    ...each(`${devices}.constraints`, spec.devices?.constraints, (path, constraint) => constraintErrors(path, constraint, names)),
    ...each(`${devices}.config`, spec.devices?.config, (path, config) => configErrors(path, config, names)),
  ];
}
