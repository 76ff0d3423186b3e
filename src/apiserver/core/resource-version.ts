// resourceVersion and continue tokens: text on the outside, revisions inside.
// https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions
import { readJson, SyntaxProblem } from '../../apimachinery/codec/json-reader.js';
import { badRequest } from '../../apimachinery/errors/api-error.js';
import { isRecord } from '../../apimachinery/object.js';
import { jsonType, NumberLiteral, quote } from '../../apimachinery/schema/problems.js';

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
  /** The revision of the first page; less than 0 for one that goes on at whatever is there now. */
  readonly revision: number;
  /** The first key not yet returned, without the storage prefix. */
  readonly start: string;
}

/** A token as it was read. */
export interface GivenContinueToken extends ContinueToken {
  /** The revision as messages show it. */
  readonly text: string;
}

const tokenVersion = 'meta.k8s.io/v1';

export function encodeContinue({ revision, start }: ContinueToken): string {
  return Buffer.from(JSON.stringify({ v: tokenVersion, rv: revision, start })).toString('base64url');
}

/** Throws 400 for a token that this server did not write. */
export function decodeContinue(token: string): GivenContinueToken {
  const wrong = (why: string): Error => badRequest(`invalid continue token: continue key is not valid: ${why}`);
  const misfit = /[^\w-]/.exec(token);
  if (misfit !== null || token.length % 4 === 1) throw wrong(`illegal base64 data at input byte ${misfit?.index ?? token.length - 1}`);
  let value: unknown;
  try {
    value = readJson(Buffer.from(token, 'base64url'), { literals: true }).value;
  } catch (error) {
    throw error instanceof SyntaxProblem ? wrong(error.message) : error;
  }
  if (value !== null && !isRecord(value))
    throw wrong(`json: cannot unmarshal ${jsonType(value)} into Go value of type storage.continueToken`);
  const { v, rv, start } = tokenFields(value ?? {}, wrong);
  if (v !== tokenVersion) throw wrong(`server does not recognize this encoded version ${v}`);
  if (rv === '0') throw wrong(`incorrect encoded start resourceVersion (version ${tokenVersion})`);
  if (start === '') throw wrong(`encoded start key empty (version ${tokenVersion})`);
  const path = start.startsWith('/') ? start.slice(1) : start;
  // What would lead out of the collection, or could be written otherwise.
  const parts = path.split('/');
  if (path !== '' && parts.some((part) => part === '' || part === '.' || part === '..')) throw wrong(start);
  return { revision: Number(rv), start: path, text: rv };
}

/** The fields of a token by their names in any case, the last one of a name; `rv` as the digits of an integer of 64 bits. */
function tokenFields(value: Readonly<Record<string, unknown>>, wrong: (why: string) => Error): { v: string; rv: string; start: string } {
  const found = { v: '', rv: '0', start: '' };
  for (const [key, given] of Object.entries(value)) {
    const field = key.toLowerCase();
    if ((field !== 'v' && field !== 'rv' && field !== 'start') || given === null) continue;
    const place = `into Go struct field continueToken.${field} of type ${field === 'rv' ? 'int64' : 'string'}`;
    if (field === 'rv' && (typeof given === 'number' || given instanceof NumberLiteral)) {
      const digits = given instanceof NumberLiteral ? given.text : String(given);
      if (!/^-?\d{1,19}$/.test(digits) || BigInt.asIntN(64, BigInt(digits)) !== BigInt(digits))
        throw wrong(`json: cannot unmarshal number ${digits} ${place}`);
      found.rv = digits;
    } else if (field !== 'rv' && typeof given === 'string') found[field] = given;
    else throw wrong(`json: cannot unmarshal ${jsonType(given)} ${place}`);
  }
  return found;
}
