// The log of the built program: loaded late, and usable then.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describeBuild, Workplace } from '../support/program.js';
import { checkout } from '../support/tools.js';

describeBuild('the log', () => {
  const place = new Workplace();
  afterAll(() => place.clear());

  it('writes lines of JSON to standard error', async () => {
    const chunks = join(checkout, 'dist', 'chunks');
    const chunk = readdirSync(chunks).find((name) => name.startsWith('pino-logger-'));
    expect(chunk).toBeDefined();
    const program = place.write(
      'program.mjs',
      `import { pinoLogger } from ${JSON.stringify(`file://${join(chunks, chunk!)}`)};
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
    const chunks = join(checkout, 'dist', 'chunks');
    const program = place.write(
      'chunks.mjs',
      readdirSync(chunks)
        .filter((name) => name.endsWith('.js'))
        .map(
          (name) =>
            `import * as m${name.replace(/\W/g, '_')} from ${JSON.stringify(`file://${join(chunks, name)}`)};\nif (Object.keys(m${name.replace(/\W/g, '_')}).join() === 'default') console.log(${JSON.stringify(name)});\n`,
        )
        .join(''),
    );
    expect(await place.startProgram(program).ended).toEqual({ code: 0, stdout: '', stderr: '', signal: undefined });
  });
});
