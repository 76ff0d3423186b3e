// Fits the desired endpoints into the slices there are, with as few writes as possible.
// https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/#distribution-of-endpointslices
import type { Endpoint, EndpointPort, EndpointSlice } from '../../../openapi/types/discovery.v1.js';
import { deepEqual } from '../../apimachinery/equality.js';
import { portsKey, type PortGroup } from './desired.js';

/** Endpoints in one slice. */
export const sliceCapacity = 100;

/** What a slice should hold. */
export interface SliceContent {
  readonly ports: readonly EndpointPort[];
  readonly endpoints: readonly Endpoint[];
}

export interface SlicePlan {
  readonly create: readonly SliceContent[];
  readonly update: readonly { readonly slice: EndpointSlice; readonly content: SliceContent }[];
  readonly remove: readonly EndpointSlice[];
}

interface Draft {
  readonly slice: EndpointSlice;
  endpoints: Endpoint[];
  changed: boolean;
}

/** @param slices the service's slices of one address type */
export function planSlices(groups: ReadonlyMap<string, PortGroup>, slices: readonly EndpointSlice[]): SlicePlan {
  const create: SliceContent[] = [];
  const update: { slice: EndpointSlice; content: SliceContent }[] = [];
  const unused: EndpointSlice[] = [];
  const byPorts = new Map<string, EndpointSlice[]>();
  for (const slice of slices) {
    const key = portsKey(slice.ports);
    const same = byPorts.get(key) ?? [];
    same.push(slice);
    byPorts.set(key, same);
  }
  for (const [key, same] of byPorts) if (!groups.has(key)) unused.push(...same);
  for (const [key, group] of groups) {
    const planned = planGroup(group, byPorts.get(key) ?? []);
    create.push(...planned.create);
    update.push(...planned.update);
    unused.push(...planned.remove);
  }
  // A service without endpoints has one empty slice, so that everybody sees that it is known.
  if (groups.size === 0) {
    const empty = { ports: [], endpoints: [] };
    const kept = unused.findIndex((slice) => (slice.endpoints ?? []).length === 0 && (slice.ports ?? []).length === 0);
    if (kept >= 0) unused.splice(kept, 1);
    else create.push(empty);
  }
  // A slice that is not needed takes the place of one to create.
  while (create.length > 0 && unused.length > 0) update.push({ slice: unused.shift()!, content: create.shift()! });
  return { create, update, remove: unused };
}

function planGroup({ ports, endpoints }: PortGroup, slices: readonly EndpointSlice[]): SlicePlan {
  const missing = new Map(endpoints);
  const drafts = slices.map((slice): Draft => {
    const draft: Draft = { slice, endpoints: [], changed: false };
    for (const endpoint of slice.endpoints ?? []) {
      const uid = endpoint.targetRef?.uid ?? '';
      const wanted = missing.get(uid);
      if (wanted === undefined) draft.changed = true;
      else {
        missing.delete(uid);
        draft.endpoints.push(wanted);
        if (!deepEqual(wanted, endpoint)) draft.changed = true;
      }
    }
    return draft;
  });
  const left = [...missing.values()];
  const fill = (draft: Draft): void => {
    const added = left.splice(0, sliceCapacity - draft.endpoints.length);
    if (added.length === 0) return;
    draft.endpoints.push(...added);
    draft.changed = true;
  };
  // Slices that are written anyway first, then a slice with room for all the rest; only then new ones.
  for (const draft of drafts) if (draft.changed && draft.endpoints.length > 0) fill(draft);
  const roomy = drafts.filter((draft) => draft.endpoints.length > 0 && sliceCapacity - draft.endpoints.length >= left.length);
  roomy.sort((a, b) => b.endpoints.length - a.endpoints.length);
  if (left.length > 0 && roomy[0] !== undefined) fill(roomy[0]);
  const create: SliceContent[] = [];
  while (left.length > 0) create.push({ ports, endpoints: left.splice(0, sliceCapacity) });
  const emptied = drafts.filter((draft) => draft.endpoints.length === 0);
  const changed = drafts.filter((draft) => draft.changed && draft.endpoints.length > 0);
  return {
    create,
    update: changed.map((draft) => ({ slice: draft.slice, content: { ports, endpoints: draft.endpoints } })),
    remove: emptied.map(({ slice }) => slice),
  };
}
