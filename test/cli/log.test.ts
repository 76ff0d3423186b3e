// The log of the built program: loaded late, and usable then.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describeBuild, Workplace } from '../support/program.js';
import { checkout } from '../support/tools.js';

describeBuild('the log', () => {
  const place = new Workplace();
  afterAll(() => place.clear());

  it('writes lines of JSON to standard error', async () => {
    const chunk = readdirSync(join(checkout, 'dist', 'program')).find((name) => /^pino-logger-\w+\.js$/.test(name));
    expect(chunk).toBeDefined();
    const program = place.write(
      'program.mjs',
      `import { createLoader } from ${JSON.stringify(`file://${join(checkout, 'bin', 'program.js')}`)};
const { pinoLogger } = createLoader()(${JSON.stringify(chunk)});
const logger = pinoLogger('info');
logger.debug('left out');
logger.error('pods failed', { pod: 'a' });
logger.info('plain');
`,
    );
    const { code, stdout, stderr } = await place.startProgram(program).ended;
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    expect(
      stderr
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
    ).toEqual([
      { level: 50, time: expect.any(Number), pod: 'a', msg: 'pods failed' },
      { level: 30, time: expect.any(Number), msg: 'plain' },
    ]);
  });

  it('every part that is loaded late keeps its names in the bundle', async () => {
    // A bundler gives a late import of a CommonJS package itself nothing but a default export.
    const program = place.write(
      'chunks.mjs',
      `import { readdirSync } from 'node:fs';
import { createLoader, programFolder } from ${JSON.stringify(`file://${join(checkout, 'bin', 'program.js')}`)};
const scripts = (folder) => readdirSync(folder).filter((name) => name.endsWith('.js'));
const say = (name, part) => Object.keys(part).join() === 'default' && console.log(name);
const load = createLoader();
for (const name of scripts(programFolder)) say(name, load(name));
const chunks = ${JSON.stringify(join(checkout, 'dist', 'chunks'))};
for (const name of scripts(chunks)) say(name, await import(\`file://\${chunks}/\${name}\`));
`,
    );
    expect(await place.startProgram(program).ended).toEqual({ code: 0, stdout: '', stderr: '', signal: undefined });
  });
});
