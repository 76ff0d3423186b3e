// How messages show a claim's spec: the server's own structure, every field written.
import type { DeviceRequest, ResourceClaimSpec } from '../../../openapi/types/resource.v1.js';
import type { Draft } from '../../apimachinery/object.js';
import { isRecord } from '../../apimachinery/object.js';

/** Names as the server's structures have them; values of other structures are shown by the fields that they have. */
function internal(value: unknown): unknown {
  if (value === undefined) return null;
  if (Array.isArray(value)) return value.map(internal);
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name === 'cel' ? 'CEL' : name.charAt(0).toUpperCase() + name.slice(1), internal(inner)]),
  );
}

function shownRequest(request: Draft<DeviceRequest>): unknown {
  const { name = '', exactly, firstAvailable } = request;
  return {
    Name: name,
    Exactly:
      exactly === undefined
        ? null
        : {
            DeviceClassName: exactly.deviceClassName ?? '',
            Selectors: internal(exactly.selectors),
            AllocationMode: exactly.allocationMode ?? '',
            Count: exactly.count ?? 0,
            AdminAccess: exactly.adminAccess ?? null,
            Tolerations: internal(exactly.tolerations),
            Capacity: internal(exactly.capacity),
          },
    FirstAvailable: internal(firstAvailable),
  };
}

export function shownClaimSpec({ devices }: Draft<ResourceClaimSpec>): unknown {
  return {
    Devices: {
      Requests: devices?.requests?.map(shownRequest) ?? null,
      Constraints: internal(devices?.constraints),
      Config: internal(devices?.config),
    },
  };
}
