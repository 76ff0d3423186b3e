// Tokens and whose they are, from a file: `--token-auth-file`.
// https://kubernetes.io/docs/reference/access-authn-authz/authentication/#static-token-file
import type { UserInfo } from '../../registry/kind.js';

/** The file cannot be used; `message` says why. */
export class TokenFileError extends Error {}

/**
 * Reads `token,user,uid[,"group1,group2"]` lines. Of a token that comes twice the last line counts; lines without a token are passed over.
 * Throws {@link TokenFileError}.
 */
export function parseTokenFile(text: string): ReadonlyMap<string, UserInfo> {
  const users = new Map<string, UserInfo>();
  for (const [token = '', name = '', uid, groups = ''] of records(text)) {
    if (uid === undefined) throw new TokenFileError('each line must have at least 3 columns (token, user name, user uid)');
    if (token === '') continue;
    const list = groups
      .split(',')
      .map((group) => group.trim())
      .filter((group) => group !== '');
    users.set(token, { name, groups: list, ...(uid === '' ? {} : { uid }) });
  }
  return users;
}

/** Comma-separated values, RFC 4180, but spaces around a value do not count. */
function records(text: string): readonly (readonly string[])[] {
  const all: string[][] = [];
  let record: string[] = [];
  let value = '';
  let quoted = false;
  const endValue = (): void => {
    record.push(value.trim());
    value = '';
  };
  const endRecord = (): void => {
    endValue();
    if (record.length > 1 || record[0] !== '') all.push(record);
    record = [];
  };
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!;
    if (quoted) {
      if (character !== '"') value += character;
      else if (text[at + 1] === '"') value += text[++at];
      else quoted = false;
    } else if (character === '"') {
      if (value.trim() !== '') throw new TokenFileError('a quote is inside a value that does not begin with one');
      value = '';
      quoted = true;
    } else if (character === ',') endValue();
    else if (character === '\n') endRecord();
    else if (character !== '\r') value += character;
  }
  if (quoted) throw new TokenFileError('a quote is not closed');
  endRecord();
  return all;
}
