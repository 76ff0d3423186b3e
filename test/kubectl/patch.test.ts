// kubectl patch in all its types, label and annotate.
import { describeKubectl, type Tool } from '../support/kit.js';
import { deployment } from '../support/manifests.js';
import { aged, lines } from '../support/text.js';

describeKubectl('kubectl: patch, label, annotate', (kit) => {
  let kubectl: Tool;
  const value = (path: string): Promise<string> => kubectl.ok('get', 'deployment', 'web', '-o', `jsonpath={${path}}`);

  beforeAll(async () => {
    kubectl = await kit.inNewNamespace();
    await kubectl.okWith(deployment('web'), 'create', '-f', '-');
  });

  it('strategic merge: lists merge by their key, new elements come first', async () => {
    const sidecar = { spec: { template: { spec: { containers: [{ name: 'sidecar', image: 'busybox' }] } } } };
    expect(await kubectl.ok('patch', 'deployment', 'web', '-p', JSON.stringify(sidecar))).toBe('deployment.apps/web patched\n');
    expect(await value('.spec.template.spec.containers[*].name')).toBe('sidecar nginx');
    const gone = { spec: { template: { spec: { containers: [{ name: 'sidecar', $patch: 'delete' }] } } } };
    await kubectl.ok('patch', 'deployment', 'web', '-p', JSON.stringify(gone));
    expect(await value('.spec.template.spec.containers[*].name')).toBe('nginx');
    expect(await kubectl.ok('patch', 'deployment', 'web', '-p', JSON.stringify(gone))).toBe('deployment.apps/web patched (no change)\n');
  });

  it('merge: null removes', async () => {
    await kubectl.ok('patch', 'deployment', 'web', '--type=merge', '-p', '{"metadata":{"labels":{"tier":"front"}}}');
    expect(await value('.metadata.labels.tier')).toBe('front');
    await kubectl.ok('patch', 'deployment', 'web', '--type=merge', '-p', '{"metadata":{"labels":{"tier":null}}}');
    expect(await value('.metadata.labels')).toBe('{"app":"web"}');
  });

  it('JSON: operations in order, all or nothing', async () => {
    const operations = [
      { op: 'test', path: '/spec/replicas', value: 2 },
      { op: 'replace', path: '/spec/replicas', value: 3 },
      { op: 'add', path: '/metadata/annotations/note', value: 'three' },
    ];
    await kubectl.ok('patch', 'deployment', 'web', '--type=json', '-p', JSON.stringify(operations));
    expect(await value('.spec.replicas')).toBe('3');
    expect(await kubectl.fails('patch', 'deployment', 'web', '--type=json', '-p', JSON.stringify(operations))).toBe(
      'The request is invalid: the server rejected our request due to an error in our request\n',
    );
    expect(await value('.metadata.annotations.note')).toBe('three');
  });

  it('the scale and status subresources', async () => {
    expect(await kubectl.ok('patch', 'deployment', 'web', '--subresource=scale', '--type=merge', '-p', '{"spec":{"replicas":1}}')).toBe(
      'scale.autoscaling/web patched\n',
    );
    expect(await value('.spec.replicas')).toBe('1');
    const scale = JSON.parse(await kubectl.ok('get', 'deployment', 'web', '--subresource=scale', '-o', 'json'));
    expect(scale).toMatchObject({ kind: 'Scale', apiVersion: 'autoscaling/v1', spec: { replicas: 1 }, status: { selector: 'app=web' } });
    await kubectl.ok('patch', 'node', 'node-0', '--subresource=status', '-p', '{"status":{"capacity":{"example.com/gpu":"2"}}}');
    expect(await kubectl.ok('get', 'node', 'node-0', '-o', String.raw`jsonpath={.status.capacity.example\.com/gpu}`)).toBe('2');
  });

  it('refuses what makes the object invalid, and leaves it as it is', async () => {
    expect(await kubectl.fails('patch', 'deployment', 'web', '-p', '{"spec":{"replicas":-1}}')).toBe(
      'The Deployment "web" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0\n',
    );
    expect(await kubectl.fails('patch', 'deployment', 'web', '-p', '{"spec":{"replicas":"many"}}')).toMatch(
      /^The request is invalid: patch: Invalid value: "map\[spec:map\[replicas:many\]\]": .*int32\n$/,
    );
    expect(await kubectl.fails('patch', 'deployment', 'none', '-p', '{}')).toBe(
      'Error from server (NotFound): deployments.apps "none" not found\n',
    );
    expect(await value('.spec.replicas')).toBe('1');
  });

  it('label: add, keep, overwrite, remove, list', async () => {
    expect(await kubectl.ok('label', 'deployment', 'web', 'tier=front')).toBe('deployment.apps/web labeled\n');
    expect(await kubectl.ok('label', 'deployment', 'web', 'tier=front')).toBe('deployment.apps/web not labeled\n');
    expect(await kubectl.fails('label', 'deployment', 'web', 'tier=back')).toBe(
      "error: 'tier' already has a value (front), and --overwrite is false\n",
    );
    expect(await kubectl.ok('label', 'deployment', 'web', 'tier=back', '--overwrite')).toBe('deployment.apps/web labeled\n');
    expect(lines(await kubectl.ok('label', 'deployment', 'web', '--list')).sort()).toEqual(['app=web', 'tier=back']);
    expect(await kubectl.ok('label', 'deployment', 'web', 'tier-')).toBe('deployment.apps/web unlabeled\n');
    expect(await kubectl.fails('label', 'deployment', 'web', 'bad key=x')).toMatch(
      /^The Deployment "web" is invalid: metadata\.labels: Invalid value: "bad key": name part must consist of alphanumeric characters, /,
    );
  });

  it('annotate: add, overwrite, remove', async () => {
    expect(await kubectl.ok('annotate', 'deployment', 'web', 'note=x y', '--overwrite')).toBe('deployment.apps/web annotated\n');
    expect(await value('.metadata.annotations.note')).toBe('x y');
    expect(await kubectl.ok('annotate', 'deployment', 'web', 'note-')).toBe('deployment.apps/web annotated\n');
    expect(await value('.metadata.annotations.note')).toBe('');
  });

  it('labels of many at once, then select by them', async () => {
    expect(lines(await kubectl.ok('label', 'nodes', '--all', 'zone=a'))).toEqual([
      'node/node-0 labeled',
      'node/node-1 labeled',
      'node/node-2 labeled',
    ]);
    await kubectl.ok('label', 'node', 'node-2', 'zone=b', '--overwrite');
    expect(aged(await kubectl.ok('get', 'nodes', '-l', 'zone in (b)', '-L', 'zone'))).toBe(
      'NAME  STATUS  ROLES  AGE  VERSION  ZONE\nnode-2  Ready  <none>  <age>  v1.36.3  b\n',
    );
    expect(await kubectl.ok('get', 'nodes', '-l', 'zone!=b', '-o', 'name')).toBe('node/node-0\nnode/node-1\n');
  });
});
