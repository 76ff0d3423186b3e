// Nodes as an administrator handles them: cordon, drain, taint.
import { describeKubectl, type Tool } from '../support/kit.js';
import { deployment } from '../support/manifests.js';
import { aged, lines } from '../support/text.js';

describeKubectl('kubectl: nodes', (kit) => {
  let kubectl: Tool;

  beforeAll(async () => {
    kubectl = await kit.inNewNamespace();
  });

  it('cordon and uncordon', async () => {
    expect(await kubectl.ok('cordon', 'node-1')).toBe('node/node-1 cordoned\n');
    expect(await kubectl.ok('cordon', 'node-1')).toBe('node/node-1 already cordoned\n');
    expect(aged(await kubectl.ok('get', 'node', 'node-1'))).toBe(
      'NAME  STATUS  ROLES  AGE  VERSION\nnode-1  Ready,SchedulingDisabled  <none>  <age>  v1.36.3\n',
    );
    expect(await kubectl.ok('uncordon', 'node-1')).toBe('node/node-1 uncordoned\n');
  });

  it('drain moves the pods elsewhere', async () => {
    await kubectl.okWith(deployment('web', { replicas: 6 }), 'apply', '-f', '-');
    await kubectl.ok('rollout', 'status', 'deployment/web', '--timeout=20s');
    const onNode = ['get', 'pods', '-l', 'app=web', '--field-selector', 'spec.nodeName=node-0', '-o', 'name'];
    const before = lines(await kubectl.ok(...onNode));
    expect(before).toHaveLength(2);

    const text = await kubectl.ok('drain', 'node-0', '--timeout=20s');
    expect(lines(text)[0]).toBe('node/node-0 cordoned');
    for (const pod of before) expect(text).toContain(`${pod} evicted\n`);
    expect(lines(text).at(-1)).toBe('node/node-0 drained');
    expect(await kubectl.ok(...onNode)).toBe('');
    await kubectl.ok('rollout', 'status', 'deployment/web', '--timeout=20s');
    await kubectl.ok('wait', '--for=jsonpath={.status.readyReplicas}=6', 'deployment/web', '--timeout=20s');
    await kubectl.ok('uncordon', 'node-0');
  });

  it('drain refuses pods that nobody would make again', async () => {
    await kubectl.ok('run', 'alone', '--image=nginx', '--overrides={"spec":{"nodeName":"node-1"}}');
    await kubectl.ok('wait', '--for=condition=Ready', 'pod/alone', '--timeout=20s');
    expect(await kubectl.fails('drain', 'node-1')).toContain(
      `cannot delete Pods that declare no controller (use --force to override): ${kubectl.namespace}/alone`,
    );
    expect(await kubectl.ok('drain', 'node-1', '--force', '--timeout=20s')).toContain('pod/alone evicted\n');
    await kubectl.ok('uncordon', 'node-1');
  });

  it('taints keep pods away unless they tolerate them', async () => {
    for (const node of ['node-0', 'node-1', 'node-2'])
      expect(await kubectl.ok('taint', 'nodes', node, 'team=red:NoSchedule')).toBe(`node/${node} tainted\n`);
    expect(await kubectl.fails('taint', 'nodes', 'node-0', 'team=red:NoSchedule')).toBe(
      'error: node node-0 already has team taint(s) with same effect(s) and --overwrite is false\n',
    );
    await kubectl.ok('run', 'other', '--image=nginx');
    await kubectl.ok('wait', '--for=condition=PodScheduled=false', 'pod/other', '--timeout=20s');
    await kubectl.ok(
      'run',
      'red',
      '--image=nginx',
      '--overrides={"spec":{"tolerations":[{"key":"team","operator":"Equal","value":"red","effect":"NoSchedule"}]}}',
    );
    await kubectl.ok('wait', '--for=condition=Ready', 'pod/red', '--timeout=20s');
    expect(await kubectl.ok('get', 'pod', 'other', '-o', 'jsonpath={.status.conditions[?(@.type=="PodScheduled")].message}')).toContain(
      '0/3 nodes are available: 3 node(s) had untolerated taint',
    );
    expect(await kubectl.ok('taint', 'nodes', '--all', 'team-')).toBe(
      'node/node-0 untainted\nnode/node-1 untainted\nnode/node-2 untainted\n',
    );
    await kubectl.ok('wait', '--for=condition=Ready', 'pod/other', '--timeout=20s');
  });

  it('a NoExecute taint evicts', async () => {
    await kubectl.ok('run', 'guest', '--image=nginx', '--overrides={"spec":{"nodeName":"node-2"}}');
    await kubectl.ok('wait', '--for=condition=Ready', 'pod/guest', '--timeout=20s');
    await kubectl.ok('taint', 'nodes', 'node-2', 'down=now:NoExecute');
    await kubectl.ok('wait', '--for=delete', 'pod/guest', '--timeout=20s');
    await kubectl.ok('taint', 'nodes', 'node-2', 'down-');
  });

  it('clear words for what cannot be', async () => {
    expect(await kubectl.fails('drain', 'nosuch')).toBe('Error from server (NotFound): nodes "nosuch" not found\n');
    expect(await kubectl.fails('cordon', 'nosuch')).toBe('Error from server (NotFound): nodes "nosuch" not found\n');
    expect(await kubectl.fails('taint', 'nodes', 'node-0', 'a=b:Bad')).toMatch(
      /^error: invalid taint effect: Bad, unsupported taint effect\n/,
    );
  });
});
