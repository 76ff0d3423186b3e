// kubectl auth can-i where a file of policies decides (ABAC), and who nobody may be.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeKubectl, type Tool } from '../support/kit.js';
import { lines } from '../support/text.js';

const folder = mkdtempSync(join(tmpdir(), 'abac-'));
const policies = [
  { user: 'kubernetes-admin', namespace: '*', resource: '*', apiGroup: '*', nonResourcePath: '*' },
  { group: 'system:authenticated', nonResourcePath: '*', readonly: true },
  { group: 'system:authenticated', namespace: '*', resource: 'selfsubjectaccessreviews', apiGroup: 'authorization.k8s.io' },
  { group: 'system:authenticated', namespace: '*', resource: 'selfsubjectrulesreviews', apiGroup: 'authorization.k8s.io' },
  { user: 'jane', namespace: 'team', resource: 'configmaps', readonly: true },
];
const authorizationPolicyFile = join(folder, 'policy.jsonl');
writeFileSync(
  authorizationPolicyFile,
  policies.map((spec) => JSON.stringify({ apiVersion: 'abac.authorization.kubernetes.io/v1beta1', kind: 'Policy', spec })).join('\n'),
);
afterAll(() => rmSync(folder, { recursive: true }));

describeKubectl(
  'kubectl: ABAC',
  (kit) => {
    let kubectl: Tool;
    beforeAll(async () => {
      kubectl = await kit.inNewNamespace();
      await kubectl.ok('create', 'namespace', 'team');
    });
    const jane = ['--namespace=team', '--as=jane'];

    it('can-i says what the policies say', async () => {
      expect(await kubectl.ok('auth', 'can-i', 'get', 'configmaps', ...jane)).toBe('yes\n');
      for (const question of [
        ['create', 'configmaps'],
        ['get', 'secrets'],
        ['get', 'configmaps', '--all-namespaces'],
      ]) {
        expect(await kubectl.run(['auth', 'can-i', ...question, ...jane])).toMatchObject({ code: 1, stdout: 'no - No policy matched.\n' });
      }
      expect(lines(await kubectl.ok('auth', 'can-i', '--list', ...jane)).map((line) => line.replace(/ +/g, ' '))).toContain(
        'configmaps [] [] [get list watch]',
      );
    });

    it('refuses with its reason, and RBAC has no say', async () => {
      await kubectl.ok('create', 'clusterrolebinding', 'everything', '--clusterrole=cluster-admin', '--user=joe');
      expect(await kubectl.fails('get', 'pods', '--as=joe')).toBe(
        `Error from server (Forbidden): pods is forbidden: User "joe" cannot list resource "pods" in API group "" in the namespace "${kubectl.namespace}": No policy matched.\n`,
      );
    });
  },
  { nodes: 0, authorizationMode: ['ABAC'], authorizationPolicyFile },
);
