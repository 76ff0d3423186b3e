// kubedouble run: a cluster for the time of one command.
import { existsSync } from 'node:fs';
import { describeBuild, Workplace } from '../support/program.js';
import { kubectlPath } from '../support/tools.js';

describeBuild('kubedouble run', () => {
  const place = new Workplace();
  afterAll(() => place.clear());

  it.each([0, 1, 7, 255])('passes exit code %i on', async (code) => {
    expect(await place.run(['run', '--', 'sh', '-c', `exit ${code}`])).toEqual({ code, stdout: '', stderr: '', signal: undefined });
  });

  it('sets KUBECONFIG to a file that is gone afterwards', async () => {
    const { code, stdout } = await place.run([
      'run',
      '--nodes',
      '1',
      '--',
      'sh',
      '-c',
      'echo "$KUBECONFIG"; stat -c %a "$KUBECONFIG"; cat "$KUBECONFIG"',
    ]);
    const [path, mode, ...rest] = stdout.split('\n');
    expect(code).toBe(0);
    expect(mode).toBe('600');
    expect(rest.join('\n')).toMatch(/server: "?https:\/\/127\.0\.0\.1:\d+/);
    expect(existsSync(path!)).toBe(false);
  });

  (kubectlPath === undefined ? it.skip : it)('the command has a whole cluster', async () => {
    const script = `set -e
"$0" create deployment web --image=nginx --replicas=2
"$0" rollout status deployment/web --timeout=20s | tail -1
"$0" get nodes -o name`;
    const { stdout, stderr, code } = await place.run(['run', '--nodes', '2', '--', 'sh', '-c', script, kubectlPath!]);
    expect({ stdout, stderr, code }).toEqual({
      stdout: 'deployment.apps/web created\ndeployment "web" successfully rolled out\nnode/node-0\nnode/node-1\n',
      stderr: '',
      code: 0,
    });
  });

  it('passes standard input, and options after the command, on', async () => {
    expect((await place.run(['run', '--', 'cat'], { input: 'hello' })).stdout).toBe('hello');
    expect((await place.run(['run', '--', 'echo', '--nodes', '-x'])).stdout).toBe('--nodes -x\n');
  });

  it('a command that is no program', async () => {
    expect(await place.run(['run', '--', 'no-such-program'])).toMatchObject({
      code: 2,
      stdout: '',
      stderr: 'kubedouble: the command no-such-program cannot be run: there is no such program\n',
    });
  });

  it('a command ended by a signal counts as 128 and its number; a signal to kubedouble goes on to the command', async () => {
    expect((await place.run(['run', '--', 'sh', '-c', 'kill -TERM $$'])).code).toBe(143);
    const running = place.start(['run', '--', 'sh', '-c', 'trap "exit 9" TERM; echo ready; while true; do sleep 0.1; done']);
    await running.printed((text) => text.includes('ready'));
    expect((await running.stop('SIGTERM')).code).toBe(9);
  });

  it('needs a command', async () => {
    const { code, stderr } = await place.run(['run']);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^error: missing required argument 'command'\n/);
  });
});
