// Rules of objects with very long lists: looked at in slices they say what they say at once.
import { inSteps } from '../../test/support/in-steps.js';
import { repeatedly } from '../clock/apart.js';
import type { KubeObject } from '../apimachinery/object.js';
import { createRegistry, loadFacts } from './index.js';

const registry = createRegistry(loadFacts());

function list<T>(count: number, one: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => one(index));
}

/** Every so manieth element is wrong. */
const wrong = (index: number): boolean => index % 700 === 3;
const container = { name: 'c', image: 'i' };
const metadata = { name: 'a', namespace: 'default' };

const objects: readonly (readonly [group: string, version: string, resource: string, object: object])[] = [
  [
    'networking.k8s.io',
    'v1',
    'networkpolicies',
    {
      spec: {
        podSelector: { matchExpressions: list(3000, (index) => ({ key: wrong(index) ? '' : `k${index}`, operator: 'Exists' })) },
        ingress: list(3000, (index) => ({ from: [{ ipBlock: { cidr: wrong(index) ? 'x' : '10.0.0.0/8' } }] })),
        egress: [
          { to: list(3000, (index) => ({ ipBlock: { cidr: '10.0.0.0/8', except: [wrong(index) ? '11.0.0.0/8' : '10.1.0.0/16'] } })) },
        ],
      },
    },
  ],
  [
    '',
    'v1',
    'endpoints',
    {
      subsets: [
        { addresses: list(5000, (index) => ({ ip: wrong(index) ? '127.0.0.1' : '10.1.2.3' })), ports: [{ port: 80, protocol: 'TCP' }] },
      ],
    },
  ],
  [
    '',
    'v1',
    'pods',
    {
      spec: {
        containers: [
          {
            ...container,
            resources: { limits: Object.fromEntries(list(3000, (index) => [wrong(index) ? `r${index}` : `a.b/r${index}`, '1'])) },
          },
        ],
        hostAliases: list(3000, (index) => ({ ip: wrong(index) ? 'x' : '10.0.0.1', hostnames: ['h'] })),
        readinessGates: list(3000, (index) => ({ conditionType: wrong(index) ? '' : `c${index}` })),
        volumes: [
          { name: 'v', configMap: { name: 'm', items: list(3000, (index) => ({ key: `k${index}`, path: wrong(index) ? '..' : 'p' })) } },
        ],
      },
    },
  ],
  [
    '',
    'v1',
    'limitranges',
    {
      spec: {
        limits: [
          {
            type: 'Container',
            max: Object.fromEntries(list(3000, (index) => [`r${index}`, '1'])),
            min: Object.fromEntries(list(3000, (index) => [`r${index}`, wrong(index) ? '2' : '1'])),
          },
        ],
      },
    },
  ],
  [
    'admissionregistration.k8s.io',
    'v1',
    'validatingadmissionpolicies',
    {
      spec: {
        variables: list(300, (index) => ({ name: `v${index}`, expression: index === 0 ? '1' : `variables.v${index - 1} + 1` })),
        validations: list(800, (index) => ({ expression: wrong(index) ? 'variables.v300 > 1' : `variables.v${index % 300} > ${index}` })),
        matchConstraints: { resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }] },
      },
    },
  ],
  [
    'admissionregistration.k8s.io',
    'v1',
    'validatingwebhookconfigurations',
    {
      webhooks: list(1500, (index) => ({
        name: wrong(index) ? 'a1.b.c' : `a${index}.b.c`,
        sideEffects: 'None',
        admissionReviewVersions: ['v1'],
        clientConfig: { url: 'https://localhost/x' },
        matchConditions: [{ name: 'a', expression: wrong(index) ? 'object ++' : `object.metadata.name == 'x${index}'` }],
      })),
    },
  ],
  [
    'rbac.authorization.k8s.io',
    'v1',
    'clusterroles',
    { rules: list(4000, (index) => ({ apiGroups: [''], resources: ['pods'], verbs: wrong(index) ? [] : ['get'] })) },
  ],
];

test.each(objects)('%s %s %s', (group, version, resource, object) => {
  const { strategy } = registry.byResource(group, version, resource)!;
  const fresh = (): KubeObject => structuredClone({ metadata, ...object }) as unknown as KubeObject;
  const atOnce = strategy.validate!(fresh());
  const one = fresh();
  const { value, steps } = inSteps(repeatedly(() => strategy.validate!(one)));
  expect(value).toEqual(atOnce);
  expect(atOnce.length).toBeGreaterThan(1);
  expect(steps + 1).toBeGreaterThanOrEqual(3);
});
