// Loaded into the server's process before its program (`node --import`): how long its event loop was kept, asked for over IPC. Nothing of the server is changed.
import { openSync, readSync } from 'node:fs';
import { interval, type Reading } from './reading.js';

/** Opened by the main thread, it stays that thread's. */
function openTimes(): number | undefined {
  try {
    return openSync('/proc/thread-self/schedstat', 'r');
  } catch {
    return undefined;
  }
}

const times = openTimes();
const buffer = Buffer.alloc(64);

interface Moment {
  readonly at: number;
  /** Milliseconds of processor that this thread has had so far. */
  readonly used: number;
  /** Milliseconds in which it could have gone on, but others had the core. */
  readonly waited: number;
}

/** Where the system does not tell of a thread, the processor time is that of the whole process, and nobody waits. */
function moment(): Moment {
  const at = performance.now();
  if (times === undefined) {
    const { user, system } = process.cpuUsage();
    return { at, used: (user + system) / 1000, waited: 0 };
  }
  const length = readSync(times, buffer, 0, buffer.length, 0);
  const [used, waited] = buffer.toString('latin1', 0, length).split(' ');
  return { at, used: Number(used) / 1e6, waited: Number(waited) / 1e6 };
}

let last = moment();
let began = last;
let delay = 0;
let clock = 0;
let work = 0;

function tick(): void {
  const now = moment();
  const late = now.at - last.at - interval;
  clock = Math.max(clock, late);
  delay = Math.max(delay, late - (now.waited - last.waited));
  work = Math.max(work, now.used - last.used);
  last = now;
}

// Neither the timer nor the channel keeps the server from ending.
setInterval(tick, interval).unref();
process.on('message', (message) => {
  tick();
  const reading: Reading = { delay, clock, processor: work, total: last.used - began.used };
  if (message === 'begin') {
    began = last;
    delay = 0;
    clock = 0;
    work = 0;
  }
  process.send?.(reading);
});
process.channel?.unref();
