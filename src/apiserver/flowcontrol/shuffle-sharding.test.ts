import fc from 'fast-check';
import { Dealer } from './shuffle-sharding.js';

it('deals different queues, the same to the same flow', () => {
  fc.assert(
    fc.property(fc.string(), fc.integer({ min: 1, max: 128 }), fc.integer({ min: 1, max: 12 }), (flow, queues, handSize) => {
      const dealer = new Dealer(queues, handSize);
      const hand = dealer.hand('schema', flow);
      expect(new Set(hand).size).toBe(Math.min(queues, handSize));
      for (const index of hand) expect(index >= 0 && index < queues).toBe(true);
      expect(new Dealer(queues, handSize).hand('schema', flow)).toEqual(hand);
    }),
  );
});

it('spreads flows over all queues', () => {
  const dealer = new Dealer(64, 6);
  const seen = new Array<number>(64).fill(0);
  for (let i = 0; i < 2_000; i++) for (const index of dealer.hand('schema', `flow-${i}`)) seen[index]!++;
  // 187 each on average.
  expect(Math.min(...seen)).toBeGreaterThan(120);
  expect(Math.max(...seen)).toBeLessThan(270);
});
