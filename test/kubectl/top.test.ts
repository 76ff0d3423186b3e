// kubectl top, and kubectl autoscale with what comes of it.
import { describeKubectl, type Tool } from '../support/kit.js';
import { lines } from '../support/text.js';

const pod = (name: string, annotations = ''): string => `
apiVersion: v1
kind: Pod
metadata: {name: ${name}, labels: {app: ${name}}, annotations: {${annotations}}}
spec: {containers: [{name: main, image: nginx, resources: {requests: {cpu: 500m, memory: 200Mi}}}]}
`;

describeKubectl('kubectl: top', (kit) => {
  let kubectl: Tool;

  beforeAll(async () => {
    kubectl = await kit.inNewNamespace();
    const busy = pod('busy', '"kubedouble.dev/cpu-usage": 250m, "kubedouble.dev/memory-usage": 64Mi');
    await kubectl.okWith(`${busy}---${pod('usual')}`, 'apply', '-f', '-');
    await kubectl.ok('wait', '--for=condition=Ready', 'pod/busy', 'pod/usual', '--timeout=30s');
  });

  it('pods, by what their annotations say or a tenth of what they request', async () => {
    expect(lines(await kubectl.ok('top', 'pods', '--no-headers')).map((line) => line.trim().split(/\s+/))).toEqual([
      ['busy', '250m', '64Mi'],
      ['usual', '50m', '20Mi'],
    ]);
    expect(await kubectl.ok('top', 'pods', '-l', 'app=busy', '--containers', '--no-headers')).toMatch(/^busy +main +250m +64Mi *\n$/);
    expect(await kubectl.ok('top', 'pod', 'usual', '--no-headers')).toMatch(/^usual +50m +20Mi *\n$/);
  });

  it('nodes', async () => {
    const rows = lines(await kubectl.ok('top', 'nodes', '--no-headers')).map((line) => line.trim().split(/\s+/));
    const names = lines(await kubectl.ok('get', 'nodes', '-o', 'name')).map((name) => name.replace('node/', ''));
    expect(rows.map(([name]) => name)).toEqual(names);
    for (const [, cpu, percent] of rows) expect([Number.parseInt(cpu!) >= 100, percent]).toEqual([true, expect.stringMatching(/^\d+%$/)]);
  });

  it('is a part of the API like any other', async () => {
    expect(lines(await kubectl.ok('api-resources', '--api-group=metrics.k8s.io', '--no-headers', '-o', 'name'))).toEqual([
      'nodes.metrics.k8s.io',
      'pods.metrics.k8s.io',
    ]);
    expect(await kubectl.ok('get', 'pods.metrics.k8s.io')).toMatch(
      /^NAME +CPU +MEMORY +WINDOW\nbusy +250m +64Mi +15s\nusual +50m +20Mi +15s\n$/,
    );
    expect(await kubectl.fails('get', 'pods.metrics.k8s.io', 'nobody')).toBe(
      `Error from server (NotFound): podmetrics.metrics.k8s.io "${kubectl.namespace}/nobody" not found\n`,
    );
    expect(await kubectl.ok('explain', 'pods', '--api-version=metrics.k8s.io/v1beta1')).toContain('KIND:       PodMetrics');
    expect(await kubectl.fails('delete', 'pods.metrics.k8s.io', 'busy')).toContain(
      'the server does not allow this method on the requested resource',
    );
  });

  it('autoscale', async () => {
    await kubectl.ok('create', 'deployment', 'web', '--image=nginx', '--replicas=2');
    expect(await kubectl.ok('autoscale', 'deployment', 'web', '--cpu=50%', '--min=1', '--max=5')).toContain('web autoscaled');
    expect(await kubectl.ok('get', 'hpa', 'web', '--no-headers')).toMatch(/^web +Deployment\/web +cpu: <unknown>\/50% +1 +5 +/);
  });
});
