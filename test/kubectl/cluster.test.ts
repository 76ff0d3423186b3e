// What a person asks of a new cluster: where is it, what is it, what does it hold.
import { describeKubectl } from '../support/kit.js';
import { aged, lines } from '../support/text.js';

describeKubectl('kubectl: a new cluster', (kit) => {
  it('cluster-info names the address', async () => {
    const text = await kit.kubectl().ok('cluster-info');

    expect(text.replace(/\u001b\[[\d;]*m/g, '')).toBe(
      `Kubernetes control plane is running at ${kit.cluster.url}\n\nTo further debug and diagnose cluster problems, use 'kubectl cluster-info dump'.\n`,
    );
  });

  it('cluster-info dump lists the nodes', async () => {
    const text = await kit.kubectl().ok('cluster-info', 'dump');
    expect(text).toContain('"kind": "NodeList"');
    expect(text).toContain('"name": "node-2"');
  });

  it('version names the reference', async () => {
    expect(await kit.kubectl().ok('version')).toMatch(/^Client Version: v1\..*\nKustomize Version: .*\nServer Version: v1\.36\.3\n$/);
  });

  it('get nodes', async () => {
    expect(aged(await kit.kubectl().ok('get', 'nodes'))).toBe(
      `NAME  STATUS  ROLES  AGE  VERSION
node-0  Ready  <none>  <age>  v1.36.3
node-1  Ready  <none>  <age>  v1.36.3
node-2  Ready  <none>  <age>  v1.36.3
`,
    );
  });

  it('get nodes -o wide', async () => {
    const [head, first] = lines(aged(await kit.kubectl().ok('get', 'nodes', '-o', 'wide')));
    expect(head).toBe('NAME  STATUS  ROLES  AGE  VERSION  INTERNAL-IP  EXTERNAL-IP  OS-IMAGE  KERNEL-VERSION  CONTAINER-RUNTIME');
    expect(first).toMatch(/^node-0 {2}Ready {2}<none> {2}<age> {2}v1\.36\.3 {2}127\.0\.0\.1 {2}<none> {2}/);
  });

  it('describe node', async () => {
    const text = aged(await kit.kubectl().ok('describe', 'node', 'node-1'));
    for (const part of [
      /^Name: {2}node-1$/m,
      /^Taints: {2}<none>$/m,
      /^Unschedulable: {2}false$/m,
      /^Lease:\n {2}HolderIdentity: {2}node-1$/m,
      /^ {2}Ready {2}True {2}.*KubeletReady {2}kubelet is posting ready status$/m,
      /^PodCIDR: {2}10\.244\.1\.0\/24$/m,
      /^Non-terminated Pods: {2}\(0 in total\)$/m,
    ]) {
      expect(text).toMatch(part);
    }
  });

  it('get namespaces', async () => {
    expect(aged(await kit.kubectl().ok('get', 'namespaces'))).toBe(
      'NAME  STATUS  AGE\ndefault  Active  <age>\nkube-node-lease  Active  <age>\nkube-public  Active  <age>\nkube-system  Active  <age>\n',
    );
  });

  it('get all in all namespaces: the API server and the metrics API have services', async () => {
    expect(
      aged(await kit.kubectl().ok('get', 'all', '--all-namespaces')).replace(/(metrics-server {2}ClusterIP {2})[\d.]+/, '$1<ip>'),
    ).toBe(
      'NAMESPACE  NAME  TYPE  CLUSTER-IP  EXTERNAL-IP  PORT(S)  AGE\ndefault  service/kubernetes  ClusterIP  10.96.0.1  <none>  443/TCP  <age>\nkube-system  service/metrics-server  ClusterIP  <ip>  <none>  443/TCP  <age>\n',
    );
  });

  it('api-resources lists all that there is', async () => {
    const rows = lines(aged(await kit.kubectl().ok('api-resources')));
    expect(rows[0]).toBe('NAME  SHORTNAMES  APIVERSION  NAMESPACED  KIND');
    // 60 that can be listed and 7 that can only be created; a few have no verb that kubectl shows.
    expect(rows.length).toBeGreaterThan(60);
    for (const row of [
      'pods  po  v1  true  Pod',
      'deployments  deploy  apps/v1  true  Deployment',
      'namespaces  ns  v1  false  Namespace',
      'customresourcedefinitions  crd,crds  apiextensions.k8s.io/v1  false  CustomResourceDefinition',
    ]) {
      expect(rows).toContain(row);
    }
  });

  it('api-resources of a group, by name, with verbs', async () => {
    const kubectl = kit.kubectl();
    expect(lines(await kubectl.ok('api-resources', '--api-group', 'apps', '-o', 'name'))).toEqual([
      'controllerrevisions.apps',
      'daemonsets.apps',
      'deployments.apps',
      'replicasets.apps',
      'statefulsets.apps',
    ]);
    expect(lines(await kubectl.ok('api-resources', '--namespaced=false', '--verbs=list,watch', '-o', 'name'))).toContain('nodes');
    expect(await kubectl.ok('api-resources', '--api-group', 'batch', '-o', 'wide')).toMatch(
      /create,delete,deletecollection,get,list,patch,update,watch/,
    );
  });

  it('api-versions', async () => {
    const versions = lines(await kit.kubectl().ok('api-versions'));
    expect(versions).toEqual([...versions].sort());
    expect(versions).toEqual(expect.arrayContaining(['v1', 'apps/v1', 'autoscaling/v2', 'batch/v1', 'rbac.authorization.k8s.io/v1']));
  });

  it('get --raw', async () => {
    const kubectl = kit.kubectl();
    expect(JSON.parse(await kubectl.ok('get', '--raw', '/version'))).toMatchObject({ major: '1', minor: '36', gitVersion: 'v1.36.3' });
    for (const path of ['/healthz', '/livez', '/readyz']) expect(await kubectl.ok('get', '--raw', path)).toBe('ok');
    expect(JSON.parse(await kubectl.ok('get', '--raw', '/api/v1/namespaces/default'))).toMatchObject({
      kind: 'Namespace',
      metadata: { name: 'default' },
    });
    expect(await kubectl.fails('get', '--raw', '/nope')).toBe(
      'Error from server (NotFound): the server could not find the requested resource\n',
    );
  });

  it('config view hides the keys', async () => {
    const kubectl = kit.kubectl();
    expect(await kubectl.ok('config', 'current-context')).toBe('kubernetes-admin@kubedouble\n');
    const text = await kubectl.ok('config', 'view');
    expect(text).toContain(`server: ${kit.cluster.url}\n`);
    expect(text).toContain('certificate-authority-data: DATA+OMITTED\n');
    expect(text).toContain('client-key-data: DATA+OMITTED\n');
    expect(text).not.toContain('PRIVATE');
  });
});
