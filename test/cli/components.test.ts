// kubedouble controllers, scheduler and kubelet: each part in a process of its own, over a kubeconfig.
import { writeFileSync } from 'node:fs';
import { runCommand, type RunningCommand } from '../support/command.js';
import { describeBuild, Workplace } from '../support/program.js';
import { kubectlPath } from '../support/tools.js';

/** Milliseconds that the processes may live, on a machine with much else to do. */
const patience = 120_000;

describeBuild('kubedouble, a part alone', () => {
  const place = new Workplace();
  const kubeconfig = place.path('certs', 'kubeconfig');
  let server: RunningCommand;

  const part = async (...args: string[]): Promise<RunningCommand> => {
    const running = place.start([...args, '--kubeconfig', kubeconfig], { patience });
    await running.printed((text) => text.includes('at work for https://'));
    return running;
  };
  const kubectl = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await runCommand(kubectlPath!, args, { env: { KUBECONFIG: kubeconfig, HOME: place.folder } });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    return stdout;
  };

  beforeAll(async () => {
    const args = ['up', '--components', 'apiserver', '--port', '0', '--cert-dir', place.path('certs'), '--output', 'json'];
    server = place.start(args, { patience });
    await server.printed((text) => text.endsWith('\n'));
  });
  afterAll(async () => {
    await server.stop('SIGINT');
    await place.clear();
  });

  (kubectlPath === undefined ? it.skip : it)('controllers, scheduler and kubelets in four processes are one cluster', async () => {
    const parts = [await part('kubelet', '--nodes', '2', '--node-prefix', 'worker-'), await part('scheduler'), await part('controllers')];
    await kubectl('create', 'deployment', 'web', '--image=nginx', '--replicas=3');
    await kubectl('rollout', 'status', 'deployment/web', '--timeout=60s');
    expect(await kubectl('get', 'nodes', '-o', 'name')).toBe('node/worker-0\nnode/worker-1\n');
    expect(await kubectl('get', 'pods', '-o', 'jsonpath={.items[*].status.phase}')).toBe('Running Running Running');

    // A second one waits for its turn, and takes it when the first goes.
    const second = await part('controllers');
    expect(await parts[2]!.stop('SIGINT')).toMatchObject({ code: 0, stderr: '' });
    await kubectl('scale', 'deployment/web', '--replicas=5');
    await kubectl('rollout', 'status', 'deployment/web', '--timeout=60s');
    for (const running of [second, parts[0]!, parts[1]!]) expect(await running.stop('SIGTERM')).toMatchObject({ code: 0, stderr: '' });
  });

  (kubectlPath === undefined ? it.skip : it)('a part that loses its Lease ends with exit code 1', async () => {
    const running = await part('scheduler');
    const lease = ['-n', 'kube-system', 'lease/kube-scheduler'];
    await kubectl('wait', '--for=create', ...lease, '--timeout=30s');
    await kubectl('patch', ...lease, '--type=merge', '-p', '{"spec":{"holderIdentity":"somebody"}}');
    expect(await running.ended).toMatchObject({
      code: 1,
      stderr: 'kubedouble: another scheduler has taken over (its Lease in kube-system says which)\n',
    });
  });

  it('says in one line what is wrong', async () => {
    writeFileSync(place.path('no.key'), 'nothing');
    const wrong: readonly (readonly [args: string[], line: string])[] = [
      [['scheduler', '--leader-elect', 'perhaps'], '--leader-elect must be true or false, not perhaps'],
      [['kubelet', '--nodes', 'x'], '--nodes must be a whole number, not "x"'],
      [
        ['controllers', '--cluster-signing-key-file', '/nosuch'],
        '--cluster-signing-cert-file and --cluster-signing-key-file need each other',
      ],
      [
        ['controllers', '--service-account-private-key-file', place.path('no.key')],
        `the file ${place.path('no.key')} is no private key in PEM`,
      ],
      [['controllers', '--root-ca-file', '/nosuch'], "the file /nosuch cannot be read: ENOENT: no such file or directory, open '/nosuch'"],
    ];
    for (const [args, line] of wrong)
      expect(await place.run([...args, '--kubeconfig', kubeconfig])).toMatchObject({
        code: 2,
        stdout: '',
        stderr: `kubedouble: ${line}\n`,
      });
    expect(await place.run(['controllers', '--kubeconfig', kubeconfig, '--controllers', 'nope'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('kubedouble: --controllers: there is no controller "nope": choose from '),
    });
    expect(await place.run(['scheduler', '--kubeconfig', '/nosuch'])).toMatchObject({ code: 2, stdout: '' });
  });
});
