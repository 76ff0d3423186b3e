// Turns changes of endpoint slices into keys of what they belong to, for the controllers that write slices.
import type { EndpointSlice } from '../../../openapi/types/discovery.v1.js';
import type { Controller } from '../../client/controller/controller.js';
import type { Expectations } from '../../client/controller/expectations.js';
import type { Informer } from '../../client/informer/types.js';

/** @param keyOf whose slice it is; undefined for one of another controller */
export function feedSlices(
  slices: Informer<EndpointSlice>,
  keyOf: (slice: EndpointSlice) => string | undefined,
  expectations: Expectations,
  controller: Pick<Controller, 'enqueue'>,
): void {
  const enqueue = (slice: EndpointSlice): void => {
    const key = keyOf(slice);
    if (key !== undefined) controller.enqueue(key);
  };
  slices.addHandler({
    add: (slice, initial) => {
      const key = keyOf(slice);
      if (key !== undefined && !initial) expectations.creationObserved(key);
      enqueue(slice);
    },
    update: (previous, current) => {
      enqueue(previous);
      enqueue(current);
    },
    delete: enqueue,
  });
}
