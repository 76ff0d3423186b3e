// kubectl get -w: what happens is printed while it happens.
import { describeKubectl, type Tool } from '../support/kit.js';
import { lines, normalised } from '../support/text.js';

describeKubectl('kubectl: watch', (kit) => {
  let kubectl: Tool;

  beforeAll(async () => {
    kubectl = await kit.inNewNamespace();
  });

  it('get pods -w shows a pod from Pending to gone', async () => {
    await kubectl.ok('run', 'first', '--image=nginx');
    await kubectl.ok('wait', '--for=condition=Ready', 'pod/first', '--timeout=20s');
    const watching = kubectl.start('get', 'pods', '--watch', '--output-watch-events');
    // From here on it sees all that happens.
    await watching.printed((text) => /^ADDED +first +1\/1 +Running/m.test(text));
    await kubectl.ok('run', 'one', '--image=nginx');
    await watching.printed((text) => /MODIFIED +one +1\/1 +Running/.test(text));
    await kubectl.ok('delete', 'pod', 'one');
    const rows = lines(normalised(await watching.printed((text) => /DELETED +one/.test(text))));
    await watching.stop();
    expect(rows[0]).toBe('EVENT  NAME  READY  STATUS  RESTARTS  AGE');
    expect(rows.slice(1, 3)).toEqual(['ADDED  first  1/1  Running  0  <age>', 'ADDED  one  0/1  Pending  0  <age>']);
    expect(rows).toContain('MODIFIED  one  0/1  ContainerCreating  0  <age>');
    expect(rows).toContain('MODIFIED  one  1/1  Running  0  <age>');
    expect(rows.at(-1)).toMatch(/^DELETED {2}one {2}/);
  });

  it('get -w begins with what is there, --watch-only does not', async () => {
    await kubectl.ok('create', 'configmap', 'old');
    const all = kubectl.start('get', 'configmaps', '-w', '-o', 'name');
    const later = kubectl.start('get', 'configmaps', '--watch-only', '-o', 'name');
    await all.printed((text) => text.includes('configmap/old\n'));
    // Which has no word to say that it has begun: it must see one of these.
    let count = 0;
    const seen = later.printed((text) => text.includes('configmap/new-'));
    let known = false;
    void seen.then(() => (known = true));
    while (!known && count < 100) await kubectl.ok('create', 'configmap', `new-${count++}`);
    expect(await seen).not.toContain('configmap/old');
    await all.printed((text) => text.includes(`configmap/new-${count - 1}\n`));
    await Promise.all([all.stop(), later.stop()]);
  });

  it('a watch of one object by name, as JSON', async () => {
    await kubectl.ok('create', 'configmap', 'one', '--from-literal=n=0');
    const watching = kubectl.start('get', 'configmap', 'one', '-w', '-o', 'jsonpath={.data.n} ');
    await watching.printed((text) => text === '0 ');
    await kubectl.ok('create', 'configmap', 'other');
    await kubectl.ok('patch', 'configmap', 'one', '-p', '{"data":{"n":"1"}}');
    expect(await watching.printed((text) => text.includes('1'))).toBe('0 1 ');
    await watching.stop();
  });
});
