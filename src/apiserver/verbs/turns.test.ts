import { Abandoned } from '../../clock/slices.js';
import type { ApiRequest } from '../core/api-request.js';
import { turnOf, turnToTheEnd } from './turns.js';

const request = { query: new URLSearchParams(), waiter: { gone: true } } as unknown as ApiRequest;

/** Keeps everybody waiting for longer than a turn lasts. */
function keepBusy(): void {
  const end = performance.now() + 30;
  while (performance.now() < end);
}

test('what nobody waits for is left undone, but not when it is stored already', async () => {
  const [before, after] = [turnOf(request), turnToTheEnd(request)];
  keepBusy();
  await expect(before.over()).rejects.toBeInstanceOf(Abandoned);
  await expect(after.over()).resolves.toBeUndefined();
});
