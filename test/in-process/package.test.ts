// The built package from programs of its own: ES modules and CommonJS; a program that has stopped its cluster ends by itself.
import { join } from 'node:path';
import { describeBuild, Workplace } from '../support/program.js';
import { runCommand } from '../support/command.js';
import { checkout } from '../support/tools.js';

const work = `
  const { PODS, DEPLOYMENTS } = resources;
  const cluster = await startCluster({ nodes: 1 });
  await cluster.client.create(PODS, { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', namespace: 'default' }, spec: { containers: [{ name: 'a', image: 'nginx' }] } });
  await new Promise((resolve, reject) => {
    const watch = cluster.client.watch(PODS, { namespace: 'default' }, {
      event: ({ object }) => {
        if (object.status.phase !== 'Running') return;
        watch.stop();
        resolve();
      },
      end: (error) => reject(error ?? new Error('ended')),
    });
  });
  const error = await cluster.client.get(DEPLOYMENTS, { namespace: 'default', name: 'none' }).catch((reason) => reason);
  console.log(error instanceof ApiError, error.message);
  await cluster.stop();
  console.log('stopped');
`;
const printed = 'true deployments.apps "none" not found\nstopped\n';

describeBuild('the package', () => {
  const place = new Workplace();
  afterAll(() => place.clear());

  it('imported as an ES module', async () => {
    const program = place.write(
      'program.mjs',
      `import { startCluster, resources, ApiError } from ${JSON.stringify(`file://${join(checkout, 'dist', 'index.js')}`)};\n${work}`,
    );
    expect(await runCommand(process.execPath, [program])).toEqual({ code: 0, stdout: printed, stderr: '', signal: undefined });
  });

  it('required as CommonJS', async () => {
    const program = place.write(
      'program.cjs',
      `const { startCluster, resources, ApiError } = require(${JSON.stringify(join(checkout, 'dist', 'index.cjs'))});\n(async () => {${work}})();`,
    );
    expect(await runCommand(process.execPath, [program])).toEqual({ code: 0, stdout: printed, stderr: '', signal: undefined });
  });

  it('by its name, both ways', async () => {
    const program = place.write(
      'names.cjs',
      `
      const { createRequire } = require('node:module');
      const from = createRequire(${JSON.stringify(join(checkout, 'package.json'))});
      const required = from('kubedouble');
      console.log(Object.keys(required).sort().join(' '));
    `,
    );
    expect(await runCommand(process.execPath, [program])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^ApiError CertificateError OptionError .*\bresources .*\bstartCluster\n$/),
    });
  });

  it('a program that forgets to stop its cluster goes on, as a server would', async () => {
    const program = place.write(
      'forgets.mjs',
      `import { startCluster } from ${JSON.stringify(`file://${join(checkout, 'dist', 'index.js')}`)};\nawait startCluster({ nodes: 0 });\nconsole.log('started');`,
    );
    const running = place.startProgram(program);
    await running.printed((text) => text === 'started\n');
    expect(running.process.exitCode).toBeNull();
    expect((await running.stop('SIGTERM')).signal).toBe('SIGTERM');
  });
});
