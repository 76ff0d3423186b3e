// Levels and versions; the rules themselves are compared with a real server in test/parity.
import type { PodSpec } from '../../../../openapi/types/core.v1.js';
import { findingsOf, findingsText, isNoStricter, standardOf, type Level } from './standards.js';

const pod = (spec: object) => ({ metadata: {}, spec: { containers: [{ name: 'a' }], ...spec } as unknown as PodSpec });
const reasons = (spec: object, level: Level, version = 'latest'): string[] =>
  findingsOf(pod(spec), { level, version }).map(({ reason }) => reason);

test('labels say a level and a version; what is no level is taken for the strictest', () => {
  expect(standardOf(undefined, 'warn')).toEqual({ level: 'privileged', version: 'latest' });
  const labels = { 'pod-security.kubernetes.io/enforce': 'baseline', 'pod-security.kubernetes.io/enforce-version': 'v1.20' };
  expect(standardOf(labels, 'enforce')).toEqual({ level: 'baseline', version: 'v1.20' });
  expect(standardOf({ 'pod-security.kubernetes.io/enforce': 'strict' }, 'enforce')).toEqual({ level: 'restricted', version: 'latest' });
});

test('levels include one another, and a rule of the stricter one takes the place of the other', () => {
  const spec = { hostNetwork: true, volumes: [{ name: 'h', hostPath: { path: '/' } }] };
  expect(reasons(spec, 'privileged')).toEqual([]);
  expect(reasons(spec, 'baseline')).toEqual(['host namespaces', 'hostPath volumes']);
  expect(reasons(spec, 'restricted')).toEqual([
    ...['host namespaces', 'allowPrivilegeEscalation != false', 'unrestricted capabilities', 'restricted volume types'],
    ...['runAsNonRoot != true', 'seccompProfile'],
  ]);
});

test('before a rule came, nothing is asked; versions to come are as the latest', () => {
  expect(reasons({}, 'restricted', 'v1.7')).toEqual(['runAsNonRoot != true']);
  expect(reasons({}, 'restricted', 'v1.8')).toEqual(['allowPrivilegeEscalation != false', 'runAsNonRoot != true']);
  expect(reasons({}, 'restricted', 'v1.999')).toEqual(reasons({}, 'restricted'));
});

test('a standard is no stricter than one of the same version and a level as high', () => {
  const at = (level: Level, version = 'latest') => ({ level, version });
  expect(isNoStricter(at('baseline'), at('restricted'))).toBe(true);
  expect(isNoStricter(at('baseline'), at('baseline'))).toBe(true);
  expect(isNoStricter(at('restricted'), at('baseline'))).toBe(false);
  expect(isNoStricter(at('baseline', 'v1.1'), at('restricted'))).toBe(false);
});

test('all findings in one sentence', () => {
  const spec = { hostPID: true, containers: [{ name: 'a', securityContext: { privileged: true } }] };
  expect(findingsText(findingsOf(pod(spec), { level: 'baseline', version: 'latest' }))).toBe(
    'host namespaces (hostPID=true), privileged (container "a" must not set securityContext.privileged=true)',
  );
});
