// resourceVersion and continue tokens: text on the outside, revisions inside.
// https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions
import { readJson, SyntaxProblem } from '../../apimachinery/codec/json-reader.js';
import { badRequest } from '../../apimachinery/errors/api-error.js';
import { isRecord } from '../../apimachinery/object.js';
import { jsonType, quote } from '../../apimachinery/schema/problems.js';

/** The largest unsigned integer of 64 bits, which the real server reads revisions as. */
const largest = 2n ** 64n - 1n;

/** The revision in a resourceVersion; 0 for '0' and ''. `failure` makes the error, since each verb answers another one. */
export function parseResourceVersion(text: string, failure: (message: string) => Error): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  if (text === '') return 0;
  const isNumber = /^\d+$/.test(text);
  // More than a double holds exactly is a revision of a future that no store reaches.
  if (isNumber && text.length <= 40 && BigInt(text) <= largest) return Number(text);
  const why = isNumber ? 'value out of range' : 'invalid syntax';
  throw failure(`resourceVersion: Invalid value: ${quote(text)}: strconv.ParseUint: parsing ${quote(text)}: ${why}`);
}

/** Where a paged list goes on. */
export interface ContinueToken {
  /** The revision of the first page; -1 for one that goes on at whatever is there now. */
  readonly revision: number;
  /** The first key not yet returned, without the storage prefix. */
  readonly start: string;
}

export function encodeContinue({ revision, start }: ContinueToken): string {
  return Buffer.from(JSON.stringify({ v: 'meta.k8s.io/v1', rv: revision, start })).toString('base64url');
}

/** Throws 400 for a token that this server did not write. */
export function decodeContinue(token: string): ContinueToken {
  const wrong = (why: string): Error => badRequest(`invalid continue token: continue key is not valid: ${why}`);
  const misfit = /[^\w-]/.exec(token);
  if (misfit !== null || token.length % 4 === 1) throw wrong(`illegal base64 data at input byte ${misfit?.index ?? token.length - 1}`);
  let value: unknown;
  try {
    value = readJson(Buffer.from(token, 'base64url'), { literals: false }).value;
  } catch (error) {
    throw error instanceof SyntaxProblem ? wrong(error.message) : error;
  }
  if (value !== null && !isRecord(value))
    throw wrong(`json: cannot unmarshal ${jsonType(value)} into Go value of type storage.continueToken`);
  const { v, rv, start } = value ?? {};
  for (const [field, given, type] of [
    ['v', v, 'string'],
    ['rv', rv, 'number'],
    ['start', start, 'string'],
  ] as const) {
    if (given !== undefined && given !== null && typeof given !== type)
      throw wrong(
        `json: cannot unmarshal ${jsonType(given)} into Go struct field continueToken.${field} of type ${type === 'number' ? 'int64' : type}`,
      );
  }
  if (v !== 'meta.k8s.io/v1') throw wrong(`server does not recognize this encoded version ${typeof v === 'string' ? v : ''}`);
  if (typeof rv !== 'number' || !Number.isSafeInteger(rv) || rv === 0)
    throw wrong('incorrect encoded start resourceVersion (version meta.k8s.io/v1)');
  if (typeof start !== 'string' || start === '') throw wrong('encoded start key empty (version meta.k8s.io/v1)');
  if (start.includes('../') || start === '..') throw wrong(start);
  return { revision: rv, start };
}
