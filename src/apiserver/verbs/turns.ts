// When a request lets others go first.
import { Turn } from '../../clock/slices.js';
import type { ApiRequest } from '../core/api-request.js';

/**
 * The turn of a request. One in process never waits: what components write is short, and in a cluster whose clock a test moves a wait in
 * real time would make the story another one.
 */
export function turnOf({ body, query }: ApiRequest): Turn {
  const overHttp = query !== undefined || (body !== undefined && 'bytes' in body);
  return overHttp ? new Turn() : new Turn(Infinity);
}
