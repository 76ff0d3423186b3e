// What a claim asks for, with the device classes looked up, and whether a device is one of those.
import type {
  DeviceAttribute,
  DeviceConstraint,
  DeviceSelector,
  DeviceToleration,
  ExactDeviceRequest,
  ResourceClaim,
} from '../../../openapi/types/resource.v1.js';
import type { DeviceClass } from '../../../openapi/types/resource.v1.js';
import type { DeviceSelectorEvaluator } from '../framework.js';
import type { CapacityRequests } from './capacity.js';
import type { PoolDevice } from './device-pools.js';

/** One way to meet a request. */
export interface Alternative {
  /** As results name it: `request`, or `request/subrequest`. */
  readonly name: string;
  readonly count: number;
  readonly all: boolean;
  readonly adminAccess: boolean;
  readonly selectors: readonly { readonly expression: string; readonly index: number; readonly of: string }[];
  readonly tolerations: readonly DeviceToleration[];
  readonly deviceClass: DeviceClass;
  /** What it takes of the capacities of a device. */
  readonly capacity: CapacityRequests;
  /** How much it is liked among alternatives: 8 for the first, 7 for the second; 0 when there is no choice. */
  readonly preference: number;
}

export interface ClaimRequest {
  /** The first that can be met is taken. */
  readonly alternatives: readonly Alternative[];
}

/** A claim that has no devices yet. */
export interface WantingClaim {
  readonly key: string;
  readonly spec: ResourceClaim['spec'];
  readonly requests: readonly ClaimRequest[];
}

/** So many alternatives a request may have. */
const mostAlternatives = 8;

/** What a claim wants; a text says why that cannot be met anywhere. */
export function wantsOf(
  key: string,
  spec: ResourceClaim['spec'],
  classOf: (name: string) => DeviceClass | undefined,
): WantingClaim | string {
  const requests: ClaimRequest[] = [];
  for (const { name, exactly, firstAvailable } of spec.devices?.requests ?? []) {
    const alternatives: Alternative[] = [];
    const wanted =
      exactly === undefined
        ? (firstAvailable ?? []).map((one, place) => ({ ...one, name: `${name}/${one.name}`, preference: mostAlternatives - place }))
        : [{ ...exactly, name, preference: 0 }];
    for (const one of wanted) {
      const deviceClass = classOf(one.deviceClassName);
      if (deviceClass === undefined) return `request ${one.name}: device class ${one.deviceClassName} does not exist`;
      alternatives.push(alternative(key, one, deviceClass));
    }
    requests.push({ alternatives });
  }
  return { key, spec, requests };
}

function alternative(
  claim: string,
  request: ExactDeviceRequest & Pick<Alternative, 'name' | 'preference'>,
  deviceClass: DeviceClass,
): Alternative {
  const expressions = (selectors: readonly DeviceSelector[] | undefined, of: string): Alternative['selectors'] =>
    (selectors ?? []).flatMap(({ cel }, index) => (cel === undefined ? [] : [{ expression: cel.expression, index, of }]));
  return {
    name: request.name,
    all: request.allocationMode === 'All',
    count: request.count ?? 1,
    adminAccess: request.adminAccess === true,
    tolerations: request.tolerations ?? [],
    selectors: [
      ...expressions(deviceClass.spec.selectors, `class ${deviceClass.metadata.name}`),
      ...expressions(request.selectors, `claim ${claim}`),
    ],
    deviceClass,
    capacity: request.capacity?.requests ?? {},
    preference: request.preference,
  };
}

/** Whether all taints of a device that keep claims away are tolerated. */
export function tolerates({ tolerations }: Alternative, { device }: PoolDevice): boolean {
  return (device.taints ?? []).every(
    ({ key, value, effect }) =>
      effect === 'None' ||
      tolerations.some(
        (one) =>
          (!one.effect || one.effect === effect) &&
          (one.key === undefined || one.key === '' ? one.operator === 'Exists' : one.key === key) &&
          (one.operator === 'Exists' || (one.value ?? '') === (value ?? '')),
      ),
  );
}

/** Whether the selectors choose the device. Throws an error that names the selector which cannot be evaluated. */
export function isWanted({ selectors }: Alternative, { device, driver }: PoolDevice, evaluate: DeviceSelectorEvaluator): boolean {
  for (const { expression, index, of } of selectors) {
    const seen = {
      driver,
      allowMultipleAllocations: device.allowMultipleAllocations === true,
      attributes: device.attributes ?? {},
      capacity: device.capacity ?? {},
    };
    try {
      if (!evaluate(expression, seen)) return false;
    } catch (error) {
      throw new Error(`${of}: selector #${index}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
    }
  }
  return true;
}

/** A device's value for a constraint's attribute, as text; undefined: it has none. */
function attributeText({ device, driver }: PoolDevice, attribute: string): string | undefined {
  const attributes = device.attributes ?? {};
  const read = (name: string): DeviceAttribute | undefined => (Object.hasOwn(attributes, name) ? attributes[name] : undefined);
  const value = read(attribute) ?? (attribute.startsWith(`${driver}/`) ? read(attribute.slice(driver.length + 1)) : undefined);
  return value && JSON.stringify(value);
}

/** Whether the devices chosen so far, with the requests they are for, meet a constraint of their claim. */
export function meets(
  { requests = [], matchAttribute, distinctAttribute }: DeviceConstraint,
  chosen: readonly { readonly request: string; readonly device: PoolDevice }[],
): boolean {
  const attribute = matchAttribute ?? distinctAttribute;
  if (attribute === undefined) return true;
  const about = chosen.filter(
    ({ request }) => requests.length === 0 || requests.includes(request) || requests.includes(request.split('/', 1)[0]!),
  );
  const values = about.map(({ device }) => attributeText(device, attribute));
  if (values.includes(undefined)) return false;
  if (matchAttribute !== undefined) return new Set(values).size <= 1;
  // A real scheduler v1.36.3 compares each device with the one that was chosen before it, not with all.
  return values.every((value, index) => index === 0 || value !== values[index - 1]);
}
