// Containers as the kubelet sees them: what commands print, how they end, and how they are stopped.
import { manualClock } from '../clock/manual-clock.js';
import { seededRandom } from '../clock/random.js';
import type { ContainerConfig, RuntimeContainerStatus } from './cri.js';
import { imageBehaviours } from './image-behaviours.js';
import { createRuntime } from './runtime.js';

async function run(config: Partial<ContainerConfig>, logBytes = 10_000) {
  const clock = manualClock();
  const runtime = createRuntime({ clock, random: seededRandom(1), behaviours: imageBehaviours, logBytes });
  const exits: string[] = [];
  runtime.onExit((uid, name) => void exits.push(`${uid}/${name}`));
  const sandbox = await runtime.runPodSandbox({ namespace: 'default', name: 'pod', uid: 'u', attempt: 0, hostNetwork: false });
  const id = await runtime.createContainer(sandbox, {
    name: 'c',
    attempt: 0,
    image: 'example.org/app',
    command: [],
    args: [],
    envs: new Map([['WHO', 'world']]),
    stdin: false,
    ...config,
  });
  await runtime.startContainer(id);
  const status = (): RuntimeContainerStatus => runtime.containerStatus(id)!;
  const text = (stream = 'stdout'): string =>
    runtime
      .containerLog(id)!
      .entries()
      .filter((entry) => entry.stream === stream)
      .map((entry) => entry.text)
      .join('');
  return { clock, runtime, sandbox, id, exits, status, text };
}

const script = (text: string): Partial<ContainerConfig> => ({ command: ['/bin/sh', '-c', text] });

test.each([
  ['echo hello', 'hello\n', 0],
  ['echo "hi;  there" && echo -n end', 'hi;  there\nend', 0],
  ['echo \'a $WHO\' "b $WHO" c ${WHO}', 'a $WHO b world c world\n', 0],
  ['false || echo no', 'no\n', 0],
  ['false && echo no', '', 1],
  ['echo a; exit 7; echo b', 'a\n', 7],
  ['exit 300', '', 44],
  ['false; exit', '', 1],
  ['for i in 1 2 "3 4"; do echo $i; done', '1\n2\n3 4\n', 0],
  ['i=0; until [ x ]; do :; done', '', undefined],
  ['n=2; while false; do echo x; done; echo $((n * 3)) $?', '6 0\n', 0],
  ['printf "%s-%d\\n" a 3', 'a-3\n', 0],
  ['printenv WHO; printenv NOBODY', 'world\n', 1],
  ['hostname', 'pod\n', 0],
  ['# a comment\necho x # another', 'x\n', 0],
  ['export A=1 B; echo $A', '', undefined],
  ['export A=1; echo "$A"', '1\n', 0],
  ['echo quiet > /dev/null 2>&1; echo loud', 'loud\n', 0],
  ['sleep nonsense', '', 1],
  ['echo start; exec ./server --port 80', 'start\n', undefined],
  ['echo a | cat', '', undefined],
  ['if true; then echo a; fi', '', undefined],
  ['echo `date`', '', undefined],
  ['echo "open', '', undefined],
])('sh -c %j prints and ends as a shell', async (text, output, exitCode) => {
  const one = await run(script(text));
  expect([one.text(), one.status().exitCode]).toEqual([output, exitCode]);
  expect(one.status().state).toBe(exitCode === undefined ? 'running' : 'exited');
  expect(one.exits).toEqual(exitCode === undefined ? [] : ['u/c']);
});

test('errors go to stderr', async () => {
  const one = await run(script('echo oops >&2; sleep; exit 2'));
  expect([one.text(), one.text('stderr'), one.status().exitCode]).toEqual(['', 'oops\nsleep: missing operand\n', 2]);
});

test('-e ends a script at the first failure that is not tested', async () => {
  const command = (text: string): Partial<ContainerConfig> => ({ command: ['sh', '-ec', text] });
  expect((await run(command('false || true; echo a; false; echo b'))).text()).toBe('a\n');
  expect((await run(command('while false; do :; done; echo c'))).text()).toBe('c\n');
});

test('commands wait by the clock', async () => {
  const one = await run({ command: ['sleep', '1.5', '1m'] });
  await one.clock.advance(61_000);
  expect(one.status().state).toBe('running');
  await one.clock.advance(500);
  expect(one.status()).toMatchObject({ state: 'exited', exitCode: 0, finishedAt: one.clock.now() });
  const forever = await run({ args: ['sleep', 'infinity'] });
  await forever.clock.advance(1e9);
  expect(forever.status().state).toBe('running');
});

test('a busy loop neither holds up the process nor fills the memory', async () => {
  const one = await run(script('while true; do echo xxxxxxxxxx; done'), 2000);
  await one.clock.advance(10_000);
  expect(one.status().state).toBe('running');
  expect(one.text().length).toBeLessThan(2000);
  const quiet = await run(script('while :; do :; done'));
  await quiet.clock.advance(1000);
  expect(quiet.status().state).toBe('running');
  const growing = await run(script('x=ab; while true; do x=$x$x; done'));
  await growing.clock.advance(1000);
  expect(growing.status().exitCode).toBe(2);
});

test('images do what is known of them', async () => {
  expect((await run({ image: 'nginx' })).text()).toContain('ready for start up');
  expect((await run({ image: 'busybox:1.36' })).status().exitCode).toBe(0);
  expect((await run({ image: 'busybox', stdin: true })).status().state).toBe('running');
  expect((await run({ image: 'hello-world' })).text()).toContain('Hello from Docker!');
  expect((await run({ image: 'example.org/app:v1', args: ['--flag'] })).text()).toBe('example.org/app:v1: started\n');
  expect((await run({ image: 'nginx', args: ['echo', 'instead'] })).text()).toBe('instead\n');
});

test('SIGTERM ends a container shortly, SIGKILL at once', async () => {
  const one = await run({ image: 'nginx' });
  const stopping = one.runtime.stopContainer(one.id, 30_000);
  expect(one.status().state).toBe('running');
  await one.clock.advance(20);
  await stopping;
  expect(one.status()).toMatchObject({ state: 'exited', exitCode: 0 });
  expect(one.clock.pending()).toBe(0);
  const sleeper = await run({ command: ['sleep', '1h'] });
  void sleeper.runtime.stopContainer(sleeper.id, 30_000);
  await sleeper.clock.advance(20);
  expect(sleeper.status().exitCode).toBe(143);
  const killed = await run({ image: 'nginx' });
  await killed.runtime.stopContainer(killed.id, 0);
  expect(killed.status().exitCode).toBe(137);
});

test('a sandbox takes its containers with it; a machine without power tells nobody', async () => {
  const one = await run({ image: 'nginx' });
  await one.runtime.stopPodSandbox(one.sandbox);
  expect(one.status()).toMatchObject({ state: 'exited', exitCode: 137 });
  await expect(
    one.runtime.createContainer(one.sandbox, {
      name: 'd',
      attempt: 0,
      image: 'nginx',
      command: [],
      args: [],
      envs: new Map(),
      stdin: false,
    }),
  ).rejects.toThrow('not found');
  await one.runtime.removePodSandbox(one.sandbox);
  expect(one.runtime.containerStatus(one.id)).toBeUndefined();
  const other = await run({ command: ['sleep', '5'] });
  other.runtime.powerOff();
  await other.clock.advance(10_000);
  expect([other.exits, other.clock.pending()]).toEqual([[], 0]);
});
