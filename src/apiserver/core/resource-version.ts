// resourceVersion and continue tokens: text on the outside, revisions inside.
// https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions
import { badRequest } from '../../apimachinery/errors/api-error.js';

/** The revision in a resourceVersion; 0 for '0' and ''. `failure` makes the error, since each verb answers another one. */
export function parseResourceVersion(text: string, failure: (message: string) => Error): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  if (text === '') return 0;
  throw failure(
    `resourceVersion: Invalid value: ${JSON.stringify(text)}: strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`,
  );
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
  let value: unknown;
  const text = Buffer.from(token, 'base64url').toString();
  try {
    value = JSON.parse(text);
  } catch {
    // The first character is what the real server's message names.
    throw wrong(`invalid character ${JSON.stringify(text.charAt(0)).replaceAll('"', "'")} looking for beginning of value`);
  }
  const { v, rv, start } = (value ?? {}) as { v?: unknown; rv?: unknown; start?: unknown };
  if (v !== 'meta.k8s.io/v1') throw wrong(`server does not recognize this encoded version ${JSON.stringify(v ?? '')}`);
  if (typeof rv !== 'number' || !Number.isSafeInteger(rv) || rv === 0)
    throw wrong('incorrect encoded start resourceVersion (version meta.k8s.io/v1)');
  if (typeof start !== 'string' || start === '') throw wrong('encoded start key empty (version meta.k8s.io/v1)');
  if (start.includes('../') || start === '..') throw wrong(start);
  return { revision: rv, start };
}
