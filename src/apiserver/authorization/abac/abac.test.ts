import { readFileSync } from 'node:fs';
import { reviewSubjectAccess } from '../reviews.js';
import { createAbacAuthorizer } from './abac-authorizer.js';
import { PolicyFileError, readPolicyFile } from './policy-file.js';

/** What a real server answered with this file: true, or the reason of the refusal. */
const { file, answers } = JSON.parse(readFileSync(new URL('./golden/answers.json', import.meta.url), 'utf8')) as {
  readonly file: string;
  readonly answers: readonly (readonly [object, true | string])[];
};

test('decides as the real server', async () => {
  const authorizer = createAbacAuthorizer(readPolicyFile(file, 'policy.jsonl'));
  const got = await Promise.all(
    answers.map(async ([spec]) => {
      const { status } = await reviewSubjectAccess({ spec }, authorizer);
      return [spec, status?.allowed === true ? true : status?.reason];
    }),
  );
  expect(got).toEqual(answers);
});

test('lists what policies allow in a namespace', () => {
  const authorizer = createAbacAuthorizer(readPolicyFile(file, 'policy.jsonl'));
  const rules = (name: string): unknown => authorizer.rulesFor!({ name, groups: ['system:authenticated'] }, 'n').resourceRules[0];
  expect(rules('u2')).toEqual({ verbs: ['get', 'list', 'watch'], apiGroups: [''], resources: ['pods'] });
  expect(authorizer.rulesFor!({ name: 'u15', groups: [] }, 'n').nonResourceRules).toEqual([{ verbs: ['*'], nonResourceURLs: ['/foo'] }]);
  // A policy of another namespace says nothing of paths either.
  expect(authorizer.rulesFor!({ name: 'u16', groups: [] }, 'n').nonResourceRules).toEqual([]);
});

const policy = '"apiVersion":"abac.authorization.kubernetes.io/v1beta1","kind":"Policy"';
const text = JSON.stringify;
test.each([
  ['{"apiVersion":', 'line 1: {"apiVersion":: couldn\'t get version/kind; json parse error: unexpected end of JSON input'],
  [`{${policy},"spec":{"user":"a"}}\nxx`, "line 2: xx: couldn't get version/kind; json parse error: "],
  ['{"apiVersion":"v1","kind":"Pod"}', 'line 1: {"apiVersion":"v1","kind":"Pod"}: no kind "Pod" is registered for version "v1"'],
  [`{${policy},"spec":{"user":5}}`, 'json: cannot unmarshal number into Go struct field PolicySpec.spec.user of type string'],
  [`{${policy},"spec":{"user":${text('a'.repeat(70_000))}}}`, 'bufio.Scanner: token too long'],
])('refuses %.60s', (lines, message) => {
  expect(() => readPolicyFile(lines, 'p')).toThrow(PolicyFileError);
  expect(() => readPolicyFile(lines, 'p')).toThrow(message);
});

test('a huge file costs the users of one policy nothing', () => {
  const one = (user: string): string => `{${policy},"spec":{"user":"${user}","namespace":"*","resource":"pods","apiGroup":"*"}}`;
  const authorizer = createAbacAuthorizer(readPolicyFile(Array.from({ length: 20_000 }, (_, index) => one(`u${index}`)).join('\n'), 'p'));
  let asked = 0;
  const groups = new Proxy(['a'], { get: (list, key) => (asked++, Reflect.get(list, key) as unknown) });
  const attributes = { verb: 'get', group: '', version: 'v1', resource: 'pods', subresource: '', namespace: 'n', name: '' };
  expect(authorizer.authorize({ user: { name: 'u19999', groups }, ...attributes }).allowed).toBe(true);
  expect(authorizer.authorize({ user: { name: '__proto__', groups: ['constructor'] }, ...attributes }).allowed).toBe(false);
  expect(asked).toBeLessThan(10);
});
