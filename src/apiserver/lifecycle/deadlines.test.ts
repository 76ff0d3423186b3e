import { manualClock } from '../../clock/manual-clock.js';
import { Deadlines } from './deadlines.js';

it('ends what takes too long, and nothing else', async () => {
  const clock = manualClock();
  let ticks = 0;
  const deadlines = new Deadlines(clock, 60_000, () => ticks++);
  const ended: string[] = [];
  const timed = (name: string, milliseconds: number) => {
    const one = { deadline: clock.monotonic() + milliseconds, expire: () => ended.push(name) };
    deadlines.add(one, milliseconds);
    return one;
  };
  timed('slow', 60_000);
  const quick = timed('quick', 60_000);
  timed('short', 1_500);
  const answered = timed('answered', 2_000);
  deadlines.delete(quick);
  deadlines.delete(answered);
  await clock.advance(30_000);
  timed('later', 60_000);
  expect(ended).toEqual(['short']);
  await clock.advance(30_000);
  expect(ended).toEqual(['short', 'slow']);
  expect(ticks).toBe(60);
  await clock.advance(30_000);
  expect(ended).toEqual(['short', 'slow', 'later']);
  deadlines.stop();
  expect(clock.pending()).toBe(0);
});
