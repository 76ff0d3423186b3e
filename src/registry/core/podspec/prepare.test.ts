import type { Mutable } from '../../../apimachinery/object.js';
import { dropDisabledFields, dropOldAnnotations, settleAppArmor, settleLabelKeys } from './prepare.js';

const annotation = 'container.apparmor.security.beta.kubernetes.io/c';

function podWith(text: string, spec: Mutable = {}): Mutable {
  return { metadata: { annotations: { [annotation]: text } }, spec: { containers: [{ name: 'c' }], ...spec } };
}

test.each([
  ['runtime/default', {}, { appArmorProfile: { type: 'RuntimeDefault' } }],
  ['localhost/x', {}, { appArmorProfile: { type: 'Localhost', localhostProfile: 'x' } }],
  ['localhost/', {}, undefined],
  ['nope', {}, undefined],
  ['unconfined', { securityContext: { appArmorProfile: { type: 'Unconfined' } } }, undefined],
  ['unconfined', { os: { name: 'windows' } }, undefined],
  [
    'unconfined',
    { containers: [{ name: 'c', securityContext: { appArmorProfile: { type: 'RuntimeDefault' } } }] },
    { appArmorProfile: { type: 'RuntimeDefault' } },
  ],
])('the AppArmor annotation %s in a pod with %j', (text, spec, context) => {
  const pod = podWith(text, spec);
  settleAppArmor(pod);
  expect((pod['spec'] as { containers: readonly Mutable[] }).containers[0]?.['securityContext']).toEqual(context);
});

test('what belongs to features that are off is forgotten, and nothing else', () => {
  const spec: Mutable = {
    schedulingGroup: { podGroupName: 'x' },
    volumes: [{ name: 'v', projected: { sources: [{ clusterTrustBundle: {} }, { secret: { name: 's' } }] } }, null],
    containers: [{ lifecycle: { stopSignal: 'SIGTERM' } }, { lifecycle: { stopSignal: 'SIGTERM', preStop: {} } }, { lifecycle: {} }],
  };
  dropDisabledFields(spec);
  expect(spec).toEqual({
    volumes: [{ name: 'v', projected: { sources: [{}, { secret: { name: 's' } }] } }, null],
    containers: [{}, { lifecycle: { preStop: {} } }, { lifecycle: {} }],
  });
});

test('labels asked for by key are put into the selectors, without changing what the client shares', () => {
  const selector = Object.freeze({ matchLabels: { q: 'r' } });
  const term = { topologyKey: 'x', labelSelector: selector, matchLabelKeys: ['app', 'none'], mismatchLabelKeys: ['tenant'] };
  const pod: Mutable = {
    metadata: { labels: { app: 'x', tenant: 'y' } },
    spec: { affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } } },
  };
  settleLabelKeys(pod);
  expect(term.labelSelector).toEqual({
    matchLabels: { q: 'r' },
    matchExpressions: [
      { key: 'app', operator: 'In', values: ['x'] },
      { key: 'tenant', operator: 'NotIn', values: ['y'] },
    ],
  });
});

test('annotations of old versions go', () => {
  const one: Mutable = { metadata: { annotations: { 'pod.beta.kubernetes.io/init-containers': '[]' } } };
  dropOldAnnotations(one);
  expect(one).toEqual({ metadata: {} });
  const other: Mutable = { metadata: { annotations: { 'pod.alpha.kubernetes.io/init-containers': '[]', a: 'b' } } };
  dropOldAnnotations(other);
  expect(other).toEqual({ metadata: { annotations: { a: 'b' } } });
});
