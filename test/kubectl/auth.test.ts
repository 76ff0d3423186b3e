// Who am I, what may I: kubectl auth, and what others are refused.
import { describeKubectl, type Tool } from '../support/kit.js';
import { aged, lines } from '../support/text.js';

describeKubectl('kubectl: auth', (kit) => {
  let kubectl: Tool;
  let robot: string;

  beforeAll(async () => {
    kubectl = await kit.inNewNamespace();
    robot = `--as=system:serviceaccount:${kubectl.namespace}:robot`;
    await kubectl.ok('create', 'serviceaccount', 'robot');
    await kubectl.ok('create', 'role', 'reader', '--verb=get,list', '--resource=pods');
    await kubectl.ok('create', 'rolebinding', 'reader', '--role=reader', `--serviceaccount=${kubectl.namespace}:robot`);
  });

  it('whoami', async () => {
    const rows = lines(aged(await kubectl.ok('auth', 'whoami')));
    expect(rows.slice(0, 3)).toEqual([
      'ATTRIBUTE  VALUE',
      'Username  kubernetes-admin',
      'Groups  [kubeadm:cluster-admins system:authenticated]',
    ]);
    expect(rows[3]).toMatch(/^Extra: authentication\.kubernetes\.io\/credential-id {2}\[X509SHA256=[0-9a-f]{64}\]$/);
    expect(await kubectl.ok('auth', 'whoami', robot, '-o', 'jsonpath={.status.userInfo.username}')).toBe(
      `system:serviceaccount:${kubectl.namespace}:robot`,
    );
  });

  it('can-i: yes with exit code 0, no with 1', async () => {
    expect(await kubectl.ok('auth', 'can-i', '*', '*')).toBe('yes\n');
    expect(await kubectl.ok('auth', 'can-i', 'list', 'pods', robot)).toBe('yes\n');
    expect(await kubectl.run(['auth', 'can-i', 'delete', 'pods', robot])).toMatchObject({ code: 1, stdout: 'no\n' });
    expect(await kubectl.run(['auth', 'can-i', 'list', 'pods', '--as=bob'])).toMatchObject({ code: 1, stdout: 'no\n' });
    expect(await kubectl.run(['auth', 'can-i', 'get', 'nosuch'])).toMatchObject({
      code: 0,
      stdout: 'yes\n',
      stderr: "Warning: the server doesn't have a resource type 'nosuch'\n\n",
    });
  });

  it('can-i --list shows the rules of a role', async () => {
    const rows = lines(aged(await kubectl.ok('auth', 'can-i', '--list', robot)));
    expect(rows[0]).toBe('Resources  Non-Resource URLs  Resource Names  Verbs');
    expect(rows).toContain('pods  []  []  [get list]');
    expect(rows).toContain('selfsubjectaccessreviews.authorization.k8s.io  []  []  [create]');
  });

  it('what is not allowed is refused in the words of the real server', async () => {
    expect(await kubectl.run(['get', 'pods', robot])).toMatchObject({
      code: 0,
      stderr: `No resources found in ${kubectl.namespace} namespace.\n`,
    });
    expect(await kubectl.fails('get', 'secrets', robot)).toBe(
      `Error from server (Forbidden): secrets is forbidden: User "system:serviceaccount:${kubectl.namespace}:robot" cannot list resource "secrets" in API group "" in the namespace "${kubectl.namespace}"\n`,
    );
    expect(await kubectl.fails('delete', 'node', 'node-0', '--as=bob')).toBe(
      'Warning: deleting cluster-scoped resources, not scoped to the provided namespace\nError from server (Forbidden): nodes "node-0" is forbidden: User "bob" cannot delete resource "nodes" in API group "" at the cluster scope\n',
    );
    expect(await kubectl.fails('create', 'deployment', 'd', '--image=nginx', '--as=bob')).toBe(
      `error: failed to create deployment: deployments.apps is forbidden: User "bob" cannot create resource "deployments" in API group "apps" in the namespace "${kubectl.namespace}"\n`,
    );
  });

  it('without credentials one is anonymous, and may see nothing', async () => {
    const anonymous = kit.cluster.kubeconfig
      .replace(/^ +client-(certificate|key)-data: .*\n/gm, '')
      .replace(/^( +)user:\s*$/m, '$1user: {}');
    // kubectl would ask for a user name and a password on a terminal; here it is given some, which the server does not take for anybody.
    const { code, stdout } = await kubectl.run([
      'get',
      '--raw',
      '/version',
      '--kubeconfig',
      kit.write('anonymous', anonymous),
      '--username=x',
      '--password=y',
    ]);
    expect({ code, version: (JSON.parse(stdout) as { gitVersion: string }).gitVersion }).toEqual({ code: 0, version: 'v1.36.3' });
    expect(await kubectl.fails('get', 'pods', '--kubeconfig', kit.write('anonymous', anonymous), '--username=x', '--password=y')).toBe(
      `Error from server (Forbidden): pods is forbidden: User "system:anonymous" cannot list resource "pods" in API group "" in the namespace "${kubectl.namespace}"\n`,
    );
  });
});
