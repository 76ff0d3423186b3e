import { manualClock } from '../../../clock/manual-clock.js';
import type { Kind } from '../../../registry/kind.js';
import type { AdmissionRequest } from '../chain.js';
import { eventRateLimit } from './index.js';

const kind = { group: '', version: 'v1', resource: 'events', kind: 'Event', namespaced: true } as unknown as Kind;

function event(namespace: string, component = 'x'): AdmissionRequest {
  const object = { source: { component }, involvedObject: { kind: 'Pod', namespace, name: 'p' } };
  const user = { name: 'eve', groups: [] };
  return { operation: 'CREATE', kind, subresource: '', namespace, name: 'e', object, old: undefined, user, dryRun: false, warnings: [] };
}

test('a namespace that wrote its share may write again with time', async () => {
  const clock = manualClock();
  const { validate } = eventRateLimit({ limits: [{ type: 'Namespace', qps: 2, burst: 3, cacheSize: 10 }] }, clock);
  const allowed = (namespace: string): boolean => {
    try {
      void validate!(event(namespace));
      return true;
    } catch {
      return false;
    }
  };
  expect([1, 2, 3, 4].map(() => allowed('a'))).toEqual([true, true, true, false]);
  expect(allowed('b')).toBe(true);
  await clock.advance(499);
  expect(allowed('a')).toBe(false);
  await clock.advance(1);
  expect([allowed('a'), allowed('a')]).toEqual([true, false]);
  await clock.advance(3_600_000);
  expect([1, 2, 3, 4].map(() => allowed('a'))).toEqual([true, true, true, false]);
});

test('no more namespaces are counted for than the cache holds, and the one not seen for longest begins anew', () => {
  const { validate } = eventRateLimit({ limits: [{ type: 'Namespace', qps: 1, burst: 1, cacheSize: 2 }] }, manualClock());
  // The third takes the place of the first, which is then as new.
  for (const namespace of ['a', 'b', 'c', 'a']) void validate!(event(namespace));
  expect(() => void validate!(event('c'))).toThrow('limit reached');
});

test('all limits that are reached are told, and keys of any size are counted', () => {
  const { validate } = eventRateLimit(
    {
      limits: [
        { type: 'Server', qps: 1, burst: 1, cacheSize: 1 },
        { type: 'SourceAndObject', qps: 1, burst: 1, cacheSize: 5 },
      ],
    },
    manualClock(),
  );
  const long = 'x'.repeat(100_000);
  void validate!(event('a', long));
  expect(() => void validate!(event('a', long))).toThrow(
    `Too many requests: [limit reached on type Server for key , limit reached on type SourceAndObject for key ${long}Podap]`,
  );
});
