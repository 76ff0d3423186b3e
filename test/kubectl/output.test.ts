// The forms in which kubectl get prints, and the ways to choose what.
import { describeKubectl, type Tool } from '../support/kit.js';
import { configMap } from '../support/manifests.js';
import { aged, lines } from '../support/text.js';

describeKubectl('kubectl: output', (kit) => {
  let kubectl: Tool;

  beforeAll(async () => {
    kubectl = await kit.inNewNamespace();
    await kubectl.okWith(
      ['b', 'c', 'a'].map((name, index) => configMap(name, { order: String(index) })).join('---\n'),
      'create',
      '-f',
      '-',
    );
    await kubectl.ok('label', 'configmap', 'a', 'b', 'set=first');
  });

  it('-o name, in the order of names', async () => {
    expect(await kubectl.ok('get', 'configmaps', '-o', 'name')).toBe('configmap/a\nconfigmap/b\nconfigmap/c\nconfigmap/kube-root-ca.crt\n');
  });

  it('-o yaml', async () => {
    const text = await kubectl.ok('get', 'configmap', 'a', '-o', 'yaml');
    expect(
      text
        .replace(/"\d{4}-.*Z"/, 'TIME')
        .replace(/resourceVersion: "\d+"/, 'resourceVersion: VERSION')
        .replace(/uid: .*/, 'uid: UID'),
    ).toBe(
      `apiVersion: v1
data:
  order: "2"
kind: ConfigMap
metadata:
  creationTimestamp: TIME
  labels:
    set: first
  name: a
  namespace: ${kubectl.namespace}
  resourceVersion: VERSION
  uid: UID
`,
    );
  });

  it('-o json of a list', async () => {
    const list = JSON.parse(await kubectl.ok('get', 'configmaps', '-l', 'set', '-o', 'json')) as {
      kind: string;
      items: { metadata: { name: string } }[];
    };
    expect(list).toMatchObject({ apiVersion: 'v1', kind: 'List', metadata: { resourceVersion: '' } });
    expect(list.items.map(({ metadata }) => metadata.name)).toEqual(['a', 'b']);
  });

  it('-o jsonpath, custom-columns, go-template', async () => {
    expect(
      await kubectl.ok('get', 'configmaps', '-o', 'jsonpath={range .items[?(@.data.order)]}{.metadata.name}={.data.order} {end}'),
    ).toBe('a=2 b=0 c=1 ');
    expect(
      await kubectl.ok('get', 'configmaps', '-l', 'set', '-o', 'custom-columns=NAME:.metadata.name,ORDER:.data.order,NONE:.data.none'),
    ).toBe('NAME   ORDER   NONE\na      2       <none>\nb      0       <none>\n');
    expect(await kubectl.ok('get', 'configmap', 'a', '-o', 'go-template={{.metadata.name}}')).toBe('a');
  });

  it('--sort-by, --show-labels, --no-headers, --label-columns', async () => {
    expect(await kubectl.ok('get', 'configmaps', '--sort-by=.data.order', '-l', 'set', '-o', 'name')).toBe('configmap/b\nconfigmap/a\n');
    expect(aged(await kubectl.ok('get', 'configmap', 'a', '--show-labels'))).toBe('NAME  DATA  AGE  LABELS\na  1  <age>  set=first\n');
    expect(aged(await kubectl.ok('get', 'configmap', 'c', '--show-labels', '--no-headers'))).toBe('c  1  <age>  <none>\n');
  });

  it('label and field selectors', async () => {
    expect(await kubectl.ok('get', 'configmaps', '-l', 'set=first', '--field-selector', 'metadata.name!=a', '-o', 'name')).toBe(
      'configmap/b\n',
    );
    expect(await kubectl.ok('get', 'configmaps', '-l', '!set', '--field-selector', 'metadata.name=c', '-o', 'name')).toBe('configmap/c\n');
    expect(await kubectl.fails('get', 'configmaps', '--field-selector', 'data.order=1')).toBe(
      'Error from server (BadRequest): Unable to find "/v1, Resource=configmaps" that match label selector "", field selector "data.order=1": "data.order" is not a known field selector: only "metadata.name", "metadata.namespace"\n',
    );
    expect(await kubectl.fails('get', 'configmaps', '-l', 'set in (b')).toBe(
      `Error from server (BadRequest): Unable to find "/v1, Resource=configmaps" that match label selector "set in (b", field selector "": unable to parse requirement: found '', expected: ',' or ')'\n`,
    );
  });

  it('several kinds and names at once, all namespaces, small pages', async () => {
    expect(await kubectl.ok('get', 'configmap/a', 'namespace/default', '-o', 'name')).toBe('configmap/a\nnamespace/default\n');
    const paged = lines(await kubectl.ok('get', 'configmaps', '--all-namespaces', '--chunk-size=2', '-o', 'name'));
    expect(paged.filter((name) => /\/[abc]$/.test(name))).toEqual(['configmap/a', 'configmap/b', 'configmap/c']);
    // One in each namespace.
    expect(paged.filter((name) => name === 'configmap/kube-root-ca.crt')).toHaveLength(5);
    expect(lines(aged(await kubectl.ok('get', 'configmaps', '--all-namespaces', '--field-selector', 'metadata.name=a')))).toEqual([
      'NAMESPACE  NAME  DATA  AGE',
      `${kubectl.namespace}  a  1  <age>`,
    ]);
  });

  it('what is not there', async () => {
    expect(await kubectl.run(['get', 'secrets'])).toMatchObject({
      code: 0,
      stdout: '',
      stderr: `No resources found in ${kubectl.namespace} namespace.\n`,
    });
    expect(await kubectl.fails('get', 'configmap', 'zzz')).toBe('Error from server (NotFound): configmaps "zzz" not found\n');
    expect(await kubectl.ok('get', 'configmap', 'zzz', '--ignore-not-found')).toBe('');
    expect(await kubectl.fails('get', 'nosuch')).toBe('error: the server doesn\'t have a resource type "nosuch"\n');
  });

  it('tables of kinds with short names and categories', async () => {
    expect(aged(await kubectl.ok('get', 'cm', 'a'))).toBe('NAME  DATA  AGE\na  1  <age>\n');
    expect(aged(await kubectl.ok('get', 'sa'))).toBe('NAME  AGE\ndefault  <age>\n');
    expect(aged(await kubectl.ok('get', 'leases', '-n', 'kube-node-lease'))).toMatch(/^NAME {2}HOLDER {2}AGE\nnode-0 {2}node-0 {2}<age>\n/);
    expect(await kubectl.ok('get', 'clusterrole', 'cluster-admin', '-o', 'name')).toBe(
      'clusterrole.rbac.authorization.k8s.io/cluster-admin\n',
    );
  });
});
