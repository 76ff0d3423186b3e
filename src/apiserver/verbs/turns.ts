// When a request lets others go first.
import { repeatedly } from '../../clock/apart.js';
import { finish, inSlices, Turn, type Work } from '../../clock/slices.js';
import type { ApiRequest } from '../core/api-request.js';

/**
 * The turn of a request. One in process never waits: what components write is short, and in a cluster whose clock a test moves a wait in
 * real time would make the story another one.
 */
export function turnOf(request: ApiRequest): Turn {
  return isOverHttp(request) ? new Turn(undefined, request.waiter) : new Turn(Infinity);
}

/** The turn of what is done for a request also when its client is gone. */
export function turnToTheEnd(request: ApiRequest): Turn {
  return new Turn(isOverHttp(request) ? undefined : Infinity);
}

/** With fewer bytes of body a request's work is done before anybody would look at the clock. */
const shortBody = 8 * 1024;

/**
 * The result of work that a request makes: at once when it is short, and always of a request in process. Throws, or rejects with, what the work throws.
 * @param long whether the work is long though the body is not, since what is stored is
 */
export function workOf<T>(request: ApiRequest, work: Work<T>, long = false): T | Promise<T> {
  return isOverHttp(request) && (long || sizeOf(request) >= shortBody) ? inSlices(work, request.waiter) : finish(work);
}

/**
 * What rules that are written without yields say, by the same measure. They are a matter of what they look at alone, since they may be gone
 * through again: see `repeatedly`. Throws, or rejects with, what they throw.
 */
export function rulesOf<T>(request: ApiRequest, rules: () => T, long = false): T | Promise<T> {
  return isOverHttp(request) && (long || sizeOf(request) >= shortBody) ? inSlices(repeatedly(rules), request.waiter) : rules();
}

function sizeOf({ body }: ApiRequest): number {
  return body !== undefined && 'bytes' in body ? body.bytes.byteLength : 0;
}

function isOverHttp({ body, query }: ApiRequest): boolean {
  return query !== undefined || (body !== undefined && 'bytes' in body);
}
