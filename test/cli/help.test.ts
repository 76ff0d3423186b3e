// kubedouble --help and version.
import { describeBuild, Workplace } from '../support/program.js';

describeBuild('kubedouble: help and version', () => {
  const place = new Workplace();
  afterAll(() => place.clear());

  it('--help names the commands', async () => {
    const { code, stdout, stderr } = await place.run(['--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const commands = ['up', 'run', 'controllers', 'scheduler', 'kubelet', 'health', 'node', 'user', 'explain-scheduling', 'version'];
    for (const command of commands) expect(stdout).toMatch(new RegExp(`^ {2}${command} `, 'm'));
  });

  it.each([
    ['up', ['--config', '--nodes', '--port', '--bind', '--kubeconfig', '--cert-dir', '--components', '--log-level', '--output']],
    ['run', ['--config', '--nodes', '--port', '--bind', '--cert-dir', '--components', '--log-level']],
    ['health', ['--kubeconfig']],
    ['user', ['--group', '--service-account', '--expiration-seconds', '--kubeconfig']],
    ['controllers', ['--kubeconfig', '--leader-elect', '--controllers', '--root-ca-file', '--cluster-signing-cert-file']],
    ['scheduler', ['--kubeconfig', '--leader-elect', '--scheduler-config']],
    ['kubelet', ['--kubeconfig', '--nodes', '--node-prefix']],
    ['explain-scheduling', ['--kubeconfig', '--scheduler-config', '--output']],
    ['version', ['--output']],
  ])('%s --help names its options', async (command, options) => {
    const { code, stdout, stderr } = await place.run([command, '--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(new RegExp(`^Usage: kubedouble ${command} `));
    for (const option of options) expect(stdout).toMatch(new RegExp(`^ {2}${option} `, 'm'));
  });

  it('version', async () => {
    expect(await place.run(['version'])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^kubedouble \d+\.\d+\.\d+ \(Kubernetes v1\.36\.3, Node v\d+\.\d+\.\d+\)\n$/),
      stderr: '',
    });
    const { stdout } = await place.run(['version', '--output', 'json']);
    expect(JSON.parse(stdout)).toEqual({ version: expect.stringMatching(/^\d/), kubernetes: 'v1.36.3', node: process.version });
  });

  it('without a command it shows the help', async () => {
    const { code, stdout, stderr } = await place.run([]);
    expect(code).toBe(2);
    expect(`${stdout}${stderr}`).toContain('Usage: kubedouble');
  });
});
