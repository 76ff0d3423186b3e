import { parse } from 'yaml';
import { readAuthenticationConfiguration, type AuthenticationConfiguration } from './authentication-configuration.js';

const own = 'https://kubernetes.default.svc.cluster.local';
const read = (text: string): AuthenticationConfiguration =>
  readAuthenticationConfiguration(parse(`apiVersion: apiserver.config.k8s.io/v1\nkind: AuthenticationConfiguration\n${text}`), [own]);

test('reads issuers and anonymous paths', () => {
  const { jwt, anonymous } = read(`
anonymous: {enabled: true, conditions: [{path: /livez}, {path: /readyz}]}
jwt:
- issuer: {url: 'https://x', audiences: [a, b], audienceMatchPolicy: MatchAny}
  claimValidationRules: [{claim: hd, requiredValue: example.com}]
  claimMappings: {username: {claim: sub, prefix: 'oidc:'}, groups: {claim: groups, prefix: ''}, uid: {claim: oid}}`);
  expect(anonymous).toEqual(new Set(['/livez', '/readyz']));
  expect(jwt).toEqual([
    {
      issuer: { url: 'https://x', audiences: ['a', 'b'] },
      requiredClaims: [{ claim: 'hd', value: 'example.com' }],
      claimRules: [],
      username: { claim: 'sub', prefix: 'oidc:' },
      groups: { claim: 'groups', prefix: '' },
      uid: 'oid',
      extra: [],
      userRules: [],
    },
  ]);
  expect([read('anonymous: {enabled: false}').anonymous, read('jwt: []').anonymous]).toEqual([false, undefined]);
});

const username = "claimMappings: {username: {claim: sub, prefix: ''}}";
// Recorded from kube-apiserver v1.36.3.
test.each([
  [
    'anonymous: {enabled: false, conditions: [{path: /x}]}',
    'invalid authentication configuration: anonymous.conditions: Invalid value: [{"Path":"/x"}]: enabled should be set to true when conditions are defined',
  ],
  [
    "jwt: [{issuer: {url: 'http://x', audiences: []}}]",
    'invalid authentication configuration: [jwt[0].issuer.url: Invalid value: "http://x": URL scheme must be https, jwt[0].issuer.audiences: Required value: at least one jwt[0].issuer.audiences is required, jwt[0].claimMappings.username: Required value: claim or expression is required]',
  ],
  [
    "jwt: [{issuer: {url: 'https://x', audiences: [a,b]}, claimMappings: {username: {claim: sub}}}]",
    'invalid authentication configuration: [jwt[0].issuer.audienceMatchPolicy: Invalid value: "": audienceMatchPolicy must be MatchAny for multiple audiences, jwt[0].claimMappings.username.prefix: Required value: prefix is required when claim is set. It can be set to an empty string to disable prefixing]',
  ],
  [
    "jwt: [{issuer: {url: 'https://x', audiences: [a]}, claimMappings: {username: {claim: sub, prefix: '', expression: x}, groups: {claim: g}}}]",
    'invalid authentication configuration: [jwt[0].claimMappings.username: Invalid value: "": claim and expression can\'t both be set, jwt[0].claimMappings.groups.prefix: Required value: prefix is required when claim is set. It can be set to an empty string to disable prefixing]',
  ],
  [
    `jwt: [{issuer: {url: 'https://y', audiences: [a]}, ${username}},{issuer: {url: 'https://y', audiences: [a]}, ${username}}]`,
    'invalid authentication configuration: jwt[1].issuer.url: Duplicate value: "https://y"',
  ],
  ['foo: 1', 'strict decoding error: unknown field "foo"'],
  [
    "jwt: [{issuer: {url: 'https://x', audiences: [a], certificateAuthority: zz, audienceMatchPolicy: Foo, discoveryURL: 'https://x'}, claimMappings: {}, claimValidationRules: [{claim: ''},{claim: a, requiredValue: b},{claim: a, requiredValue: c}]}]",
    'invalid authentication configuration: [jwt[0].issuer.discoveryURL: Invalid value: "https://x": discoveryURL must be different from URL, jwt[0].issuer.audienceMatchPolicy: Invalid value: "Foo": audienceMatchPolicy must be empty or MatchAny for single audience, jwt[0].issuer.certificateAuthority: Invalid value: "<omitted>": data does not contain any valid RSA or ECDSA certificates, jwt[0].claimValidationRules[0]: Required value: claim or expression is required, jwt[0].claimValidationRules[2].claim: Duplicate value: "a", jwt[0].claimMappings.username: Required value: claim or expression is required]',
  ],
])('%s', (text, message) => {
  expect(() => read(text)).toThrow(new Error(message));
});

test('says what is no such file', () => {
  expect(() => read('jwt: {}')).toThrow('json: cannot unmarshal object into Go struct field AuthenticationConfiguration.jwt of type []');
  expect(() => read('anonymous: {enabled: 1}')).toThrow(
    'json: cannot unmarshal number into Go struct field AnonymousAuthConfig.anonymous.enabled of type bool',
  );
  expect(() => readAuthenticationConfiguration({ kind: 'Pod' }, [])).toThrow('no kind "Pod" is registered');
});
