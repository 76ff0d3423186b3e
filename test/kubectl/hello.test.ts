// The tutorial that everybody begins with: run, expose, look, delete.
import { describeKubectl, type Tool } from '../support/kit.js';
import { aged, lines } from '../support/text.js';

describeKubectl('kubectl: the first tutorial', (kit) => {
  let kubectl: Tool;

  beforeAll(async () => {
    kubectl = await kit.inNewNamespace();
  });

  it('run makes a pod', async () => {
    expect(await kubectl.ok('run', 'hello-minikube', '--image=kicbase/echo-server:1.0', '--port=8080')).toBe(
      'pod/hello-minikube created\n',
    );
    expect(await kubectl.ok('wait', '--for=condition=Ready', 'pod/hello-minikube', '--timeout=20s')).toBe(
      'pod/hello-minikube condition met\n',
    );
    expect(aged(await kubectl.ok('get', 'pods'))).toBe('NAME  READY  STATUS  RESTARTS  AGE\nhello-minikube  1/1  Running  0  <age>\n');
  });

  it('run refuses the same name twice', async () => {
    expect(await kubectl.fails('run', 'hello-minikube', '--image=nginx')).toBe(
      'Error from server (AlreadyExists): pods "hello-minikube" already exists\n',
    );
  });

  it('the pod has an address on a node', async () => {
    const [head, row] = lines(aged(await kubectl.ok('get', 'pods', '-o', 'wide')));
    expect(head).toBe('NAME  READY  STATUS  RESTARTS  AGE  IP  NODE  NOMINATED NODE  READINESS GATES');
    expect(row).toMatch(/^hello-minikube {2}1\/1 {2}Running {2}0 {2}<age> {2}10\.244\.\d\.\d+ {2}node-\d {2}<none> {2}<none>$/);
  });

  it('expose makes a service that has the pod as its endpoint', async () => {
    expect(await kubectl.ok('expose', 'pod', 'hello-minikube', '--type=NodePort', '--port=8080')).toBe('service/hello-minikube exposed\n');
    const [head, row] = lines(aged(await kubectl.ok('get', 'services')));
    expect(head).toBe('NAME  TYPE  CLUSTER-IP  EXTERNAL-IP  PORT(S)  AGE');
    expect(row).toMatch(/^hello-minikube {2}NodePort {2}10\.(9[6-9]|10\d|11[01])\.\d+\.\d+ {2}<none> {2}8080:3[0-2]\d{3}\/TCP {2}<age>$/);

    const address = await kubectl.ok('get', 'pod', 'hello-minikube', '-o', 'jsonpath={.status.podIP}');
    const slice = ['endpointslice', '-l', 'kubernetes.io/service-name=hello-minikube'];
    await kubectl.ok('wait', '--for=create', ...slice, '--timeout=20s');
    await kubectl.ok('wait', '--for=jsonpath={.endpoints[0].conditions.ready}=true', ...slice, '--timeout=20s');
    expect(await kubectl.ok('get', ...slice, '-o', 'jsonpath={.items[0].endpoints[0].addresses[0]}:{.items[0].ports[0].port}')).toBe(
      `${address}:8080`,
    );
    expect(aged(await kubectl.ok('describe', 'service', 'hello-minikube'))).toMatch(
      new RegExp(`^Endpoints: {2}${address.replaceAll('.', '\\.')}:8080$`, 'm'),
    );
  });

  it('get all shows both', async () => {
    const text = aged(await kubectl.ok('get', 'all'));
    expect(text).toMatch(
      /^NAME {2}READY {2}STATUS {2}RESTARTS {2}AGE\npod\/hello-minikube {2}1\/1 {2}Running {2}0 {2}<age>\n\nNAME {2}TYPE .*\nservice\/hello-minikube {2}NodePort .*\n$/,
    );
  });

  it('describe shows the pod with its events', async () => {
    const text = aged(await kubectl.ok('describe', 'pod', 'hello-minikube'));
    expect(text).toMatch(/^Status: {2}Running$/m);
    expect(text).toMatch(/^Labels: {2}run=hello-minikube$/m);
    expect(text).toMatch(/^ {4}Image: {2}kicbase\/echo-server:1\.0$/m);
    expect(text).toMatch(/^ {4}Port: {2}8080\/TCP$/m);
    expect(text).toMatch(/^ {6}\/var\/run\/secrets\/kubernetes\.io\/serviceaccount from kube-api-access-[a-z0-9]{5} \(ro\)$/m);
    expect(text).toMatch(/^ {2}Ready {2}True$/m);
    const events = text.slice(text.indexOf('Events:\n'));
    for (const event of [
      /Normal {2}Scheduled {2}<age> {2}default-scheduler {2}Successfully assigned test-1\/hello-minikube to node-\d$/m,
      /Normal {2}Pulling {2}<age> {2}kubelet {2}.*Pulling image "kicbase\/echo-server:1\.0"$/m,
      /Normal {2}Pulled {2}<age> {2}kubelet {2}.*Successfully pulled image "kicbase\/echo-server:1\.0" in /m,
      /Normal {2}Created {2}<age> {2}kubelet {2}.*Container created$/m,
      /Normal {2}Started {2}<age> {2}kubelet {2}.*Container started$/m,
    ]) {
      expect(events).toMatch(event);
    }
  });

  it('events of one object', async () => {
    const [head, ...rows] = lines(await kubectl.ok('events', '--for', 'pod/hello-minikube'));
    expect(head).toMatch(/^LAST SEEN +TYPE +REASON +OBJECT +MESSAGE$/);
    expect(rows.some((row) => / Scheduled +Pod\/hello-minikube /.test(row))).toBe(true);
    expect(
      await kubectl.ok('get', 'events', '--field-selector', 'involvedObject.name=hello-minikube,reason=Started', '-o', 'name'),
    ).toMatch(/^event\/hello-minikube\.[0-9a-f]+\n$/);
  });

  it('logs show what the container printed', async () => {
    expect(await kubectl.ok('logs', 'hello-minikube')).toBe('kicbase/echo-server:1.0: started\n');
  });

  it('delete removes both, and says so', async () => {
    expect(await kubectl.ok('delete', 'service', 'hello-minikube')).toBe('service "hello-minikube" deleted from test-1 namespace\n');
    expect(await kubectl.ok('delete', 'pod', 'hello-minikube')).toBe('pod "hello-minikube" deleted from test-1 namespace\n');
    expect(await kubectl.fails('get', 'pod', 'hello-minikube')).toBe('Error from server (NotFound): pods "hello-minikube" not found\n');
    const { stdout, stderr } = await kubectl.run(['get', 'all']);
    expect({ stdout, stderr }).toEqual({ stdout: '', stderr: 'No resources found in test-1 namespace.\n' });
  });
});
