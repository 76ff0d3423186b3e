// The bound on requests under way.
import { PODS } from '../client/resources.js';
import type { Client } from '../client/client.js';
import { limitClient } from './limited-client.js';

function slowClient() {
  const open: (() => void)[] = [];
  let most = 0;
  let running = 0;
  const get = async (): Promise<unknown> => {
    most = Math.max(most, ++running);
    await new Promise<void>((resolve) => open.push(resolve));
    running--;
    return {};
  };
  return { client: { get } as unknown as Client, open, most: () => most };
}

const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('no more requests at once than the limit, and all in the end', async () => {
  const slow = slowClient();
  const client = limitClient(slow.client, 2, new AbortController().signal);
  const all = Promise.all(Array.from({ length: 7 }, () => client.get(PODS, { name: 'x' })));
  for (let i = 0; i < 7; i++) {
    await tick();
    slow.open.shift()?.();
  }
  expect(await all).toHaveLength(7);
  expect(slow.most()).toBe(2);
});

test('once the node is off, what waits is refused', async () => {
  const slow = slowClient();
  const ending = new AbortController();
  const client = limitClient(slow.client, 1, ending.signal);
  const first = client.get(PODS, { name: 'a' });
  const second = client.get(PODS, { name: 'b' });
  ending.abort();
  slow.open.shift()?.();
  await first;
  await expect(second).rejects.toThrow('turned off');
  await expect(client.get(PODS, { name: 'c' })).rejects.toThrow('turned off');
});
