// Rules of what a claim asks for. https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/
import type {
  DeviceClaimConfiguration,
  DeviceConstraint,
  OpaqueDeviceConfiguration,
  ResourceClaimSpec,
} from '../../../openapi/types/resource.v1.js';
import { invalid, required, tooLong } from '../../apimachinery/errors/field-error.js';
import { isRecord, type Draft } from '../../apimachinery/object.js';
import { checkLabelName, needed, type Errors } from '../rules/fields.js';
import { limitedErrors, uniqueErrors } from '../rules/lists.js';
import { driverErrors, qualifiedAttributeErrors } from './names.js';
import { requestsErrors } from './requests.js';

const mostConstraints = 32;
const mostConfigurations = 32;
const mostReferences = 32;
const mostBytes = 10 * 1024;

/** An object that a driver understands, at most 10 KiB as JSON. */
export function rawErrors(field: string, value: unknown): Errors {
  if (JSON.stringify(value).length > mostBytes) return [tooLong(field, mostBytes)];
  return value === null || isRecord(value) ? [] : [invalid(field, '<value omitted>', 'must be a valid JSON object')];
}

/** Configuration for a driver. */
export function opaqueErrors(field: string, opaque: Draft<OpaqueDeviceConfiguration> | undefined): Errors {
  if (opaque === undefined) return [required(field)];
  const parameters: unknown = opaque.parameters;
  return [
    ...needed(`${field}.driver`, opaque.driver, driverErrors),
    ...(parameters === undefined || parameters === null ? [required(`${field}.parameters`)] : rawErrors(`${field}.parameters`, parameters)),
  ];
}

/** All names that constraints, configuration and results may use: `request` and `request/subrequest`. */
export function requestNames(spec: Draft<ResourceClaimSpec> | undefined): ReadonlySet<string> {
  const names = new Set<string>();
  for (const { name = '', firstAvailable = [] } of spec?.devices?.requests ?? []) {
    names.add(name);
    for (const sub of firstAvailable) names.add(`${name}/${sub.name ?? ''}`);
  }
  return names;
}

/** The name of a request of the claim. */
export function referenceErrors(field: string, name: string, names: ReadonlySet<string>): Errors {
  const parts = name.split('/');
  return [
    ...(parts.length > 2 ? [] : parts.flatMap((part) => checkLabelName(field, part))),
    ...(names.has(name)
      ? []
      : [invalid(field, name, "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'")]),
  ];
}

/** Names of requests of the claim, each once. */
export function referencesErrors(field: string, requests: readonly string[] | undefined, names: ReadonlySet<string>): Errors {
  return uniqueErrors(
    field,
    requests,
    mostReferences,
    (path, name) => referenceErrors(path, name, names),
    (name) => name,
  );
}

function constraintErrors(field: string, constraint: Draft<DeviceConstraint>, names: ReadonlySet<string>): Errors {
  const errors = [...referencesErrors(`${field}.requests`, constraint.requests, names)];
  const { matchAttribute, distinctAttribute } = constraint;
  if (matchAttribute !== undefined) errors.push(...qualifiedAttributeErrors(`${field}.matchAttribute`, matchAttribute));
  else if (distinctAttribute !== undefined) errors.push(...qualifiedAttributeErrors(`${field}.distinctAttribute`, distinctAttribute));
  else {
    errors.push(required(field, 'exactly one of "matchAttribute" or "distinctAttribute" is required, but multiple fields are set'));
  }
  return errors;
}

function configErrors(field: string, config: Draft<DeviceClaimConfiguration>, names: ReadonlySet<string>): Errors {
  return [...referencesErrors(`${field}.requests`, config.requests, names), ...opaqueErrors(`${field}.opaque`, config.opaque)];
}

/** The broken rules of a claim's spec; `field` is its path. */
export function claimSpecErrors(field: string, spec: Draft<ResourceClaimSpec>): Errors {
  const devices = `${field}.devices`;
  const { requests, constraints, config } = spec.devices ?? {};
  const names = requestNames(spec);
  return [
    ...requestsErrors(`${devices}.requests`, requests),
    ...limitedErrors(`${devices}.constraints`, constraints, mostConstraints, (path, one) => constraintErrors(path, one, names)),
    ...limitedErrors(`${devices}.config`, config, mostConfigurations, (path, one) => configErrors(path, one, names)),
  ];
}
