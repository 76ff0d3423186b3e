// The words are those of kube-apiserver v1.36.3 for the same files.
import { parse } from 'yaml';
import { readAuditPolicy } from './policy.js';

const read = (rest: string): unknown =>
  readAuditPolicy(parse(`apiVersion: audit.k8s.io/v1\nkind: Policy\n${rest}`), (problem) => {
    throw new Error(`told of ${problem}`);
  });

const subdomain =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const stages = 'allowed stages are RequestReceived,ResponseStarted,ResponseComplete,Panic';

test.each([
  ['', 'loaded illegal policy with 0 rules'],
  [
    'rules: [{level: Foo},{}]',
    '[rules[0].level: Unsupported value: "Foo": supported values: "None", "Metadata", "Request", "RequestResponse", rules[1].level: Required value]',
  ],
  [
    'omitStages: [Nope]\nrules: [{level: None, omitStages: [X, Panic]}]',
    `[omitStages[0]: Invalid value: "Nope": ${stages}, rules[0].omitStages[0]: Invalid value: "X": ${stages}]`,
  ],
  [
    'rules: [{level: None, users: a}]',
    'failed decoding: json: cannot unmarshal string into Go struct field PolicyRule.rules.users of type []string',
  ],
  [
    'rules: [{level: None, nonResourceURLs: ["/a"], resources: [{group: ""}]}]',
    'rules[0].nonResourceURLs: Invalid value: ["/a"]: rules cannot apply to both regular resources and non-resource URLs',
  ],
  [
    'rules: [{level: None, nonResourceURLs: ["/a*b", "a", "*", "/ok*"]}]',
    '[rules[0].nonResourceURLs[0]: Invalid value: "/a*b": non-resource URL wildcards \'*\' must be the final character of the rule, rules[0].nonResourceURLs[1]: Invalid value: "a": non-resource URL rules must begin with a \'/\' character]',
  ],
  [
    'rules: [{level: None, resources: [{group: "", resourceNames: [a]}, {group: apps/v1}]}]',
    `[rules[0].resources.resourceNames: Invalid value: ["a"]: using resourceNames requires at least one resource, rules[0].resources.group: Invalid value: "apps/v1": ${subdomain}]`,
  ],
])('%j: %s', (rest, message) => {
  expect(() => read(rest)).toThrow(new Error(message));
});

test.each([
  [undefined, 'unknown group version field audit.k8s.io/__internal, Kind=Policy in policy'],
  [{ apiVersion: 'audit.k8s.io/v1beta1', kind: 'Policy' }, 'no kind "Policy" is registered for version "audit.k8s.io/v1beta1"'],
  ['text', 'failed decoding: json: cannot unmarshal string into Go value'],
])('%j: %s', (document, message) => {
  expect(() => readAuditPolicy(document, () => {})).toThrow(message);
});

test('fields that there are not are told of, and passed over', () => {
  const told: string[] = [];
  const document = { apiVersion: 'audit.k8s.io/v1', kind: 'Policy', foo: 1, rules: [{ level: 'None', userz: ['a'], users: null }] };
  expect(readAuditPolicy(document, (problem) => told.push(problem))).toBe(document);
  expect(told).toEqual(['unknown field "foo", unknown field "rules[0].userz"']);
});
