// Deployments by hand: create, scale, set image, roll out, roll back.
import { describeKubectl, type Tool } from '../support/kit.js';
import { aged, lines, normalised } from '../support/text.js';

describeKubectl('kubectl: deployments', (kit) => {
  let kubectl: Tool;
  const done = 'deployment "web" successfully rolled out';
  const rolledOut = async (): Promise<void> => {
    expect(lines(await kubectl.ok('rollout', 'status', 'deployment/web', '--timeout=20s')).at(-1)).toBe(done);
  };

  beforeAll(async () => {
    kubectl = await kit.inNewNamespace();
  });

  it('create deployment, rollout status', async () => {
    expect(await kubectl.ok('create', 'deployment', 'web', '--image=nginx:1.27', '--replicas=2', '--port=80')).toBe(
      'deployment.apps/web created\n',
    );
    await rolledOut();
  });

  it('get deployments, replica sets and pods', async () => {
    expect(normalised(await kubectl.ok('get', 'deployments,replicasets,pods'))).toBe(
      `NAME  READY  UP-TO-DATE  AVAILABLE  AGE
deployment.apps/web  2/2  2  2  <age>

NAME  DESIRED  CURRENT  READY  AGE
replicaset.apps/web-<hash>  2  2  2  <age>

NAME  READY  STATUS  RESTARTS  AGE
pod/web-<hash>-<id>  1/1  Running  0  <age>
pod/web-<hash>-<id>  1/1  Running  0  <age>
`,
    );
    expect(normalised(await kubectl.ok('get', 'deployments,replicasets', '-o', 'wide'))).toBe(
      `NAME  READY  UP-TO-DATE  AVAILABLE  AGE  CONTAINERS  IMAGES  SELECTOR
deployment.apps/web  2/2  2  2  <age>  nginx  nginx:1.27  app=web

NAME  DESIRED  CURRENT  READY  AGE  CONTAINERS  IMAGES  SELECTOR
replicaset.apps/web-<hash>  2  2  2  <age>  nginx  nginx:1.27  app=web,pod-template-hash=<hash>
`.replace('pod-template-hash=<hash>', await templateHash()),
    );
  });

  it('scale up and down', async () => {
    expect(await kubectl.ok('scale', 'deployment/web', '--replicas=4')).toBe('deployment.apps/web scaled\n');
    await rolledOut();
    expect(lines(await kubectl.ok('get', 'pods', '-l', 'app=web', '-o', 'name'))).toHaveLength(4);
    expect(await kubectl.fails('scale', 'deployment/web', '--current-replicas=7', '--replicas=1')).toBe(
      'error: Expected replicas to be 7, was 4\n',
    );
    expect(await kubectl.ok('scale', 'deployment/web', '--current-replicas=4', '--replicas=2')).toBe('deployment.apps/web scaled\n');
    await kubectl.ok('wait', '--for=jsonpath={.status.replicas}=2', 'deployment/web', '--timeout=20s');
  });

  it('set image rolls out a new revision', async () => {
    expect(await kubectl.ok('set', 'image', 'deployment/web', 'nginx=nginx:1.28')).toBe('deployment.apps/web image updated\n');
    await rolledOut();
    expect(await kubectl.ok('rollout', 'history', 'deployment/web')).toBe(
      'deployment.apps/web \nREVISION  CHANGE-CAUSE\n1         <none>\n2         <none>\n\n',
    );
    expect(await kubectl.ok('get', 'pods', '-l', 'app=web', '-o', 'jsonpath={.items[*].spec.containers[0].image}')).toMatch(/nginx:1\.28/);
  });

  it('rollout history of one revision shows its template', async () => {
    const text = await kubectl.ok('rollout', 'history', 'deployment/web', '--revision=1');
    expect(aged(text)).toMatch(
      /^deployment\.apps\/web with revision #1\nPod Template:\n {2}Labels:\tapp=web\n\tpod-template-hash=\w+\n {2}Containers:\n {3}nginx:\n {4}Image:\tnginx:1\.27\n/,
    );
    expect(await kubectl.fails('rollout', 'history', 'deployment/web', '--revision=9')).toBe(
      'error: unable to find the specified revision\n',
    );
  });

  it('rollout undo goes back', async () => {
    expect(await kubectl.ok('rollout', 'undo', 'deployment/web')).toBe('deployment.apps/web rolled back\n');
    await rolledOut();
    expect(await kubectl.ok('get', 'deployment', 'web', '-o', 'jsonpath={.spec.template.spec.containers[0].image}')).toBe('nginx:1.27');
    expect(await kubectl.ok('rollout', 'history', 'deployment/web')).toBe(
      'deployment.apps/web \nREVISION  CHANGE-CAUSE\n2         <none>\n3         <none>\n\n',
    );
    expect(await kubectl.ok('rollout', 'undo', 'deployment/web', '--to-revision=3')).toBe(
      'deployment.apps/web skipped rollback (current template already matches revision 3)\n',
    );
  });

  it('rollout restart makes new pods', async () => {
    const before = await kubectl.ok('get', 'pods', '-l', 'app=web', '-o', 'name');
    expect(await kubectl.ok('rollout', 'restart', 'deployment/web')).toBe('deployment.apps/web restarted\n');
    await rolledOut();
    const after = lines(await kubectl.ok('get', 'pods', '-l', 'app=web', '--field-selector=status.phase=Running', '-o', 'name'));
    expect(after.filter((name) => before.includes(name))).toEqual([]);
  });

  it('rollout pause holds changes until resume', async () => {
    expect(await kubectl.ok('rollout', 'pause', 'deployment/web')).toBe('deployment.apps/web paused\n');
    expect(await kubectl.fails('rollout', 'pause', 'deployment/web')).toBe('error: deployments.apps "web" is already paused\n');
    await kubectl.ok('set', 'image', 'deployment/web', 'nginx=nginx:1.29');
    await kubectl.ok(
      'wait',
      '--for=jsonpath={.status.conditions[?(@.type=="Progressing")].reason}=DeploymentPaused',
      'deployment/web',
      '--timeout=20s',
    );
    expect(await kubectl.ok('get', 'deployment', 'web', '-o', 'jsonpath={.status.updatedReplicas}')).toBe('');
    expect(await kubectl.ok('rollout', 'resume', 'deployment/web')).toBe('deployment.apps/web resumed\n');
    await rolledOut();
    expect(await kubectl.ok('get', 'deployment', 'web', '-o', 'jsonpath={.status.updatedReplicas}')).toBe('2');
  });

  it('set env and set resources change the template', async () => {
    expect(await kubectl.ok('set', 'env', 'deployment/web', 'COLOUR=blue')).toBe('deployment.apps/web env updated\n');
    expect(await kubectl.ok('set', 'resources', 'deployment/web', '--requests=cpu=10m,memory=16Mi')).toBe(
      'deployment.apps/web resource requirements updated\n',
    );
    await rolledOut();
    expect(await kubectl.ok('set', 'env', 'deployment/web', '--list')).toBe('# Deployment web, container nginx\nCOLOUR=blue\n');
    expect(await kubectl.ok('get', 'deployment', 'web', '-o', 'jsonpath={.spec.template.spec.containers[0].resources.requests}')).toBe(
      '{"cpu":"10m","memory":"16Mi"}',
    );
  });

  it('expose a deployment, autoscale it', async () => {
    expect(await kubectl.ok('expose', 'deployment', 'web', '--port=80', '--target-port=8080')).toBe('service/web exposed\n');
    expect(await kubectl.ok('get', 'service', 'web', '-o', 'jsonpath={.spec.selector}{.spec.ports[0].targetPort}')).toBe(
      '{"app":"web"}8080',
    );
    expect(await kubectl.ok('autoscale', 'deployment', 'web', '--min=1', '--max=5', '--cpu=50%')).toBe(
      'horizontalpodautoscaler.autoscaling/web autoscaled\n',
    );
    expect(aged(await kubectl.ok('get', 'hpa'))).toBe(
      'NAME  REFERENCE  TARGETS  MINPODS  MAXPODS  REPLICAS  AGE\nweb  Deployment/web  cpu: <unknown>/50%  1  5  0  <age>\n',
    );
  });

  it('describe tells what happened', async () => {
    const text = aged(await kubectl.ok('describe', 'deployment', 'web'));
    expect(text).toMatch(/^Selector: {2}app=web$/m);
    expect(text).toMatch(/^Replicas: {2}2 desired \| 2 updated \| 2 total \| 2 available \| 0 unavailable$/m);
    expect(text).toMatch(/^RollingUpdateStrategy: {2}25% max unavailable, 25% max surge$/m);
    // Which condition comes first depends on which changed last.
    expect(text).toMatch(/^ {2}Progressing {2}True {2}NewReplicaSetAvailable$/m);
    expect(text).toMatch(/^ {2}Available {2}True {2}MinimumReplicasAvailable$/m);
    expect(text).toMatch(/Normal {2}ScalingReplicaSet {2}<age> {2}deployment-controller {2}Scaled up replica set web-\w+ from 0 to 2$/m);
  });

  it('delete takes replica sets and pods with it', async () => {
    expect(await kubectl.ok('delete', 'deployment', 'web')).toBe(`deployment.apps "web" deleted from ${kubectl.namespace} namespace\n`);
    await kubectl.ok('wait', '--for=delete', 'replicasets,pods', '-l', 'app=web', '--timeout=20s');
    expect(await kubectl.ok('get', 'replicasets,pods', '-l', 'app=web', '-o', 'name')).toBe('');
  });

  async function templateHash(): Promise<string> {
    return `pod-template-hash=${await kubectl.ok('get', 'replicasets', '-o', 'jsonpath={.items[0].metadata.labels.pod-template-hash}')}`;
  }
});
