import { ApiError } from '../../apimachinery/errors/api-error.js';
import { manualClock } from '../../clock/manual-clock.js';
import type { Logger } from '../logger.js';
import { silentLogger } from '../logger.js';
import { createController, type ReconcileResult } from './controller.js';

function recordingLogger() {
  const lines: string[] = [];
  const add = (level: string) => (message: string) => void lines.push(`${level} ${message}`);
  const logger: Logger = { debug: add('debug'), info: add('info'), warn: add('warn'), error: add('error') };
  return { logger, lines };
}

test('reconciles once per key, and again after an error with back-off, quietly for conflicts', async () => {
  const clock = manualClock();
  const { logger, lines } = recordingLogger();
  const seen: string[] = [];
  const outcomes: (Error | undefined)[] = [new Error('broken'), new ApiError(409, 'Conflict', 'modified'), undefined];
  const controller = createController({
    name: 'test',
    clock,
    logger,
    reconcile: async (key) => {
      seen.push(key);
      const outcome = outcomes.shift();
      if (outcome) throw outcome;
    },
  });
  controller.enqueue('a');
  controller.enqueue('a');
  controller.start();
  await clock.advance(0);
  expect(seen).toEqual(['a']);
  await clock.advance(5);
  await clock.advance(10);
  expect(seen).toEqual(['a', 'a', 'a']);
  expect(lines).toEqual(['error test: a failed', 'debug test: a: conflict, again']);
  await clock.advance(60_000);
  expect(seen).toHaveLength(3);
  await controller.stop();
  expect(clock.pending()).toBe(0);
});

test('what the server refuses is told when it goes on', async () => {
  const clock = manualClock();
  const { logger, lines } = recordingLogger();
  let refusals = 9;
  const reconcile = async (): Promise<void> => {
    if (refusals-- > 0) throw new ApiError(403, 'Forbidden', 'exceeded quota');
  };
  const controller = createController({ name: 'test', clock, logger, reconcile });
  controller.enqueue('a');
  controller.start();
  await clock.advance(60_000);
  expect(lines).toEqual([
    ...Array<string>(7).fill('debug test: a was refused'),
    ...Array<string>(2).fill('warn test: a is refused again and again'),
  ]);
  await controller.stop();
});

test('requeueAfter brings the key back, and the failures are forgotten', async () => {
  const clock = manualClock();
  const times: number[] = [];
  const start = clock.now();
  const controller = createController({
    name: 'test',
    clock,
    logger: silentLogger,
    reconcile: async (): Promise<ReconcileResult> => {
      times.push(clock.now() - start);
      return times.length < 3 ? { requeueAfter: 1000 } : undefined;
    },
  });
  controller.start();
  controller.enqueue('a');
  await clock.advance(10_000);
  expect(times).toEqual([0, 1000, 2000]);
  await controller.stop();
});

test('workers work on different keys at once, and stop waits for them', async () => {
  const clock = manualClock();
  let most = 0;
  let current = 0;
  let finished = 0;
  const controller = createController({
    name: 'test',
    clock,
    logger: silentLogger,
    workers: 3,
    reconcile: async (_key, signal) => {
      most = Math.max(most, ++current);
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
      current--;
      finished++;
    },
  });
  for (const key of ['a', 'b', 'c', 'd']) controller.enqueue(key);
  controller.start();
  await clock.advance(0);
  expect(controller.running).toBe(3);
  expect(controller.pending).toBe(1);
  await controller.stop();
  expect(most).toBe(3);
  expect(finished).toBe(3);
  expect(clock.pending()).toBe(0);
});

test('waits for its informers', async () => {
  const clock = manualClock();
  let sync = (_: boolean): void => {};
  const synced = new Promise<boolean>((resolve) => (sync = resolve));
  const seen: string[] = [];
  const controller = createController({
    name: 'test',
    clock,
    logger: silentLogger,
    informers: [{ waitForSync: () => synced }],
    reconcile: async (key) => void seen.push(key),
  });
  controller.enqueue('a');
  controller.start();
  await clock.advance(0);
  expect(seen).toEqual([]);
  sync(true);
  await clock.advance(0);
  expect(seen).toEqual(['a']);
  await controller.stop();
});
