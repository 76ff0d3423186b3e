// Wrong flags, files and folders: one line that says what to do, exit code 2 (1 for the certificate folder), never a stack trace.
import { chmodSync, copyFileSync, mkdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { describeBuild, Workplace } from '../support/program.js';

describeBuild('kubedouble: mistakes on the command line', () => {
  const place = new Workplace();
  afterAll(() => place.clear());

  const flags: readonly (readonly [args: string, line: string])[] = [
    ['up --nodes many', '--nodes must be a whole number, not "many"'],
    ['up --nodes -1', '--nodes must be a whole number, not "-1"'],
    ['up --nodes 10001', 'nodes must be a whole number from 0 to 10000, not 10001'],
    ['up --port 70000', 'port must be a whole number from 0 to 65535 (0 takes a free one), not 70000'],
    ['up --port x', '--port must be a whole number, not "x"'],
    [
      'up --components apiserver,nope',
      '--components: there is no component "nope": choose from apiserver, controllers, scheduler, kubelet',
    ],
    ['up --log-level loud', '--log-level must be one of debug, info, warn, error, silent, not "loud"'],
    ['up --output xml', '--output must be text or json, not "xml"'],
    [
      'up --port 0 --bind 192.0.2.1 --cert-dir certs',
      '192.0.2.1 is no address of this machine: choose one with --bind, such as 127.0.0.1 or 0.0.0.0',
    ],
    [
      'up --config /nosuch.yaml',
      "the configuration file /nosuch.yaml cannot be read: ENOENT: no such file or directory, open '/nosuch.yaml'",
    ],
    ['up --audit-log-maxage -1', '--audit-log-maxage must be a whole number of 0 or more, not "-1"'],
    ['up --audit-log-mode later', '--audit-log-mode must be one of batch, blocking, blocking-strict, not "later"'],
    [
      'up --port 0 --cert-dir certs --audit-policy-file /nosuch.yaml',
      "--audit-policy-file /nosuch.yaml: ENOENT: no such file or directory, open '/nosuch.yaml'",
    ],
    ['run --nodes x -- true', '--nodes must be a whole number, not "x"'],
    ['version --output xml', '--output must be text or json, not "xml"'],
    ['health', 'say which server with --kubeconfig PATH'],
  ];

  it.each(flags)('%s', async (args, line) => {
    expect(await place.run(args.split(' '))).toMatchObject({ code: 2, stdout: '', stderr: `kubedouble: ${line}\n` });
  });

  it.each([
    ['up --nope', "error: unknown option '--nope'"],
    ['fly', "error: unknown command 'fly'"],
    ['up --nodes', "error: option '--nodes <number>' argument missing"],
  ])('%s', async (args, line) => {
    const { code, stdout, stderr } = await place.run(args.split(' '));
    expect({ code, stdout, first: stderr.split('\n')[0] }).toEqual({ code: 2, stdout: '', first: line });
    expect(stderr).not.toMatch(/^ +at /m);
  });

  const configs: readonly (readonly [text: string, line: string])[] = [
    ['nodes: many', 'nodes must be of type integer, not "many"'],
    ['nodes: -1', 'nodes must be >= 0, not -1'],
    ['port: 70000', 'port must be <= 65535, not 70000'],
    ['node: 3', 'there is no field "node": did you mean nodes?'],
    ['colour: red', 'there is no field "colour": docs/configuration.md lists those that there are'],
    ['components: [nope]', 'components.0 must be one of apiserver, controllers, scheduler, kubelet, not "nope"'],
    ['- nodes', 'it must be a map of fields'],
    ['logLevel: loud', 'logLevel must be one of debug, info, warn, error, silent, not "loud"'],
  ];

  it.each(configs)('a configuration file with %j', async (text, line) => {
    const path = place.write('config.yaml', `${text}\n`);
    expect(await place.run(['up', '--config', path])).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining(`kubedouble: the configuration file ${path}: ${line}`),
    });
  });

  it('a configuration file that is no YAML, or a bomb', async () => {
    const path = place.write('config.yaml', 'nodes: [1\n');
    const { code, stderr } = await place.run(['up', '--config', path]);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringMatching(/^kubedouble: the configuration file \S+ is no YAML \(line \d+\): [^\n]+\n$/),
    });
    const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\n${['b', 'c', 'd', 'e', 'f', 'g', 'h'].map((key, index) => `${key}: &${key} [${Array(9).fill(`*${'abcdefg'[index]!}`).join(',')}]\n`).join('')}`;
    const bombed = await place.run(['up', '--config', place.write('bomb.yaml', bomb)]);
    expect({ code: bombed.code, lines: bombed.stderr.split('\n').length }).toEqual({ code: 2, lines: 2 });
  });

  describe('the certificate folder', () => {
    const made = 'made';
    const up = (folder: string): ReturnType<Workplace['run']> =>
      place.run(['up', '--port', '0', '--cert-dir', place.path(folder)], { patience: 10_000 });

    beforeAll(async () => {
      const running = place.start(['up', '--port', '0', '--output', 'json', '--cert-dir', place.path(made)]);
      await running.printed((text) => text.endsWith('\n'));
      await running.stop('SIGINT');
    });

    /** A copy of a good folder to spoil. */
    const copy = (name: string): void => {
      mkdirSync(place.path(name));
      for (const file of ['ca.crt', 'ca.key', 'admin.crt', 'admin.key', 'apiserver.crt', 'apiserver.key'])
        copyFileSync(place.path(made, file), place.path(name, file));
    };

    const spoilt: readonly (readonly [what: string, spoil: (folder: string) => void, names: string])[] = [
      ['half-written certificate', (folder) => truncateSync(place.path(folder, 'ca.crt'), 100), 'ca.crt'],
      ['empty key', (folder) => truncateSync(place.path(folder, 'ca.key'), 0), 'ca.key'],
      ['missing key', (folder) => rmSync(place.path(folder, 'ca.key')), 'ca.key'],
      ['key of another', (folder) => copyFileSync(place.path(folder, 'admin.key'), place.path(folder, 'apiserver.key')), 'apiserver'],
      ['certificate that is none', (folder) => writeFileSync(place.path(folder, 'admin.crt'), 'hello'), 'admin.crt'],
    ];

    it.each(spoilt)('with a %s', async (what, spoil, names) => {
      const folder = what.replaceAll(' ', '-');
      copy(folder);
      spoil(folder);
      const { code, stdout, stderr } = await up(folder);
      expect({ code, stdout, lines: stderr.split('\n').length }).toEqual({ code: 1, stdout: '', lines: 2 });
      expect(stderr).toMatch(/^kubedouble: /);
      expect(stderr).toContain(place.path(folder));
      expect(stderr).toContain(names);
      expect(stderr).not.toContain('unexpected');
    });

    it('that is a file', async () => {
      place.write('a-file', 'x');
      const { code, stderr } = await up('a-file');
      expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(/^kubedouble: [^\n]*a-file[^\n]*\n$/) });
      expect(stderr).not.toContain('unexpected');
    });

    it('that cannot be made or read', async () => {
      // The super user reads everything; a link to itself is unreadable for all.
      symlinkSync('loop', place.path('loop'));
      expect(await up('loop')).toMatchObject({
        code: 1,
        stdout: '',
        stderr: expect.stringMatching(/^kubedouble: (?!.*unexpected)[^\n]*loop[^\n]*\n$/),
      });
      if (process.getuid?.() === 0) return;
      copy('locked');
      chmodSync(place.path('locked', 'ca.key'), 0);
      expect(await up('locked')).toMatchObject({
        code: 1,
        stdout: '',
        stderr: expect.stringMatching(/^kubedouble: (?!.*unexpected)[^\n]*ca\.key[^\n]*\n$/),
      });
    });
  });
});
