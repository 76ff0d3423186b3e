// What V8 made of the program at build time saves time, and nothing else: without it, with a damaged one and with another Node's the program starts the same.
import { appendFileSync, cpSync, existsSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand, type Outcome } from '../support/command.js';
import { describeBuild, Workplace } from '../support/program.js';
import { checkout } from '../support/tools.js';

describeBuild('the code cache', () => {
  const place = new Workplace();
  afterAll(() => place.clear());

  /** An installation of its own, whose scripts may be changed. */
  const installation = (name: string): string => {
    const folder = place.path(name);
    for (const path of ['package.json', 'bin', join('dist', 'program')])
      cpSync(join(checkout, path), join(folder, path), { recursive: true });
    symlinkSync(join(checkout, 'dist', 'openapi'), join(folder, 'dist', 'openapi'));
    return folder;
  };
  const scriptsOf = (folder: string): string => join(folder, 'dist', 'program');
  const caches = (folder: string): string[] =>
    readdirSync(scriptsOf(folder))
      .filter((name) => name.endsWith('.cache'))
      .map((name) => join(scriptsOf(folder), name));
  const flagged = (folder: string, flags: readonly string[], script: string): Promise<Outcome> =>
    runCommand(process.execPath, [...flags, '--input-type=module', '--eval', script], { cwd: folder, env: { HOME: place.folder } });
  /** Which of the scripts that the program loads at once have data that V8 took: `cli.js taken`. */
  const loaded = async (folder: string, flags: readonly string[] = []): Promise<readonly string[]> => {
    const { stdout, stderr, code } = await flagged(
      folder,
      flags,
      `import { createLoader, setFlags } from './bin/program.js';
      setFlags();
      const say = (name, script) => console.log(name, { true: 'refused', false: 'taken' }[script.cachedDataRejected] ?? 'plain');
      createLoader(undefined, say)('cli.js');`,
    );
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
    return stdout.trim().split('\n');
  };
  const works = async (folder: string, flags: readonly string[] = []): Promise<void> => {
    const program = join(folder, 'bin', 'kubedouble.js');
    const command = ['run', '--nodes', '1', '--', process.execPath, '--print', '"works"'];
    expect(await runCommand(process.execPath, [...flags, program, ...command], { cwd: place.folder, env: { HOME: place.folder } })).toEqual(
      {
        stdout: 'works\n',
        stderr: '',
        code: 0,
        signal: undefined,
      },
    );
  };

  it('is taken as the build has made it', async () => {
    const results = await loaded(checkout);
    expect(results[0]).toBe('cli.js taken');
    expect(results.filter((result) => !result.endsWith(' taken'))).toEqual([]);
    await works(checkout);
  });

  it('is not needed', async () => {
    const folder = installation('without');
    for (const cache of caches(folder)) rmSync(cache);
    expect(await loaded(folder)).toContain('cli.js plain');
    await works(folder);
  });

  it.each<[string, (content: Buffer) => Buffer]>([
    ['changed', (content) => Buffer.concat([content.subarray(0, -1000), Buffer.alloc(1000, 0x5a)])],
    ['cut off', (content) => content.subarray(0, content.length >> 1)],
    ['empty', () => Buffer.alloc(0)],
    ['short', (content) => content.subarray(0, 8)],
  ])('is passed over when it is %s', async (title, damage) => {
    const folder = installation(title.replace(' ', '-'));
    for (const cache of caches(folder)) writeFileSync(cache, damage(readFileSync(cache)));
    expect(await loaded(folder)).toContain('cli.js plain');
    if (title === 'changed') await works(folder);
  });

  it('is passed over when it is of another script', async () => {
    const folder = installation('other-script');
    appendFileSync(join(scriptsOf(folder), 'cli.js'), ' ');
    expect(await loaded(folder)).toContain('cli.js plain');
  });

  it('is passed over when it was made by another Node', async () => {
    const folder = installation('other-node');
    const seal = `import { readFileSync, writeFileSync } from 'node:fs';
      Object.defineProperty(process, 'version', { value: 'v20.0.0' });
      const { sealCache } = await import('./bin/program.js');
      const script = 'dist/program/cli.js';
      writeFileSync(script + '.cache', sealCache(readFileSync(script), readFileSync(script + '.cache').subarray(8)));`;
    expect(await flagged(folder, [], seal)).toMatchObject({ stderr: '', code: 0 });
    expect(await loaded(folder)).toContain('cli.js plain');
  });

  it('is refused by V8 under other flags', async () => {
    const flags = ['--max-old-space-size=400'];
    expect(await loaded(checkout, flags)).toContain('cli.js refused');
    await works(checkout, flags);
  });

  it("scripts get Node's own modules, and the error of Node for what some packages look for in vain", async () => {
    const folder = installation('requires');
    const script = `(function(exports,require){exports.same=require('fs')===require('node:fs');try{require('bufferutil')}catch({code}){exports.code=code}})`;
    writeFileSync(join(scriptsOf(folder), 'probe.js'), script);
    const probe = `import { createLoader } from './bin/program.js';\nconsole.log(JSON.stringify(createLoader()('probe.js')));`;
    expect(await flagged(folder, [], probe)).toMatchObject({ stdout: '{"same":true,"code":"MODULE_NOT_FOUND"}\n', stderr: '', code: 0 });
  });

  it('is there for what is loaded late as well', () => {
    const names = caches(checkout).map((path) => path.replace(/^.*\/|-\w+\.js\.cache$/g, ''));
    expect(names).toEqual(expect.arrayContaining(['express-app', 'x509-library']));
    expect(existsSync(join(scriptsOf(checkout), 'cli.js.cache'))).toBe(true);
  });
});
