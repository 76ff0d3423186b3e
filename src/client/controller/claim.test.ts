import type { Pod } from '../../../openapi/types/core.v1.js';
import { manualClock } from '../../clock/manual-clock.js';
import { PODS, REPLICA_SETS } from '../resources.js';
import { createMemoryClient } from '../testing/memory-client.js';
import { claim } from './claim.js';
import { createExpectations } from './expectations.js';
import { controllerReference, isControlledBy } from './owner-references.js';

function setUp() {
  const clock = manualClock();
  const client = createMemoryClient({ clock });
  const owner = client.seed(REPLICA_SETS, { metadata: { name: 'web', namespace: 'default' }, spec: {} });
  const pod = (name: string, app: string, ownerReferences?: unknown) =>
    client.seed(PODS, {
      metadata: { name, namespace: 'default', labels: { app }, ...(ownerReferences ? { ownerReferences } : {}) },
      spec: { containers: [] },
    });
  const run = (candidates: readonly Pod[], of = owner) =>
    claim({ client, type: PODS, owner: of, ownerType: REPLICA_SETS, matches: (one) => one.metadata.labels?.['app'] === 'web', candidates });
  return { clock, client, owner, pod, run };
}

test('adopts orphans that match, releases its own that do not, and leaves those of others', async () => {
  const { client, owner, pod, run } = setUp();
  const orphan = pod('orphan', 'web');
  const stranger = pod('stranger', 'other');
  const mine = pod('mine', 'web', [controllerReference(owner)]);
  const lost = pod('lost', 'other', [controllerReference(owner)]);
  const theirs = pod('theirs', 'web', [{ ...controllerReference(owner), uid: 'another' }]);
  const claimed = await run([orphan, stranger, mine, lost, theirs]);
  expect(claimed.map((one) => one.metadata.name)).toEqual(['orphan', 'mine']);
  expect(isControlledBy(await client.get(PODS, orphan.metadata), owner)).toBe(true);
  expect((await client.get(PODS, lost.metadata)).metadata.ownerReferences).toEqual([]);
});

test('a deleted owner adopts nothing, even when the informer does not know yet', async () => {
  const { client, owner, pod, run } = setUp();
  const orphan = pod('orphan', 'web');
  await client.delete(REPLICA_SETS, owner.metadata);
  client.seed(REPLICA_SETS, { metadata: { name: 'web', namespace: 'default' }, spec: {} });
  await expect(run([orphan])).rejects.toThrow('another uid');
  expect((await client.get(PODS, orphan.metadata)).metadata.ownerReferences).toBeUndefined();
});

test('an object that is gone is left out', async () => {
  const { client, pod, run } = setUp();
  const orphan = pod('orphan', 'web');
  await client.delete(PODS, orphan.metadata);
  expect(await run([orphan])).toEqual([]);
});

test('expectations hold until all is seen, or five minutes have gone', async () => {
  const clock = manualClock();
  const expectations = createExpectations(clock);
  expect(expectations.satisfied('a')).toBe(true);
  expectations.expectCreations('a', 2);
  expectations.expectDeletions('a', ['u1']);
  expectations.creationObserved('a');
  expectations.creationObserved('a');
  expect(expectations.satisfied('a')).toBe(false);
  expectations.deletionObserved('a', 'u1');
  expectations.deletionObserved('a', 'u1');
  expect(expectations.satisfied('a')).toBe(true);
  expectations.expectCreations('a', 1);
  expect(expectations.satisfied('a')).toBe(false);
  await clock.advance(5 * 60_000 + 1);
  expect(expectations.satisfied('a')).toBe(true);
});
