// Pods as people watch over them: logs, restarts, waits, deletion, and the clear word for what is not there.
import { describeKubectl, type Tool } from '../support/kit.js';
import { aged, lines } from '../support/text.js';

describeKubectl('kubectl: pods', (kit) => {
  let kubectl: Tool;
  const shell = (name: string, script: string, ...more: string[]): Promise<string> =>
    kubectl.ok('run', name, '--image=busybox', ...more, '--', 'sh', '-c', script);
  const wait = (name: string, condition: string): Promise<string> =>
    kubectl.ok('wait', `--for=${condition}`, `pod/${name}`, '--timeout=20s');

  beforeAll(async () => {
    kubectl = await kit.inNewNamespace();
  });

  it('logs: all, the last lines, with time stamps, by label', async () => {
    await shell('talks', 'echo one; echo two; echo three; sleep 1000', '--labels=app=talks');
    await wait('talks', 'condition=Ready');
    expect(await kubectl.ok('logs', 'talks')).toBe('one\ntwo\nthree\n');
    expect(await kubectl.ok('logs', 'talks', '--tail=2')).toBe('two\nthree\n');
    expect(await kubectl.ok('logs', 'talks', '--limit-bytes=3')).toBe('one');
    expect(await kubectl.ok('logs', 'talks', '--since=1h', '-c', 'talks')).toBe('one\ntwo\nthree\n');
    expect(lines(await kubectl.ok('logs', 'talks', '--timestamps'))[0]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z one$/);
    expect(await kubectl.ok('logs', '-l', 'app=talks', '--prefix', '--tail=1')).toBe('[pod/talks/talks] three\n');
  });

  it('logs -f goes on until the container ends', async () => {
    await shell('counts', 'for i in 1 2 3; do echo $i; sleep 0.2; done', '--restart=Never');
    await wait('counts', 'jsonpath={.status.phase}=Running');
    const following = kubectl.start('logs', '-f', 'counts');
    expect(await following.ended).toMatchObject({ code: 0, stdout: '1\n2\n3\n' });
  });

  it('logs --previous after a restart', async () => {
    await shell('crashes', 'echo boom; exit 1');
    await wait('crashes', 'jsonpath={.status.containerStatuses[0].restartCount}=1');
    expect(await kubectl.ok('logs', 'crashes', '--previous')).toBe('boom\n');
    await wait('crashes', 'jsonpath={.status.containerStatuses[0].state.waiting.reason}=CrashLoopBackOff');
    expect(aged(await kubectl.ok('get', 'pod', 'crashes'))).toMatch(
      /\ncrashes {2}0\/1 {2}CrashLoopBackOff {2}\d \(<age> ago\) {2}<age>\n$/,
    );
    const text = aged(await kubectl.ok('describe', 'pod', 'crashes'));
    expect(text).toMatch(/^ {4}Last State: {2}Terminated\n {6}Reason: {2}Error\n {6}Exit Code: {2}1\n/m);
    expect(text).toMatch(/Warning {2}BackOff {2}.*Back-off restarting failed container crashes in pod crashes_/);
  });

  it('logs of what has none', async () => {
    expect(await kubectl.fails('logs', 'nosuch')).toBe(
      `error: error from server (NotFound): pods "nosuch" not found in namespace "${kubectl.namespace}"\n`,
    );
    expect(await kubectl.fails('logs', 'talks', '-c', 'nosuch')).toBe('error: container nosuch is not valid for pod talks\n');
    expect(await kubectl.fails('logs', 'talks', '--previous')).toBe(
      'Error from server (BadRequest): previous terminated container "talks" in pod "talks" not found\n',
    );
  });

  it('a pod that ends is Completed or Error', async () => {
    await shell('good', 'echo done', '--restart=Never');
    await shell('bad', 'exit 3', '--restart=Never');
    await wait('good', 'jsonpath={.status.phase}=Succeeded');
    await wait('bad', 'jsonpath={.status.phase}=Failed');
    expect(aged(await kubectl.ok('get', 'pods', 'good', 'bad'))).toBe(
      'NAME  READY  STATUS  RESTARTS  AGE\ngood  0/1  Completed  0  <age>\nbad  0/1  Error  0  <age>\n',
    );
    expect(await kubectl.ok('get', 'pod', 'bad', '-o', 'jsonpath={.status.containerStatuses[0].state.terminated.exitCode}')).toBe('3');
    expect(await kubectl.fails('exec', 'good', '--', 'ls')).toBe(
      'error: cannot exec into a container in a completed pod; current phase is Succeeded\n',
    );
  });

  it('an image that cannot be pulled', async () => {
    await kubectl.ok('run', 'imageless', '--image=registry.invalid/app:1');
    await wait('imageless', 'jsonpath={.status.containerStatuses[0].state.waiting.reason}=ImagePullBackOff');
    expect(aged(await kubectl.ok('get', 'pod', 'imageless'))).toMatch(
      /\nimageless {2}0\/1 {2}(ImagePullBackOff|ErrImagePull) {2}0 {2}<age>\n$/,
    );
    expect(await kubectl.ok('describe', 'pod', 'imageless')).toMatch(/Warning +Failed .*Failed to pull image "registry\.invalid\/app:1"/);
  });

  it('a pod that fits no node stays Pending and says why', async () => {
    await kubectl.ok(
      'run',
      'huge',
      '--image=nginx',
      '--overrides={"spec":{"containers":[{"name":"huge","image":"nginx","resources":{"requests":{"cpu":"500"}}}]}}',
    );
    await wait('huge', 'condition=PodScheduled=false');
    expect(aged(await kubectl.ok('get', 'pod', 'huge'))).toBe('NAME  READY  STATUS  RESTARTS  AGE\nhuge  0/1  Pending  0  <age>\n');
    expect(await kubectl.ok('describe', 'pod', 'huge')).toMatch(
      /Warning +FailedScheduling .*0\/3 nodes are available: 3 Insufficient cpu\./,
    );
  });

  it('exec, attach, cp and port-forward say that they are not served, or that there is no pod', async () => {
    for (const args of [
      ['exec', 'talks', '--', 'ls'],
      ['cp', 'talks:/etc/hosts', '/dev/null'],
    ]) {
      expect(await kubectl.fails(...args)).toContain('pods/exec is not simulated: ');
    }
    expect(await kubectl.fails('attach', 'talks')).toContain('pods/attach is not simulated: ');
    expect(await kubectl.fails('port-forward', 'talks', '0:80')).toContain('pods/portforward is not simulated: ');
    expect(await kubectl.fails('exec', 'nosuch', '--', 'ls')).toBe('Error from server (NotFound): pods "nosuch" not found\n');
    expect(await kubectl.fails('cp', 'nosuch:/etc/hosts', '/dev/null')).toBe('Error from server (NotFound): pods "nosuch" not found\n');
  });

  it('wait: until it is created, ready, gone, and not for ever', async () => {
    const waiting = kubectl.start('wait', '--for=create', 'pod/late', '--timeout=20s');
    await kubectl.ok('run', 'late', '--image=nginx');
    expect((await waiting.ended).stdout).toBe('pod/late condition met\n');
    await wait('late', 'condition=Ready');
    const leaving = kubectl.start('wait', '--for=delete', 'pod/late', '--timeout=20s');
    await kubectl.ok('delete', 'pod', 'late');
    expect((await leaving.ended).code).toBe(0);
    expect(await kubectl.fails('wait', '--for=condition=Ready', 'pod/late', '--timeout=1s')).toBe(
      'Error from server (NotFound): pods "late" not found\n',
    );
    expect(await kubectl.fails('wait', '--for=condition=Nonsense', 'pod/talks', '--timeout=1s')).toBe(
      'error: timed out waiting for the condition on pods/talks\n',
    );
  });

  it('delete: by label, at once by force, all', async () => {
    expect(await kubectl.ok('delete', 'pods', '-l', 'app=talks')).toBe(`pod "talks" deleted from ${kubectl.namespace} namespace\n`);
    const forced = await kubectl.run(['delete', 'pod', 'crashes', '--grace-period=0', '--force']);
    expect(forced).toMatchObject({ code: 0, stdout: `pod "crashes" force deleted from ${kubectl.namespace} namespace\n` });
    expect(forced.stderr).toMatch(/^Warning: Immediate deletion does not wait for confirmation/);
    expect(await kubectl.ok('delete', 'pods', '-l', 'app=nobody')).toBe('No resources found\n');
    await kubectl.ok('delete', 'pods', '--all');
    expect(await kubectl.ok('get', 'pods', '-o', 'name')).toBe('');
  });
});
