// What becomes of the status of policies, in a whole control plane. The texts are those of a real kube-controller-manager v1.36.
import type { ValidatingAdmissionPolicy } from '../../../openapi/types/admissionregistration.v1.js';
import { until } from '../../../test/support/until.js';
import { createHttpClient } from '../../client/kubeconfig/http-client.js';
import { parseKubeconfig } from '../../client/kubeconfig/kubeconfig.js';
import { resources, startCluster, realClock, type Cluster } from '../../index.js';
import { expressionWarnings } from '../../registry/admissionregistration/type-check.js';
import { matchedKinds, Schemas } from './matched-kinds.js';

const { VALIDATING_ADMISSION_POLICIES } = resources;
type Spec = NonNullable<ValidatingAdmissionPolicy['spec']>;

let cluster: Cluster;
beforeAll(async () => {
  cluster = await startCluster({ components: ['apiserver', 'controllers'] });
});
afterAll(() => cluster?.stop());

const rule = (group: string, ...named: string[]): object => ({
  apiGroups: [group],
  apiVersions: ['v1'],
  operations: ['CREATE'],
  resources: named,
});
const specOf = (rules: readonly object[], expressions: readonly string[], more: object = {}): Spec => ({
  matchConstraints: { resourceRules: rules },
  validations: expressions.map((expression) => ({ expression })),
  ...more,
});

async function checked(name: string, spec: Spec): Promise<ValidatingAdmissionPolicy> {
  await cluster.client.create(VALIDATING_ADMISSION_POLICIES, { metadata: { name }, spec });
  return until(cluster.client, VALIDATING_ADMISSION_POLICIES, { name }, ({ status }) => status?.observedGeneration === 1);
}

test('names each expression that does not fit a kind, kind by kind', async () => {
  const rules = [rule('', 'secrets', 'configmaps/status'), rule('apps', 'statefulsets', 'deployments')];
  const { status } = await checked('kinds', specOf(rules, ['object.spec.replicas > 1', 'object.kind == "x"', 'object.spec.foo == 1']));
  const undefinedField = (kind: string, field: string, at: number, expression: string): string =>
    `${kind}: ERROR: <input>:1:${at}: undefined field '${field}'\n | ${expression}\n | ${'.'.repeat(at - 1)}^\n`;
  expect(status?.typeChecking?.expressionWarnings).toEqual([
    { fieldRef: 'spec.validations[0].expression', warning: undefinedField('/v1, Kind=Secret', 'spec', 7, 'object.spec.replicas > 1') },
    {
      fieldRef: 'spec.validations[2].expression',
      warning: [
        undefinedField('/v1, Kind=Secret', 'spec', 7, 'object.spec.foo == 1'),
        undefinedField('apps/v1, Kind=Deployment', 'foo', 12, 'object.spec.foo == 1'),
        undefinedField('apps/v1, Kind=StatefulSet', 'foo', 12, 'object.spec.foo == 1'),
      ].join('\n'),
    },
  ]);
});

test('has nothing against what fits, and looks again at a new generation alone', async () => {
  const fine = await checked('fine', specOf([rule('apps', 'deployments')], ['object.spec.replicas > 1']));
  expect(fine.status).toEqual({ observedGeneration: 1, typeChecking: {} });
  expect(fine.metadata.managedFields?.find(({ operation }) => operation === 'Apply')).toMatchObject({
    manager: 'validatingadmissionpolicy-status',
    subresource: 'status',
  });
  await cluster.client.patch(VALIDATING_ADMISSION_POLICIES, { name: 'fine' }, 'merge', {
    spec: { validations: [{ expression: 'object.spec.replicas == "x"' }] },
  });
  const changed = await until(
    cluster.client,
    VALIDATING_ADMISSION_POLICIES,
    { name: 'fine' },
    ({ status }) => status?.observedGeneration === 2,
  );
  expect(changed.status?.typeChecking?.expressionWarnings?.[0]?.warning).toContain(
    "found no matching overload for '_==_' applied to '(int, string)'",
  );
});

test('knows the types of parameters and variables, but not the fields of a variable that is an object', async () => {
  const { status } = await checked(
    'typed',
    specOf([rule('apps', 'deployments')], ['params.foo == variables.count', 'variables.count == "x"', 'variables.spec.foo == 1'], {
      paramKind: { apiVersion: 'v1', kind: 'ConfigMap' },
      variables: [
        { name: 'count', expression: 'object.spec.replicas' },
        { name: 'spec', expression: 'object.spec' },
      ],
    }),
  );
  expect(status?.typeChecking?.expressionWarnings?.map(({ fieldRef, warning }) => [fieldRef, warning.split('\n')[0]])).toEqual([
    ['spec.validations[0].expression', "apps/v1, Kind=Deployment: ERROR: <input>:1:7: undefined field 'foo'"],
    [
      'spec.validations[1].expression',
      "apps/v1, Kind=Deployment: ERROR: <input>:1:17: found no matching overload for '_==_' applied to '(int, string)'",
    ],
  ]);
});

test('rules with wildcards name no kind, and no more than ten kinds are looked at', async () => {
  const all = ['pods', 'services', 'configmaps', 'secrets', 'events', 'endpoints', 'nodes', 'namespaces', 'resourcequotas', 'limitranges'];
  const schemas = new Schemas(cluster.client);
  const kinds = await matchedKinds({ resourceRules: [rule('', ...all, 'replicationcontrollers')] }, schemas);
  expect(kinds.map(({ group, kind }) => `${group}/${kind}`)).toEqual([
    ...['/ConfigMap', '/Endpoints', '/Event', '/LimitRange', '/Namespace', '/Node', '/Pod', '/ReplicationController', '/ResourceQuota'],
    'events.k8s.io/Event',
  ]);
  for (const rules of [[rule('*', 'pods')], [rule('', '*')], [rule('', 'pods/exec')], [rule('nope.io', 'foos')]])
    expect(await matchedKinds({ resourceRules: rules }, schemas)).toEqual([]);
});

test('over a kubeconfig, the published schemas say the same', async () => {
  const remote = await createHttpClient({ config: await parseKubeconfig(cluster.kubeconfig, '/'), clock: realClock() });
  try {
    const spec = specOf(
      [rule('', 'pods', 'secrets', 'events'), rule('apps', 'deployments', 'controllerrevisions')],
      [
        'object.spec.containers[0].resources.limits["cpu"] == "1" && object.spec.volumes[0].foo == 1',
        'object.metadata.creationTimestamp == "x" && object.data["x"] == 1',
        'object.spec.strategy.rollingUpdate.maxSurge == 1 || object.spec.strategy.rollingUpdate.maxSurge == "1"',
        'object.data.foo == 1',
      ],
    );
    const [here, there] = await Promise.all(
      [cluster.client, remote].map(async (client) =>
        expressionWarnings(spec, await matchedKinds(spec.matchConstraints, new Schemas(client)), undefined),
      ),
    );
    expect(there).toEqual(here);
    expect(here!.length).toBe(4);
  } finally {
    await remote.close();
  }
});
