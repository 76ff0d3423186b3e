import { realRandom, seededRandom } from './random.js';

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

test.each([
  ['of the system', realRandom()],
  ['of a seed', seededRandom(5)],
])('chance %s gives uids and bytes that are all different', (_name, random) => {
  const uids = Array.from({ length: 2000 }, () => random.uid());
  expect(uids.every((uid) => uuid.test(uid))).toBe(true);
  expect(new Set(uids).size).toBe(2000);
  const ids = Array.from({ length: 2000 }, () => Buffer.from(random.bytes(32)).toString('hex'));
  expect(new Set(ids).size).toBe(2000);
  expect(ids.every(({ length }) => length === 64)).toBe(true);
  expect(random.bytes(10_000)).toHaveLength(10_000);
  expect(new Set(random.bytes(10_000)).size).toBeGreaterThan(200);
});

test('one seed gives the same every time', () => {
  const [one, other] = [seededRandom(11), seededRandom(11)];
  expect([one.uid(), one.suffix(5), one.next(), ...one.bytes(8)]).toEqual([other.uid(), other.suffix(5), other.next(), ...other.bytes(8)]);
  expect(seededRandom(1).uid()).toBe('a00087fb-f747-4cb8-adfe-747d23673f27');
});
