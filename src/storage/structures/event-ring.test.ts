// The ring of events, compared with an array.
import fc from 'fast-check';
import { EventRing } from './event-ring.js';

test('keeps events in order while it grows, shrinks and goes round', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 1, max: 200 })), { maxLength: 20 }), (steps) => {
      const ring = new EventRing<{ revision: number }>();
      const model: number[] = [];
      let revision = 0;
      for (const [adds, count] of steps) {
        for (let i = 0; i < count; i++) {
          if (adds) {
            revision += 1 + (i % 3);
            ring.push({ revision }, revision * 10);
            model.push(revision);
          } else {
            expect(ring.shift()?.revision).toBe(model.shift());
          }
        }
        expect(ring.size).toBe(model.length);
        expect(model.map((_, index) => ring.at(index)?.revision)).toEqual(model);
        expect([ring.at(-1), ring.at(model.length)]).toEqual([undefined, undefined]);
        if (model.length > 0) expect(ring.oldestTime).toBe(model[0]! * 10);
        for (const after of [0, revision, Math.floor(revision / 2), model[0] ?? 0]) {
          expect(ring.firstAfter(after)).toBe(model.filter((one) => one <= after).length);
        }
      }
      ring.clear();
      expect([ring.size, ring.at(0), ring.shift()]).toEqual([0, undefined, undefined]);
    }),
  );
});
