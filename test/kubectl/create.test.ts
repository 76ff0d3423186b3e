// kubectl create in its many forms; its bodies are protobuf.
import { describeKubectl, type Tool } from '../support/kit.js';
import { aged } from '../support/text.js';

describeKubectl('kubectl: create', (kit) => {
  let kubectl: Tool;

  beforeAll(async () => {
    kubectl = await kit.inNewNamespace();
  });

  /** The command, what it prints, what `kubectl get` shows then. */
  const cases: readonly (readonly [args: string, says: string, table: string])[] = [
    ['configmap c --from-literal=a=1', 'configmap/c', 'NAME  DATA  AGE\nc  1  <age>\n'],
    ['secret generic s --from-literal=a=1', 'secret/s', 'NAME  TYPE  DATA  AGE\ns  Opaque  1  <age>\n'],
    [
      'secret docker-registry reg --docker-username=u --docker-password=p',
      'secret/reg',
      'NAME  TYPE  DATA  AGE\nreg  kubernetes.io/dockerconfigjson  1  <age>\n',
    ],
    ['serviceaccount robot', 'serviceaccount/robot', 'NAME  AGE\nrobot  <age>\n'],
    ['deployment d --image=nginx --replicas=0', 'deployment.apps/d', 'NAME  READY  UP-TO-DATE  AVAILABLE  AGE\nd  0/0  0  0  <age>\n'],
    [
      'service externalname en --external-name=example.com',
      'service/en',
      'NAME  TYPE  CLUSTER-IP  EXTERNAL-IP  PORT(S)  AGE\nen  ExternalName  <none>  example.com  <none>  <age>\n',
    ],
    [
      'service clusterip headless --clusterip=None',
      'service/headless',
      'NAME  TYPE  CLUSTER-IP  EXTERNAL-IP  PORT(S)  AGE\nheadless  ClusterIP  None  <none>  <none>  <age>\n',
    ],
    ['role r --verb=get,list --resource=pods', 'role.rbac.authorization.k8s.io/r', 'NAME  CREATED AT\nr  <time>\n'],
    [
      'rolebinding rb --role=r --serviceaccount=x:robot',
      'rolebinding.rbac.authorization.k8s.io/rb',
      'NAME  ROLE  AGE\nrb  Role/r  <age>\n',
    ],
    ['clusterrole cr --verb=get --resource=nodes', 'clusterrole.rbac.authorization.k8s.io/cr', 'NAME  CREATED AT\ncr  <time>\n'],
    [
      'clusterrolebinding crb --clusterrole=cr --user=bob',
      'clusterrolebinding.rbac.authorization.k8s.io/crb',
      'NAME  ROLE  AGE\ncrb  ClusterRole/cr  <age>\n',
    ],
    [
      'cronjob cj --image=busybox --schedule=*/5_*_*_*_* -- date',
      'cronjob.batch/cj',
      'NAME  SCHEDULE  TIMEZONE  SUSPEND  ACTIVE  LAST SCHEDULE  AGE\ncj  */5 * * * *  <none>  False  0  <none>  <age>\n',
    ],
    [
      'priorityclass high --value=1000',
      'priorityclass.scheduling.k8s.io/high',
      'NAME  VALUE  GLOBAL-DEFAULT  AGE  PREEMPTIONPOLICY\nhigh  1000  false  <age>  PreemptLowerPriority\n',
    ],
    [
      'ingress i --rule=example.com/path=web:80',
      'ingress.networking.k8s.io/i',
      'NAME  CLASS  HOSTS  ADDRESS  PORTS  AGE\ni  <none>  example.com  80  <age>\n',
    ],
    ['namespace kt-made', 'namespace/kt-made', 'NAME  STATUS  AGE\nkt-made  Active  <age>\n'],
  ];

  it.each(cases)('create %s', async (args, says, table) => {
    const words = args.split(' ').map((word) => word.replaceAll('_', ' '));
    expect(await kubectl.ok('create', ...words)).toBe(`${says} created\n`);
    expect(aged(await kubectl.ok('get', says)).replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/, '<time>')).toBe(table);
    expect(await kubectl.fails('create', ...words)).toMatch(/already exists\n$/);
  });

  it('create service: addresses and node ports from their ranges', async () => {
    await kubectl.ok('create', 'service', 'clusterip', 'web', '--tcp=80:8080');
    expect(
      await kubectl.ok('get', 'service', 'web', '-o', 'jsonpath={.spec.clusterIP} {.spec.ports[0].targetPort} {.spec.selector}'),
    ).toMatch(/^10\.(9[6-9]|10\d|11[01])\.\d+\.\d+ 8080 \{"app":"web"\}$/);
    await kubectl.ok('create', 'service', 'nodeport', 'open', '--tcp=80', '--node-port=30100');
    expect(await kubectl.ok('get', 'service', 'open', '-o', 'jsonpath={.spec.ports[0].nodePort}')).toBe('30100');
    expect(await kubectl.fails('create', 'service', 'nodeport', 'again', '--tcp=80', '--node-port=30100')).toMatch(
      /spec\.ports\[0\]\.nodePort: Invalid value: 30100: provided port is already allocated\n$/,
    );
    await kubectl.ok('create', 'service', 'loadbalancer', 'lb', '--tcp=80');
    await kubectl.ok('wait', 'service/lb', '--for=jsonpath={.status.loadBalancer.ingress[0].ip}', '--timeout=20s');
    expect(aged(await kubectl.ok('get', 'service', 'lb'))).toMatch(
      /^.*\nlb {2}LoadBalancer {2}10\.[\d.]+ {2}203\.0\.113\.\d+ {2}80:3[0-2]\d{3}\/TCP {2}<age>\n$/,
    );
  });

  it('create job stores a job with its labels', async () => {
    expect(await kubectl.ok('create', 'job', 'j', '--image=busybox', '--', 'echo', 'hi')).toBe('job.batch/j created\n');
    const job = JSON.parse(await kubectl.ok('get', 'job', 'j', '-o', 'json'));
    expect(job).toMatchObject({
      spec: {
        backoffLimit: 6,
        completions: 1,
        parallelism: 1,
        template: {
          metadata: { labels: { 'job-name': 'j' } },
          spec: { restartPolicy: 'Never', containers: [{ name: 'j', image: 'busybox', command: ['echo', 'hi'] }] },
        },
      },
    });
    expect(await kubectl.ok('create', 'job', 'now', '--from=cronjob/cj')).toBe('job.batch/now created\n');
  });

  it('create quota and pod disruption budget', async () => {
    expect(await kubectl.ok('create', 'quota', 'q', '--hard=pods=10,cpu=4')).toBe('resourcequota/q created\n');
    expect(await kubectl.ok('get', 'quota', 'q', '-o', 'jsonpath={.spec.hard}')).toBe('{"cpu":"4","pods":"10"}');
    expect(await kubectl.ok('create', 'poddisruptionbudget', 'p', '--selector=app=web', '--min-available=1')).toBe(
      'poddisruptionbudget.policy/p created\n',
    );
    expect(await kubectl.ok('get', 'pdb', 'p', '-o', 'jsonpath={.spec.minAvailable} {.spec.selector.matchLabels}')).toBe('1 {"app":"web"}');
  });

  it('create token gives one that the API server takes', async () => {
    const token = (await kubectl.ok('create', 'token', 'robot', '--duration=1h')).trim();
    expect(token.split('.')).toHaveLength(3);
    const text = await kubectl.ok(
      'auth',
      'whoami',
      '--token',
      token,
      '--kubeconfig',
      withoutUser(),
      '-o',
      'jsonpath={.status.userInfo.username}',
    );
    expect(text).toBe(`system:serviceaccount:${kubectl.namespace}:robot`);
    expect(await kubectl.fails('get', 'pods', '--token', `${token}x`, '--kubeconfig', withoutUser())).toBe(
      'error: You must be logged in to the server (Unauthorized)\n',
    );
    expect(await kubectl.fails('create', 'token', 'nosuch')).toBe('error: failed to create token: serviceaccounts "nosuch" not found\n');
  });

  it('create --dry-run=client asks nobody', async () => {
    expect(await kubectl.ok('create', 'configmap', 'later', '--from-literal=a=1', '--dry-run=client', '-o', 'yaml')).toBe(
      `apiVersion: v1\ndata:\n  a: "1"\nkind: ConfigMap\nmetadata:\n  name: later\n  namespace: ${kubectl.namespace}\n`,
    );
    expect(await kubectl.ok('create', 'configmap', 'later', '--from-literal=a=1', '--dry-run=server')).toBe(
      'configmap/later created (server dry run)\n',
    );
    expect(await kubectl.ok('get', 'configmap', 'later', '--ignore-not-found')).toBe('');
  });

  it('create from a file with generateName, several times', async () => {
    const manifest = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {generateName: made-}\n';
    const names = [
      await kubectl.okWith(manifest, 'create', '-f', '-', '-o', 'name'),
      await kubectl.okWith(manifest, 'create', '-f', '-', '-o', 'name'),
    ];
    for (const name of names) expect(name).toMatch(/^configmap\/made-[bcdfghjklmnpqrstvwxz2456789]{5}\n$/);
    expect(names[0]).not.toBe(names[1]);
  });

  /** A kubeconfig that names the server but nobody: client certificates would win over the token. */
  function withoutUser(): string {
    return kit.write(
      'anonymous',
      kit.cluster.kubeconfig.replace(/^ +client-(certificate|key)-data: .*\n/gm, '').replace(/^( +)user:\s*$/m, '$1user: {}'),
    );
  }
});
