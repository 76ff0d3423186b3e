// kubedouble up: what it prints, what it leaves on the disk, how it stops.
import { readFileSync, statSync } from 'node:fs';
import { runCommand, type RunningCommand } from '../support/command.js';
import { describeBuild, Workplace } from '../support/program.js';
import { targetOf } from '../support/kubeconfig.js';
import { kubectlPath } from '../support/tools.js';

interface Told {
  readonly url: string;
  readonly kubeconfig: string;
  readonly nodes: readonly string[];
  readonly kubernetes: string;
  readonly readyMilliseconds: number;
}

describeBuild('kubedouble up', () => {
  const place = new Workplace();
  afterAll(() => place.clear());

  const up = (folder: string, ...args: string[]): RunningCommand =>
    place.start(['up', '--port', '0', '--cert-dir', place.path(folder), ...args]);
  const told = async (running: RunningCommand): Promise<Told> => JSON.parse(await running.printed((text) => text.endsWith('\n'))) as Told;

  it('prints the address and the line to paste, and stops with Ctrl-C', async () => {
    const running = up('banner');
    const text = await running.printed((so) => so.includes('Ctrl-C'));
    expect(text).toMatch(
      /^kubedouble \d+\.\d+\.\d+: Kubernetes v1\.36\.3 with 3 nodes, ready in \d+\.\d\d s\n\n {2}https:\/\/127\.0\.0\.1:\d+\n\n {2}export KUBECONFIG=\S+\n\nCtrl-C stops it\.\n$/,
    );
    expect(text).toContain(`export KUBECONFIG=${place.path('banner', 'kubeconfig')}\n`);
    expect(await running.stop('SIGINT')).toMatchObject({ code: 0, stderr: '\nCtrl-C: stopping …\n' });
  });

  it('--output json tells it to programs', async () => {
    const running = up('json', '--output', 'json', '--nodes', '2');
    const answer = await told(running);
    expect(answer).toEqual({
      url: expect.stringMatching(/^https:\/\/127\.0\.0\.1:\d+$/),
      kubeconfig: place.path('json', 'kubeconfig'),
      nodes: ['node-0', 'node-1'],
      kubernetes: 'v1.36.3',
      readyMilliseconds: expect.any(Number),
    });
    expect(await running.stop('SIGTERM')).toMatchObject({ code: 0, stderr: '' });
  });

  it('nobody else can read the kubeconfig and the keys', async () => {
    const running = up('modes', '--output', 'json');
    await told(running);
    for (const name of ['kubeconfig', 'ca.key', 'admin.key', 'apiserver.key'])
      expect((statSync(place.path('modes', name)).mode & 0o777).toString(8)).toBe('600');
    await running.stop('SIGINT');
  });

  it('a restart keeps the certificates, and kubeconfigs made before stay good', async () => {
    const first = up('kept', '--output', 'json');
    await told(first);
    const files = ['ca.crt', 'ca.key', 'admin.crt', 'admin.key', 'apiserver.crt', 'apiserver.key'];
    const read = (): string[] => files.map((name) => readFileSync(place.path('kept', name), 'utf8'));
    const before = read();
    const { ca } = targetOf(readFileSync(place.path('kept', 'kubeconfig'), 'utf8'));
    await first.stop('SIGINT');

    const second = up('kept', '--output', 'json');
    await told(second);
    expect(read()).toEqual(before);
    expect(targetOf(readFileSync(place.path('kept', 'kubeconfig'), 'utf8')).ca).toBe(ca);
    await second.stop('SIGINT');
  });

  (kubectlPath === undefined ? it.skip : it)('kubectl works with the kubeconfig, wherever it was asked to be', async () => {
    const kubeconfig = place.path('elsewhere', 'my config');
    const running = up('elsewhere', '--kubeconfig', kubeconfig);
    expect(await running.printed((text) => text.includes('Ctrl-C'))).toContain(`export KUBECONFIG='${kubeconfig}'\n`);
    const { stdout, code } = await runCommand(kubectlPath!, ['get', 'nodes', '-o', 'name'], {
      env: { KUBECONFIG: kubeconfig, HOME: place.folder },
    });
    expect({ stdout, code }).toEqual({ stdout: 'node/node-0\nnode/node-1\nnode/node-2\n', code: 0 });
    await running.stop('SIGINT');
  });

  it('a configuration file says the same as options, which win over it', async () => {
    const config = place.write(
      'config.yaml',
      `nodes: 1\nport: 0\ncertDir: ${place.path('configured')}\ncomponents: [controllers, scheduler, kubelet]\nlogLevel: error\n`,
    );
    const running = place.start(['up', '--config', config, '--nodes', '2', '--output', 'json']);
    expect(await told(running)).toMatchObject({ nodes: ['node-0', 'node-1'], kubeconfig: place.path('configured', 'kubeconfig') });
    await running.stop('SIGINT');
  });

  it('--components apiserver runs the API server alone', async () => {
    const running = up('alone', '--components', 'apiserver', '--output', 'json');
    expect(await told(running)).toMatchObject({ nodes: [] });
    await running.stop('SIGINT');
  });

  it('says in one line that the port is in use', async () => {
    const running = up('first', '--output', 'json');
    const { port } = new URL((await told(running)).url);
    const { code, stdout, stderr } = await place.run(['up', '--port', port, '--cert-dir', place.path('second')]);
    expect({ code, stdout, stderr }).toEqual({
      code: 2,
      stdout: '',
      stderr: `kubedouble: port ${port} on 127.0.0.1 is in use: choose another with --port, or a free one with --port 0\n`,
    });
    await running.stop('SIGINT');
  });

  it('health asks the server of a kubeconfig', async () => {
    const running = up('healthy', '--output', 'json');
    const { kubeconfig } = await told(running);
    expect(await place.run(['health', '--kubeconfig', kubeconfig])).toMatchObject({ code: 0, stdout: 'ok\n' });
    await running.stop('SIGINT');
    expect(await place.run(['health', '--kubeconfig', kubeconfig])).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('ECONNREFUSED'),
    });
  });
});
