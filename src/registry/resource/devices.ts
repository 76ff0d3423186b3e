// Rules of the devices and counters of a slice.
// https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/#resourceslice
import type { Device, DeviceAttribute, DeviceCounterConsumption, DeviceTaint } from '../../../openapi/types/resource.v1.js';
import { invalid, required, tooLong, tooMany } from '../../apimachinery/errors/field-error.js';
import { labelNameProblems, labelValueProblems } from '../../apimachinery/names/names.js';
import type { Draft } from '../../apimachinery/object.js';
import { check, checkLabelName, checkQualifiedName, checkSubdomain, needed, oneOf, type Errors } from '../rules/fields.js';
import { limitedErrors, uniqueErrors } from '../rules/lists.js';
import { nodeSelectorErrors } from '../rules/node-selectors.js';
import { shownAs, type Shape } from '../rules/shown.js';
import { bindingConditionErrors } from './binding-conditions.js';
import { capacityErrors } from './capacity-policy.js';
import { attributeNameErrors } from './names.js';
import { taintEffects } from './requests.js';
import { isSemanticVersion } from './semantic-version.js';

const mostProperties = 32;
const mostTaints = 16;
const mostConsumptions = 2;
const mostCounters = 32;
const mostCounterSets = 8;
const longestValue = 64;

const attributeShape: Shape = [
  ['IntValue', null, undefined, 'int'],
  ['BoolValue', null, undefined, 'bool'],
  ['StringValue', null, undefined, 'string'],
  ['VersionValue', null, undefined, 'version'],
  ['IntValues', null, undefined, 'ints'],
  ['BoolValues', null, undefined, 'bools'],
  ['StringValues', null, undefined, 'strings'],
  ['VersionValues', null, undefined, 'versions'],
];

function attributeErrors(field: string, attribute: Draft<DeviceAttribute>): Errors {
  const { int, bool, string, version } = attribute;
  const errors: Errors[number][] = [];
  if (string !== undefined && string.length > longestValue) errors.push(tooLong(`${field}.string`, longestValue));
  if (version !== undefined) {
    const path = `${field}.version`;
    if (!isSemanticVersion(version)) errors.push(invalid(path, version, 'must be a string compatible with semver.org spec 2.0.0'));
    if (version.length > longestValue) errors.push(tooLong(path, longestValue));
  }
  const count = [int, bool, string, version].filter((value) => value !== undefined).length;
  if (count === 1) return errors;
  return [...errors, invalid(field, count === 0 ? '' : shownAs(attributeShape, attribute), 'exactly one value must be specified')];
}

function taintErrors(field: string, { key = '', value = '', effect }: Draft<DeviceTaint>): Errors {
  return [
    ...checkQualifiedName(`${field}.key`, key),
    ...check(`${field}.value`, value, labelValueProblems),
    ...needed(`${field}.effect`, effect, (path, given) => oneOf(path, given, taintEffects)),
  ];
}

function countersErrors(field: string, counters: Readonly<Record<string, unknown>> | null | undefined): Errors {
  const names = Object.keys(counters ?? {}).sort();
  if (names.length === 0) return [required(field)];
  if (names.length > mostCounters) return [tooMany(field, names.length, mostCounters)];
  return names.flatMap((name) => check(field, name, labelNameProblems));
}

function consumptionErrors(field: string, { counterSet, counters }: Draft<DeviceCounterConsumption>): Errors {
  return [...needed(`${field}.counterSet`, counterSet, checkLabelName), ...countersErrors(`${field}.counters`, counters)];
}

/** The counter sets that the devices of a pool share. */
export function counterSetsErrors(
  field: string,
  sets: readonly { readonly name?: string | undefined; readonly counters?: Readonly<Record<string, unknown>> | undefined }[] | undefined,
): Errors {
  return uniqueErrors(
    field,
    sets,
    mostCounterSets,
    (path, { name, counters }) => [...needed(`${path}.name`, name, checkLabelName), ...countersErrors(`${path}.counters`, counters)],
    ({ name = '' }) => name,
  );
}

const placeNames = ['nodeName', 'nodeSelector', 'allNodes'] as const;

/** Where a device is: said for each, or for the whole slice. */
function placeErrors(field: string, device: Draft<Device>, perDevice: boolean): Errors {
  const given = placeNames.filter((name) => device[name] !== undefined);
  if (!perDevice) {
    if (given.length === 0) return [];
    const why =
      '`nodeName`, `nodeSelector` and `allNodes` can only be set if `perDeviceNodeSelection` is set to true in the ResourceSlice spec';
    return [invalid(field, null, why)];
  }
  const { nodeName, nodeSelector, allNodes } = device;
  const errors: Errors[number][] = [];
  if (nodeName === '') errors.push(invalid(`${field}.nodeName`, nodeName, 'must not be empty'));
  else if (nodeName !== undefined) errors.push(...checkSubdomain(`${field}.nodeName`, nodeName));
  if (nodeSelector !== undefined) errors.push(...nodeSelectorErrors(`${field}.nodeSelector`, nodeSelector));
  if (allNodes === false) errors.push(invalid(`${field}.allNodes`, allNodes, 'must be either unset or set to true'));
  const set = given.filter((name) => device[name] !== '' && device[name] !== false);
  const why =
    'exactly one of `nodeName`, `nodeSelector`, or `allNodes` is required when `perDeviceNodeSelection` is set to true in the ResourceSlice spec';
  if (set.length === 0) errors.push(required(field, why));
  if (set.length > 1) errors.push(invalid(field, `{${set.map((name) => `\`${name}\``).join(', ')}}`, why));
  return errors;
}

function deviceErrors(field: string, device: Draft<Device>, perDevice: boolean): Errors {
  const { attributes = {}, capacity = {}, allowMultipleAllocations: shared = false } = device;
  const names = Object.keys(attributes).sort();
  const capacities = Object.keys(capacity).sort();
  const total = names.length + capacities.length;
  const why = `the total number of attributes and capacities must not exceed ${mostProperties}`;
  return [
    ...checkLabelName(`${field}.name`, device.name ?? ''),
    ...(total > mostProperties ? [invalid(field, total, why)] : []),
    ...names.flatMap((name) => [
      ...attributeNameErrors(`${field}.attributes`, name),
      ...attributeErrors(`${field}.attributes[${name}]`, attributes[name] ?? {}),
    ]),
    ...capacities.flatMap((name) => [
      ...attributeNameErrors(`${field}.capacity`, name),
      ...capacityErrors(`${field}.capacity[${name}]`, capacity[name] ?? {}, shared),
    ]),
    ...limitedErrors(`${field}.taints`, device.taints, mostTaints, taintErrors),
    ...uniqueErrors(
      `${field}.consumesCounters`,
      device.consumesCounters,
      mostConsumptions,
      consumptionErrors,
      ({ counterSet = '' }) => counterSet,
    ),
    ...placeErrors(field, device, perDevice),
    ...bindingConditionErrors(field, device.bindingConditions, device.bindingFailureConditions),
  ];
}

const mostDevices = 128;
const mostDetailedDevices = 64;

/** The devices of a slice. `perDevice`: each says where it is. */
export function devicesErrors(field: string, devices: readonly Draft<Device>[] | undefined, perDevice: boolean): Errors {
  const detailed = (devices ?? []).some(({ taints = [], consumesCounters = [] }) => taints.length > 0 || consumesCounters.length > 0);
  return uniqueErrors(
    field,
    devices,
    detailed ? mostDetailedDevices : mostDevices,
    (path, device) => deviceErrors(path, device, perDevice),
    ({ name = '' }) => name,
  );
}
