import type { ResponseStream } from './exchange.js';
import { Pump } from './pump.js';

/** A client that takes bytes only when told to. */
function slowStream(): ResponseStream & { readonly written: string[]; take(): void; readonly ended: () => boolean } {
  const written: string[] = [];
  let buffered = 0;
  let drain: (() => void) | undefined;
  let ended = false;
  return {
    written,
    ended: () => ended,
    write: (chunk) => {
      written.push(Buffer.from(chunk).toString());
      buffered += chunk.byteLength;
    },
    buffered: () => buffered,
    onDrain: (run) => (drain = run),
    end: () => (ended = true),
    abort: () => undefined,
    take: () => {
      buffered = 0;
      drain?.();
    },
  };
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

it('hands chunks on at once to a client that keeps up', async () => {
  const stream = slowStream();
  const pump = new Pump(stream, () => undefined);
  pump.push(Buffer.from('a'));
  pump.push(Buffer.from('b'));
  await settled();
  expect(stream.written).toEqual(['a', 'b']);
});

it('waits for a client that is behind, and goes on where it was', async () => {
  const stream = slowStream();
  const pump = new Pump(stream, () => undefined);
  pump.push(Buffer.alloc(300 * 1024, 'x'));
  await settled();
  pump.push(Buffer.from('later'));
  pump.end();
  await settled();
  expect(stream.written).toHaveLength(1);
  expect(stream.ended()).toBe(false);
  stream.take();
  expect(stream.written[1]).toBe('later');
  expect(stream.ended()).toBe(true);
});

it('gives up on a client that falls behind too far, once, but not for the first list', async () => {
  const stream = slowStream();
  let overruns = 0;
  const pump = new Pump(stream, () => overruns++);
  const megabyte = Buffer.alloc(1024 * 1024);
  for (let i = 0; i < 40; i++) pump.push(megabyte);
  pump.limit();
  await settled();
  expect(overruns).toBe(0);
  while (stream.written.length < 40) {
    stream.take();
    await settled();
  }
  stream.take();
  for (let i = 0; i < 40; i++) pump.push(megabyte);
  await settled();
  expect(overruns).toBe(1);
});
