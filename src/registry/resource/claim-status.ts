// Rules of what drivers and the scheduler write into a claim's status.
// https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/#resourceclaim-device-status
import { isDeepStrictEqual } from 'node:util';
import type {
  AllocatedDeviceStatus,
  AllocationResult,
  DeviceAllocationConfiguration,
  DeviceRequestAllocationResult,
  NetworkDeviceData,
  ResourceClaim,
  ResourceClaimConsumerReference,
} from '../../../openapi/types/resource.v1.js';
import { fieldForbidden, invalid, tooLong, tooMany } from '../../apimachinery/errors/field-error.js';
import type { Draft } from '../../apimachinery/object.js';
import { interfaceAddressErrors } from '../rules/addresses.js';
import { conditionErrors } from '../rules/conditions.js';
import { checkLabelName, immutable, needed, oneOf, type Errors } from '../rules/fields.js';
import { limitedErrors, uniqueErrors } from '../rules/lists.js';
import { nodeSelectorErrors } from '../rules/node-selectors.js';
import { shownAs } from '../rules/shown.js';
import { bindingConditionErrors } from './binding-conditions.js';
import { opaqueErrors, rawErrors, referenceErrors, referencesErrors, requestNames } from './claim-spec.js';
import { driverErrors, poolErrors, shareIdErrors } from './names.js';
import { allocation as allocationShape, deviceId } from './shown.js';

const mostConsumers = 256;
const mostResults = 32;
const mostConfigurations = 64;
const mostConditions = 8;
const mostAddresses = 16;
const longestInterface = 256;
const longestHardwareAddress = 128;

function consumerErrors(field: string, { resource, name, uid }: Draft<ResourceClaimConsumerReference>): Errors {
  return [...needed(`${field}.resource`, resource), ...needed(`${field}.name`, name), ...needed(`${field}.uid`, uid)];
}

function resultErrors(field: string, result: Draft<DeviceRequestAllocationResult>, names: ReadonlySet<string>): Errors {
  return [
    ...referenceErrors(`${field}.request`, result.request ?? '', names),
    ...needed(`${field}.driver`, result.driver, driverErrors),
    ...needed(`${field}.pool`, result.pool, poolErrors),
    ...checkLabelName(`${field}.device`, result.device ?? ''),
    ...bindingConditionErrors(field, result.bindingConditions, result.bindingFailureConditions),
    ...(result.shareID === undefined ? [] : shareIdErrors(`${field}.shareID`, result.shareID)),
  ];
}

function configErrors(field: string, config: Draft<DeviceAllocationConfiguration>, names: ReadonlySet<string>): Errors {
  return [
    ...needed(`${field}.source`, config.source, (path, source) => oneOf(path, source, ['FromClaim', 'FromClass'])),
    ...referencesErrors(`${field}.requests`, config.requests, names),
    ...opaqueErrors(`${field}.opaque`, config.opaque),
  ];
}

function allocationErrors(allocation: Draft<AllocationResult>, names: ReadonlySet<string>): Errors {
  const field = 'status.allocation';
  const { results, config } = allocation.devices ?? {};
  return [
    ...limitedErrors(`${field}.devices.results`, results, mostResults, (path, one) => resultErrors(path, one, names)),
    ...limitedErrors(`${field}.devices.config`, config, mostConfigurations, (path, one) => configErrors(path, one, names)),
    ...(allocation.nodeSelector === undefined ? [] : nodeSelectorErrors(`${field}.nodeSelector`, allocation.nodeSelector)),
  ];
}

type DeviceId = Draft<Pick<AllocatedDeviceStatus, 'driver' | 'pool' | 'device' | 'shareID'>>;

/** Names hold no newlines, so none stands for another device. */
function keyOf({ driver = '', pool = '', device = '', shareID = '' }: DeviceId): string {
  return [driver, pool, device, shareID].join('\n');
}

function networkErrors(field: string, data: Draft<NetworkDeviceData>): Errors {
  return [
    ...((data.interfaceName ?? '').length > longestInterface ? [tooLong(`${field}.interfaceName`, longestInterface)] : []),
    ...((data.hardwareAddress ?? '').length > longestHardwareAddress ? [tooLong(`${field}.hardwareAddress`, longestHardwareAddress)] : []),
    ...uniqueErrors(`${field}.ips`, data.ips, mostAddresses, interfaceAddressErrors, (address) => address),
  ];
}

function deviceErrors(field: string, device: Draft<AllocatedDeviceStatus>, allocated: ReadonlySet<string>): Errors {
  const { shareID, data, networkData } = device;
  // Lists that the API requires are null when they were not sent.
  const conditions = device.conditions ?? [];
  return [
    ...needed(`${field}.driver`, device.driver, driverErrors),
    ...needed(`${field}.pool`, device.pool, poolErrors),
    ...checkLabelName(`${field}.device`, device.device ?? ''),
    ...(shareID === undefined ? [] : shareIdErrors(`${field}.shareID`, shareID)),
    ...(allocated.has(keyOf(device)) ? [] : [invalid(field, shownAs(deviceId, device), 'must be an allocated device in the claim')]),
    ...(conditions.length > mostConditions ? [tooMany(`${field}.conditions`, conditions.length, mostConditions)] : []),
    ...conditionErrors(`${field}.conditions`, conditions),
    ...(data === undefined || data === null ? [] : rawErrors(`${field}.data`, data)),
    ...(networkData === undefined ? [] : networkErrors(`${field}.networkData`, networkData)),
  ];
}

/** An allocation is made and taken back, never changed; only an allocated claim is reserved and has devices. */
export function claimStatusErrors(now: Draft<ResourceClaim>, before: Draft<ResourceClaim>): Errors {
  const { allocation, devices } = now.status ?? {};
  const reservedFor = now.status?.reservedFor ?? [];
  const last = before.status?.allocation;
  const allocated = new Set((allocation?.devices?.results ?? []).map(keyOf));
  const errors: Errors[number][] = [
    ...uniqueErrors('status.reservedFor', reservedFor, mostConsumers, consumerErrors, ({ uid = '' }) => uid),
    ...uniqueErrors(
      'status.devices',
      devices,
      mostResults,
      (path, device) => deviceErrors(path, device, allocated),
      keyOf,
      (device) => shownAs(deviceId, device),
    ),
  ];
  if (reservedFor.length > 0 && allocation === undefined) {
    errors.push(fieldForbidden('status.reservedFor', 'may not be specified when `allocated` is not set'));
  }
  if (allocation === undefined || isDeepStrictEqual(allocation, last)) return errors;
  if (last !== undefined) return [...errors, ...immutable('status.allocation', allocation, last, shownAs(allocationShape, allocation))];
  return [...errors, ...allocationErrors(allocation, requestNames(now.spec))];
}
