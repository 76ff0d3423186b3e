// What kubectl delete takes with it: cascades, finalizers, namespaces.
import { describeKubectl, type Tool } from '../support/kit.js';
import { configMap, deployment } from '../support/manifests.js';
import { lines } from '../support/text.js';

describeKubectl('kubectl: delete', (kit) => {
  let kubectl: Tool;

  beforeAll(async () => {
    kubectl = await kit.inNewNamespace();
  });

  it('--cascade=orphan leaves the replica set and the pods', async () => {
    await kubectl.okWith(deployment('left'), 'apply', '-f', '-');
    await kubectl.ok('rollout', 'status', 'deployment/left', '--timeout=20s');
    await kubectl.ok('delete', 'deployment', 'left', '--cascade=orphan');
    const set = (await kubectl.ok('get', 'replicasets', '-l', 'app=left', '-o', 'name')).trim();
    expect(set).toMatch(/^replicaset\.apps\/left-/);
    expect(await kubectl.ok('get', set, '-o', 'jsonpath={.metadata.ownerReferences}')).toBe('');
    expect(lines(await kubectl.ok('get', 'pods', '-l', 'app=left', '-o', 'name'))).toHaveLength(2);
    await kubectl.ok('delete', set);
    await kubectl.ok('wait', '--for=delete', 'pods', '-l', 'app=left', '--timeout=20s');
  });

  it('--cascade=foreground waits for the pods', async () => {
    await kubectl.okWith(deployment('all'), 'apply', '-f', '-');
    await kubectl.ok('rollout', 'status', 'deployment/all', '--timeout=20s');
    await kubectl.ok('delete', 'deployment', 'all', '--cascade=foreground', '--timeout=20s');
    expect(await kubectl.ok('get', 'replicasets,pods', '-l', 'app=all', '-o', 'name')).toBe('');
  });

  it('an object with a finalizer goes when the finalizer does', async () => {
    await kubectl.okWith(
      configMap('held', { a: '1' }).replace('metadata:\n', 'metadata:\n  finalizers: [example.com/hold]\n'),
      'create',
      '-f',
      '-',
    );
    expect(await kubectl.ok('delete', 'configmap', 'held', '--wait=false')).toBe(
      `configmap "held" deleted from ${kubectl.namespace} namespace\n`,
    );
    expect(await kubectl.ok('get', 'configmap', 'held', '-o', 'jsonpath={.metadata.deletionTimestamp}')).toMatch(/^\d{4}-/);
    await kubectl.ok('patch', 'configmap', 'held', '--type=merge', '-p', '{"metadata":{"finalizers":null}}');
    expect(await kubectl.ok('get', 'configmap', 'held', '--ignore-not-found')).toBe('');
  });

  it('--dry-run deletes nothing', async () => {
    await kubectl.ok('create', 'configmap', 'kept');
    expect(await kubectl.ok('delete', 'configmap', 'kept', '--dry-run=server')).toBe(
      `configmap "kept" deleted from ${kubectl.namespace} namespace (server dry run)\n`,
    );
    expect(await kubectl.ok('get', 'configmap', 'kept', '-o', 'name')).toBe('configmap/kept\n');
  });

  it('several kinds at once, by label', async () => {
    await kubectl.ok('create', 'secret', 'generic', 'kept');
    await kubectl.ok('label', 'configmap/kept', 'secret/kept', 'set=x');
    expect(lines(await kubectl.ok('delete', 'configmaps,secrets', '-l', 'set=x'))).toEqual(
      ['configmap', 'secret'].map((kind) => `${kind} "kept" deleted from ${kubectl.namespace} namespace`),
    );
  });

  it('a namespace takes all that is in it', async () => {
    const other = await kit.inNewNamespace();
    await other.okWith(deployment('gone'), 'apply', '-f', '-');
    await other.ok('create', 'configmap', 'gone');
    await other.ok('rollout', 'status', 'deployment/gone', '--timeout=20s');
    expect(await kubectl.ok('delete', 'namespace', other.namespace)).toBe(`namespace "${other.namespace}" deleted\n`);
    expect(await other.ok('get', 'all,configmaps,serviceaccounts', '-o', 'name')).toBe('');
    expect(await other.fails('create', 'configmap', 'late')).toBe(
      `error: failed to create configmap: namespaces "${other.namespace}" not found\n`,
    );
  });
});
