import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { readAuthenticationConfiguration } from './authentication-configuration.js';
import { TokenError, userOf } from './jwt-user.js';

const read = (name: string): unknown => JSON.parse(readFileSync(new URL(`./golden/${name}.json`, import.meta.url), 'utf8'));

/** Files that a real server refused, and what it said. */
const { rows } = read('refusals') as { readonly rows: readonly (readonly [name: string, file: string, message: string])[] };
test.each(rows)('refuses %s in the real words', (_, file, message) => {
  expect(() => readAuthenticationConfiguration(parse(file), [])).toThrow(new Error(message));
});

/** Whom a real server took the bearers of these claims for, or why it did not know them. */
const { authenticators, users } = read('claims') as {
  readonly authenticators: readonly object[];
  readonly users: readonly (readonly [authenticator: number, claims: object, answer: string | { readonly username: string }])[];
};
const jwt = authenticators.map((one, index) => ({ issuer: { url: `https://127.0.0.1:29700/i${index}`, audiences: ['a'] }, ...one }));
const file = { apiVersion: 'apiserver.config.k8s.io/v1', kind: 'AuthenticationConfiguration', jwt };
const configuration = readAuthenticationConfiguration(file, []);

test.each(users)('authenticator %i with %j', (index, more, answer) => {
  const settings = configuration.jwt[index]!;
  const claims = { sub: 's', iss: settings.issuer.url, aud: 'a', iat: 1, exp: 2, ...more };
  if (typeof answer === 'string') {
    let error: unknown;
    try {
      userOf(settings, claims);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(TokenError);
    const { message, bare } = error as TokenError;
    expect(`${bare ? '' : 'oidc: '}${message}`).toBe(answer);
  } else {
    const { name: username, ...user } = userOf(settings, claims);
    expect({ username, ...user }).toEqual(answer);
  }
});
