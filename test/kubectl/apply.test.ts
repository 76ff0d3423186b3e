// kubectl apply and its relatives: diff, edit, replace, dry runs.
import { join } from 'node:path';
import { describeKubectl, type Tool } from '../support/kit.js';
import { configMap, deployment } from '../support/manifests.js';
import { lines } from '../support/text.js';

describeKubectl('kubectl: apply', (kit) => {
  let kubectl: Tool;

  beforeAll(async () => {
    kubectl = await kit.inNewNamespace();
  });

  describe('client side', () => {
    it('created, unchanged, configured', async () => {
      expect(await kubectl.okWith(configMap('plain', { a: '1', b: '2' }), 'apply', '-f', '-')).toBe('configmap/plain created\n');
      expect(await kubectl.okWith(configMap('plain', { a: '1', b: '2' }), 'apply', '-f', '-')).toBe('configmap/plain unchanged\n');
      expect(await kubectl.okWith(configMap('plain', { a: '3' }), 'apply', '-f', '-')).toBe('configmap/plain configured\n');
      expect(await kubectl.ok('get', 'configmap', 'plain', '-o', 'jsonpath={.data}')).toBe('{"a":"3"}');
    });

    it('keeps what others have added', async () => {
      await kubectl.okWith(deployment('shared'), 'apply', '-f', '-');
      await kubectl.ok('annotate', 'deployment', 'shared', 'team=blue');
      await kubectl.okWith(deployment('shared', { image: 'nginx:1.28' }), 'apply', '-f', '-');
      expect(
        await kubectl.ok(
          'get',
          'deployment',
          'shared',
          '-o',
          'jsonpath={.metadata.annotations.team} {.spec.template.spec.containers[0].image}',
        ),
      ).toBe('blue nginx:1.28');
    });

    it('a folder with several objects in a file, in order', async () => {
      kit.write('manifests/one.yaml', `${configMap('one', { a: '1' })}---\n${configMap('two', { a: '1' })}`);
      kit.write(
        'manifests/three.json',
        JSON.stringify({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'three' }, stringData: { password: 'x' } }),
      );
      const folder = join(kit.folder, 'manifests');
      expect(lines(await kubectl.ok('apply', '-f', folder)).sort()).toEqual([
        'configmap/one created',
        'configmap/two created',
        'secret/three created',
      ]);
      expect(await kubectl.ok('get', 'secret', 'three', '-o', 'jsonpath={.data.password}')).toBe('eA==');
      expect(lines(await kubectl.ok('delete', '-f', folder)).sort()).toEqual(
        ['configmap "one"', 'configmap "two"', 'secret "three"'].map((what) => `${what} deleted from ${kubectl.namespace} namespace`),
      );
    });

    it('a kustomization', async () => {
      kit.write('kustom/kustomization.yaml', 'resources: [map.yaml]\nnamePrefix: my-\n');
      kit.write('kustom/map.yaml', configMap('map', { a: '1' }));
      expect(await kubectl.ok('apply', '-k', join(kit.folder, 'kustom'))).toBe('configmap/my-map created\n');
    });

    it('prunes what is no longer there', async () => {
      const of = (name: string): string => configMap(name, { a: '1' }).replace('metadata:\n', 'metadata:\n  labels: {set: pruned}\n');
      await kubectl.okWith(`${of('stays')}---\n${of('goes')}`, 'apply', '-f', '-');
      const text = await kubectl.okWith(
        of('stays'),
        'apply',
        '-f',
        '-',
        '--prune',
        '-l',
        'set=pruned',
        '--prune-allowlist=core/v1/ConfigMap',
      );
      expect(text).toBe('configmap/stays unchanged\nconfigmap/goes pruned\n');
    });

    it('refuses to change what cannot be changed', async () => {
      await kubectl.okWith(deployment('fixed'), 'apply', '-f', '-');
      const other = deployment('fixed').replaceAll('app: fixed', 'app: other');
      expect(await kubectl.failsWith(other, 'apply', '-f', '-')).toBe(
        'The Deployment "fixed" is invalid: spec.selector: Invalid value: {"matchLabels":{"app":"other"}}: field is immutable\n',
      );
    });

    it('refuses an unknown field and a missing one', async () => {
      expect(await kubectl.failsWith(deployment('wrong').replace('replicas:', 'replica:'), 'apply', '-f', '-')).toBe(
        'Error from server (BadRequest): error when creating "STDIN": Deployment in version "v1" cannot be handled as a Deployment: strict decoding error: unknown field "spec.replica"\n',
      );
      expect(await kubectl.okWith(deployment('loose').replace('replicas:', 'replica:'), 'apply', '-f', '-', '--validate=ignore')).toBe(
        'deployment.apps/loose created\n',
      );
      const { stdout, stderr } = await kubectl.run(['apply', '-f', '-', '--validate=warn'], {
        input: deployment('warned').replace('replicas:', 'replica:'),
      });
      expect({ stdout, stderr }).toEqual({ stdout: 'deployment.apps/warned created\n', stderr: 'Warning: unknown field "spec.replica"\n' });
      expect(await kubectl.failsWith(deployment('wrong').replace('image: nginx:1.27', 'tty: true'), 'apply', '-f', '-')).toBe(
        'The Deployment "wrong" is invalid: spec.template.spec.containers[0].image: Required value\n',
      );
    });
  });

  describe('server side', () => {
    it('applies, and names the field of a conflict and its owner', async () => {
      const applied = ['apply', '--server-side', '--field-manager=gitops', '-f', '-'];
      expect(await kubectl.okWith(configMap('owned', { a: '1' }), ...applied)).toBe('configmap/owned serverside-applied\n');
      expect(await kubectl.okWith(configMap('owned', { a: '1' }), ...applied)).toBe('configmap/owned serverside-applied\n');
      const other = ['apply', '--server-side', '--field-manager=me', '-f', '-'];
      const text = await kubectl.failsWith(configMap('owned', { a: '2' }), ...other);
      expect(lines(text)[0]).toBe('error: Apply failed with 1 conflict: conflict with "gitops": .data.a');
      expect(text).toContain('--force-conflicts');
      expect(await kubectl.okWith(configMap('owned', { a: '2' }), ...other, '--force-conflicts')).toBe(
        'configmap/owned serverside-applied\n',
      );
      expect(await kubectl.ok('get', 'configmap', 'owned', '-o', 'jsonpath={.data.a}')).toBe('2');
    });

    it('a field that its only manager leaves out goes', async () => {
      const applied = ['apply', '--server-side', '-f', '-'];
      await kubectl.okWith(configMap('shrinks', { a: '1', b: '2' }), ...applied);
      await kubectl.okWith(configMap('shrinks', { a: '1' }), ...applied);
      expect(await kubectl.ok('get', 'configmap', 'shrinks', '-o', 'jsonpath={.data}')).toBe('{"a":"1"}');
    });

    it('conflicts with a deployment that was edited by hand', async () => {
      await kubectl.okWith(deployment('edited'), 'apply', '--server-side', '-f', '-');
      await kubectl.ok('scale', 'deployment', 'edited', '--replicas=3');
      await kubectl.ok('set', 'image', 'deployment/edited', 'nginx=nginx:1.28');
      expect(lines(await kubectl.failsWith(deployment('edited'), 'apply', '--server-side', '-f', '-')).slice(0, 5)).toEqual([
        'error: Apply failed with 2 conflicts: conflicts with "kubectl" with subresource "scale" using apps/v1:',
        '- .spec.replicas',
        'conflicts with "kubectl-set" using apps/v1:',
        '- .spec.template.spec.containers[name="nginx"].image',
        'Please review the fields above--they currently have other managers. Here',
      ]);
    });

    it('shows managed fields on demand', async () => {
      await kubectl.okWith(configMap('managed', { a: '1' }), 'apply', '--server-side', '--field-manager=gitops', '-f', '-');
      expect(await kubectl.ok('get', 'configmap', 'managed', '-o', 'yaml')).not.toContain('managedFields');
      const text = await kubectl.ok('get', 'configmap', 'managed', '-o', 'json', '--show-managed-fields');
      expect(JSON.parse(text)).toMatchObject({
        metadata: {
          managedFields: [
            { manager: 'gitops', operation: 'Apply', apiVersion: 'v1', fieldsType: 'FieldsV1', fieldsV1: { 'f:data': { 'f:a': {} } } },
          ],
        },
      });
    });
  });

  describe('dry runs and diff', () => {
    it('neither kind of dry run stores anything', async () => {
      const manifest = configMap('dry', { a: '1' });
      expect(await kubectl.okWith(manifest, 'apply', '-f', '-', '--dry-run=client')).toBe('configmap/dry created (dry run)\n');
      expect(await kubectl.okWith(manifest, 'apply', '-f', '-', '--dry-run=server')).toBe('configmap/dry created (server dry run)\n');
      expect(await kubectl.okWith(manifest, 'apply', '-f', '-', '--server-side', '--dry-run=server')).toBe(
        'configmap/dry serverside-applied (server dry run)\n',
      );
      expect(await kubectl.fails('get', 'configmap', 'dry')).toBe('Error from server (NotFound): configmaps "dry" not found\n');
    });

    it('a server dry run fills in defaults', async () => {
      const text = await kubectl.ok(
        'run',
        'tried',
        '--image=nginx',
        '--dry-run=server',
        '-o',
        'jsonpath={.spec.terminationGracePeriodSeconds} {.spec.containers[0].imagePullPolicy}',
      );
      expect(text).toBe('30 Always');
    });

    it('diff shows what would change, with exit code 1, and nothing with 0', async () => {
      await kubectl.okWith(configMap('compared', { a: '1' }), 'apply', '-f', '-');
      const same = await kubectl.run(['diff', '-f', '-'], { input: configMap('compared', { a: '1' }) });
      expect(same).toMatchObject({ code: 0, stdout: '' });
      const other = await kubectl.run(['diff', '-f', '-'], { input: configMap('compared', { a: '2' }) });
      expect(other.code).toBe(1);
      expect(other.stdout).toMatch(/^-\s+a: "1"$/m);
      expect(other.stdout).toMatch(/^\+\s+a: "2"$/m);
      const serverSide = await kubectl.run(['diff', '--server-side', '--force-conflicts', '-f', '-'], {
        input: configMap('compared', { a: '2' }),
      });
      expect(serverSide.stdout).toMatch(/^\+\s+a: "2"$/m);
    });
  });

  describe('edit and replace', () => {
    it('edit opens the editor and stores what it saved', async () => {
      await kubectl.ok('create', 'configmap', 'edited', '--from-literal=colour=red');
      const editor = kit.write('editor.sh', '#!/bin/sh\nsed -i s/red/green/ "$1"\n', 0o700);
      const { stdout, code } = await kubectl.run(['edit', 'configmap', 'edited'], { env: { KUBE_EDITOR: editor } });
      expect({ stdout, code }).toEqual({ stdout: 'configmap/edited edited\n', code: 0 });
      expect(await kubectl.ok('get', 'configmap', 'edited', '-o', 'jsonpath={.data.colour}')).toBe('green');
      const again = await kubectl.run(['edit', 'configmap', 'edited'], { env: { KUBE_EDITOR: editor } });
      expect(again).toMatchObject({ code: 0, stderr: 'Edit cancelled, no changes made.\n' });
    });

    it('replace, and replace --force makes it anew', async () => {
      await kubectl.okWith(configMap('replaced', { a: '1' }), 'create', '-f', '-');
      expect(await kubectl.okWith(configMap('replaced', { b: '2' }), 'replace', '-f', '-')).toBe('configmap/replaced replaced\n');
      const uid = await kubectl.ok('get', 'configmap', 'replaced', '-o', 'jsonpath={.metadata.uid}{.data}');
      expect(uid).toMatch(/\{"b":"2"\}$/);
      expect(await kubectl.okWith(configMap('replaced', { b: '2' }), 'replace', '--force', '-f', '-')).toBe(
        `configmap "replaced" deleted from ${kubectl.namespace} namespace\nconfigmap/replaced replaced\n`,
      );
      expect(await kubectl.ok('get', 'configmap', 'replaced', '-o', 'jsonpath={.metadata.uid}{.data}')).not.toBe(uid);
      expect(await kubectl.failsWith(configMap('nobody', {}), 'replace', '-f', '-')).toBe(
        'Error from server (NotFound): error when replacing "STDIN": configmaps "nobody" not found\n',
      );
    });

    it('replace of an older version is a conflict', async () => {
      await kubectl.ok('create', 'configmap', 'raced', '--from-literal=a=1');
      const old = await kubectl.ok('get', 'configmap', 'raced', '-o', 'yaml');
      await kubectl.ok('patch', 'configmap', 'raced', '-p', '{"data":{"a":"2"}}');
      expect(await kubectl.failsWith(old, 'replace', '-f', '-')).toBe(
        'Error from server (Conflict): error when replacing "STDIN": Operation cannot be fulfilled on configmaps "raced": the object has been modified; please apply your changes to the latest version and try again\n',
      );
    });
  });
});
