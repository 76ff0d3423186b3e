import { ApiError } from '../../apimachinery/errors/api-error.js';
import type { RequestOptions } from './api-request.js';
import { validateListOptions } from './list-options.js';

/** The causes' words, the last ones of each, or nothing. */
function complaints(options: RequestOptions, watch: boolean): readonly string[] {
  try {
    validateListOptions(options, watch);
    return [];
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    expect(error.code).toBe(422);
    return (error.status.details as { causes: { message: string }[] }).causes.map(({ message }) => message.split(': ').slice(1).join(': '));
  }
}

const unless = 'resourceVersionMatch is forbidden unless resourceVersion is provided';
const withContinue = 'resourceVersionMatch is forbidden when continue is provided';
const requires = 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan';
const forWatch = 'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided';

it.each<[RequestOptions, readonly string[]]>([
  [{}, []],
  [{ continue: 'x', limit: 1 }, []],
  [{ resourceVersion: '1', resourceVersionMatch: 'Exact' }, []],
  [{ resourceVersionMatch: 'NotOlderThan' }, [unless]],
  [{ resourceVersionMatch: 'NotOlderThan', continue: 'x' }, [unless, withContinue]],
  [{ resourceVersion: '0', resourceVersionMatch: 'Exact' }, ['resourceVersionMatch "exact" is forbidden for resourceVersion "0"']],
  [{ resourceVersion: '1', resourceVersionMatch: 'x' }, ['"x": supported values: "Exact", "NotOlderThan", ""']],
  [{ sendInitialEvents: false }, ['sendInitialEvents is forbidden for list']],
])('a list with %j', (options, expected) => {
  expect(complaints(options, false)).toEqual(expected);
});

it.each<[RequestOptions, readonly string[]]>([
  [{}, []],
  [{ sendInitialEvents: true, resourceVersionMatch: 'NotOlderThan' }, []],
  [{ sendInitialEvents: true }, [requires]],
  [{ sendInitialEvents: true, continue: 'x' }, [requires]],
  [{ continue: 'x' }, [withContinue]],
  [{ resourceVersionMatch: 'NotOlderThan' }, [forWatch]],
  [{ resourceVersionMatch: 'Exact', continue: 'x' }, [forWatch, '"Exact": supported values: "NotOlderThan"', withContinue]],
  [{ sendInitialEvents: true, resourceVersionMatch: 'Exact' }, [requires, '"Exact": supported values: "NotOlderThan"']],
])('a watch with %j', (options, expected) => {
  expect(complaints(options, true)).toEqual(expected);
});
