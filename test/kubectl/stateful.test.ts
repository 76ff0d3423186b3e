// Stateful sets and daemon sets by hand: roll out, history, roll back, restart, describe, delete.
import { describeKubectl, type Tool } from '../support/kit.js';
import { aged, lines, normalised } from '../support/text.js';

const manifest = (kind: string, name: string, spec: string): string => `
apiVersion: apps/v1
kind: ${kind}
metadata: {name: ${name}}
spec:
  selector: {matchLabels: {app: ${name}}}
  ${spec}
  template:
    metadata: {labels: {app: ${name}}}
    spec:
      terminationGracePeriodSeconds: 1
      containers: [{name: main, image: "nginx:1.27"}]
`;

describeKubectl('kubectl: stateful sets', (kit) => {
  let kubectl: Tool;
  const rolledOut = async (): Promise<string> => lines(await kubectl.ok('rollout', 'status', 'statefulset/db', '--timeout=20s')).at(-1)!;

  beforeAll(async () => {
    kubectl = await kit.inNewNamespace();
  });

  it('apply, rollout status, get', async () => {
    await kubectl.okWith(manifest('StatefulSet', 'db', 'replicas: 2\n  serviceName: peers'), 'apply', '-f', '-');
    expect(await rolledOut()).toBe('partitioned roll out complete: 2 new pods have been updated...');
    expect(normalised(await kubectl.ok('get', 'statefulsets,pods,controllerrevisions'))).toMatch(
      /^NAME {2}READY {2}AGE\nstatefulset\.apps\/db {2}2\/2 {2}<age>\n\nNAME {2}READY {2}STATUS {2}RESTARTS {2}AGE\npod\/db-0 {2}1\/1 {2}Running {2}0 {2}<age>\npod\/db-1 {2}1\/1 {2}Running {2}0 {2}<age>\n\nNAME {2}CONTROLLER {2}REVISION {2}AGE\ncontrollerrevision\.apps\/db-\S+ {2}statefulset\.apps\/db {2}1 {2}<age>\n$/,
    );
  });

  it('set image, history, undo', async () => {
    expect(await kubectl.ok('set', 'image', 'statefulset/db', 'main=nginx:1.28')).toBe('statefulset.apps/db image updated\n');
    await rolledOut();
    expect(await kubectl.ok('rollout', 'history', 'statefulset/db')).toBe(
      'statefulset.apps/db \nREVISION  CHANGE-CAUSE\n1         <none>\n2         <none>\n\n',
    );
    expect(await kubectl.ok('rollout', 'history', 'statefulset/db', '--revision=1')).toMatch(
      /^statefulset\.apps\/db with revision #1\nPod Template:\n {2}Labels:\tapp=db\n {2}Containers:\n {3}main:\n {4}Image:\tnginx:1\.27\n/,
    );
    expect(await kubectl.ok('rollout', 'undo', 'statefulset/db')).toBe('statefulset.apps/db rolled back\n');
    await rolledOut();
    expect(await kubectl.ok('get', 'pods', '-o', 'jsonpath={.items[*].spec.containers[0].image}')).toBe('nginx:1.27 nginx:1.27');
    expect(await kubectl.ok('rollout', 'history', 'statefulset/db')).toBe(
      'statefulset.apps/db \nREVISION  CHANGE-CAUSE\n2         <none>\n3         <none>\n\n',
    );
    expect(await kubectl.ok('rollout', 'undo', 'statefulset/db', '--to-revision=3')).toBe(
      'statefulset.apps/db skipped rollback (current template already matches revision 3)\n',
    );
  });

  it('rollout restart makes new pods of the same names', async () => {
    const uids = (): Promise<string> => kubectl.ok('get', 'pods', '-o', 'jsonpath={.items[*].metadata.uid}');
    const before = (await uids()).split(' ');
    expect(await kubectl.ok('rollout', 'restart', 'statefulset/db')).toBe('statefulset.apps/db restarted\n');
    await rolledOut();
    const after = (await uids()).split(' ');
    expect(after).toHaveLength(2);
    expect(after.filter((uid) => before.includes(uid))).toEqual([]);
  });

  it('scale, and describe', async () => {
    expect(await kubectl.ok('scale', 'statefulset/db', '--replicas=3')).toBe('statefulset.apps/db scaled\n');
    await rolledOut();
    const text = aged(await kubectl.ok('describe', 'statefulset', 'db'));
    expect(text).toMatch(/^Replicas: {2}3 desired \| 3 total$/m);
    expect(text).toMatch(/^Pods Status: {2}3 Running \/ 0 Waiting \/ 0 Succeeded \/ 0 Failed$/m);
    expect(text).toMatch(
      /Normal {2}SuccessfulCreate {2}<age> {2}statefulset-controller {2}[Cc]reate Pod db-2 in StatefulSet db successful$/m,
    );
  });

  it('delete takes pods and history with it', async () => {
    expect(await kubectl.ok('delete', 'statefulset', 'db')).toBe(`statefulset.apps "db" deleted from ${kubectl.namespace} namespace\n`);
    await kubectl.ok('wait', '--for=delete', 'pods,controllerrevisions', '-l', 'app=db', '--timeout=20s');
    expect(await kubectl.ok('get', 'pods,controllerrevisions', '-l', 'app=db', '-o', 'name')).toBe('');
  });
});

describeKubectl('kubectl: daemon sets', (kit) => {
  let kubectl: Tool;
  const rolledOut = async (): Promise<string> => lines(await kubectl.ok('rollout', 'status', 'daemonset/agent', '--timeout=20s')).at(-1)!;

  beforeAll(async () => {
    kubectl = await kit.inNewNamespace();
  });

  it('apply, rollout status, get', async () => {
    await kubectl.okWith(manifest('DaemonSet', 'agent', ''), 'apply', '-f', '-');
    expect(await rolledOut()).toBe('daemon set "agent" successfully rolled out');
    const nodes = lines(await kubectl.ok('get', 'nodes', '-o', 'name')).length;
    expect(normalised(await kubectl.ok('get', 'daemonsets'))).toBe(
      `NAME  DESIRED  CURRENT  READY  UP-TO-DATE  AVAILABLE  NODE SELECTOR  AGE\nagent  ${[nodes, nodes, nodes, nodes, nodes].join('  ')}  <none>  <age>\n`,
    );
  });

  it('set image, history, undo', async () => {
    expect(await kubectl.ok('set', 'image', 'daemonset/agent', 'main=nginx:1.28')).toBe('daemonset.apps/agent image updated\n');
    await rolledOut();
    expect(await kubectl.ok('rollout', 'history', 'daemonset/agent', '--revision=2')).toMatch(
      /^daemonset\.apps\/agent with revision #2\nPod Template:\n {2}Labels:\tapp=agent\n {2}Containers:\n {3}main:\n {4}Image:\tnginx:1\.28\n/,
    );
    expect(await kubectl.ok('rollout', 'undo', 'daemonset/agent', '--to-revision=1')).toBe('daemonset.apps/agent rolled back\n');
    await rolledOut();
    const images = await kubectl.ok('get', 'pods', '-l', 'app=agent', '-o', 'jsonpath={.items[*].spec.containers[0].image}');
    expect(new Set(images.split(' '))).toEqual(new Set(['nginx:1.27']));
    expect(await kubectl.ok('rollout', 'history', 'daemonset/agent')).toBe(
      'daemonset.apps/agent \nREVISION  CHANGE-CAUSE\n2         <none>\n3         <none>\n\n',
    );
    expect(await kubectl.ok('rollout', 'undo', 'daemonset/agent', '--to-revision=3')).toBe(
      'daemonset.apps/agent skipped rollback (current template already matches revision 3)\n',
    );
  });

  it('rollout restart makes new pods', async () => {
    const before = lines(await kubectl.ok('get', 'pods', '-l', 'app=agent', '-o', 'name'));
    expect(await kubectl.ok('rollout', 'restart', 'daemonset/agent')).toBe('daemonset.apps/agent restarted\n');
    await rolledOut();
    const after = lines(await kubectl.ok('get', 'pods', '-l', 'app=agent', '--field-selector=status.phase=Running', '-o', 'name'));
    expect(after).toHaveLength(before.length);
    expect(after.filter((name) => before.includes(name))).toEqual([]);
  });

  it('drain passes daemon pods over when asked to, describe tells what happened, delete takes all', async () => {
    const text = aged(await kubectl.ok('describe', 'daemonset', 'agent'));
    expect(text).toMatch(/^Number of Nodes Misscheduled: 0$/m);
    expect(text).toMatch(
      /Normal {2}SuccessfulCreate {2}<age>.* {2}daemonset-controller {2}(\(combined from similar events\): )?Created pod: agent-\w+$/m,
    );
    const node = lines(await kubectl.ok('get', 'nodes', '-o', 'jsonpath={.items[0].metadata.name}'))[0]!;
    expect(await kubectl.fails('drain', node)).toContain('cannot delete DaemonSet-managed Pods (use --ignore-daemonsets to ignore)');
    expect(await kubectl.ok('drain', node, '--ignore-daemonsets')).toMatch(/^node\/\S+ (already )?cordoned\nnode\/\S+ drained\n$/);
    await kubectl.ok('uncordon', node);
    expect(await kubectl.ok('delete', 'daemonset', 'agent')).toBe(`daemonset.apps "agent" deleted from ${kubectl.namespace} namespace\n`);
    await kubectl.ok('wait', '--for=delete', 'pods', '-l', 'app=agent', '--timeout=20s');
  });
});
