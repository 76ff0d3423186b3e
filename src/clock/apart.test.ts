import { inSteps } from '../../test/support/in-steps.js';
import { eachApart, repeatedly, takes } from './apart.js';
import { finish, type Work } from './slices.js';

function stepsOf(work: Work<unknown>): number {
  return inSteps(work).steps + 1;
}

/** Lists in lists, some of which have something to tell. */
function look(count: number, seen?: number[]): readonly string[] {
  const found: string[] = [];
  for (const name of ['a', 'b', 'a']) {
    eachApart(name, count, found, (index) => {
      if (name === 'b' && index % 100 === 0) {
        eachApart(`b[${index}].c`, 40, found, (inner) => {
          if (inner % 20 === 0) found.push(`${name}${index}/${inner}`);
        });
      }
      if (index % 1000 === 0) found.push(`${name}${index}`);
      seen?.push(index);
    });
    found.push(`end of ${name}`);
  }
  return found;
}

test.each([0, 1, 16, 17, 999, 1000, 1001, 5000])('lists of %i are the same in pieces and at once', (count) => {
  const seen: number[] = [];
  expect(finish(repeatedly(() => look(count, seen)))).toEqual(look(count));
  // No element is done twice.
  expect(seen.length).toBe(3 * count);
});

test('others have their turn after a thousand elements', () => {
  expect(stepsOf(repeatedly(() => look(100)))).toBe(1);
  expect(stepsOf(repeatedly(() => look(10_000)))).toBeGreaterThanOrEqual(30);
});

test('elements that take long count for more', () => {
  const work = repeatedly(() => eachApart('a', 100, [], () => takes(500)));
  expect(stepsOf(work)).toBeGreaterThanOrEqual(34);
});

test('whoever swallows the pause does not end the work', () => {
  const run = (): number => {
    const found: number[] = [];
    try {
      eachApart('a', 5000, found, (index) => found.push(index));
    } catch {
      return -1;
    }
    return found.length;
  };
  expect(finish(repeatedly(run))).toBe(5000);
});

test('errors go to whoever does the work', () => {
  const work = repeatedly(() =>
    eachApart('a', 5000, [], (index) => {
      if (index === 4000) throw new Error('no');
    }),
  );
  expect(() => finish(work)).toThrow('no');
});

test('whoever swallows the pause in the midst of an element does not end the element', () => {
  const run = (): readonly string[] => {
    const found: string[] = [];
    eachApart('a', 20, found, (outer) => {
      const inner: string[] = [];
      try {
        eachApart(`a[${outer}].b`, 300, inner, (index) => inner.push(`${outer}/${index}`));
      } catch {
        inner.push('broken');
      }
      found.push(...inner);
    });
    return found;
  };
  expect(finish(repeatedly(run))).toEqual(run());
});

test('lists of one name in several elements are not taken for one another', () => {
  const run = (): readonly string[] => {
    const found: string[] = [];
    eachApart('a', 20, found, (outer) => {
      eachApart('b', 300, found, (index) => found.push(`${outer}/${index}`));
    });
    return found;
  };
  expect(finish(repeatedly(run))).toEqual(run());
});
