// The file of `--audit-log-path`: written at its end, set aside when it is large, old ones removed.
import { closeSync, existsSync, fstatSync, mkdirSync, openSync, readdirSync, renameSync, unlinkSync, writeSync } from 'node:fs';
import { basename, dirname, extname, join, resolve } from 'node:path';
import type { Clock } from '../../clock/clock.js';

export interface LogFileOptions {
  readonly path: string;
  /** Real time: other programs look at the files. */
  readonly clock: Clock;
  /** Days for which old files are kept; 0: for ever. */
  readonly maxAge: number;
  /** How many old files are kept; 0: all. */
  readonly maxBackup: number;
  /** Bytes at which the file is set aside; 0: never. */
  readonly maxSize: number;
}

const day = 86_400_000;
/** How long after a failure it is opened again at the earliest, in milliseconds. */
const pause = 1_000;

export class LogFile {
  #descriptor: number | undefined;
  #size = 0;
  #failed = -Infinity;

  /** Makes the file, and the folders it is in. Throws when that cannot be. */
  constructor(private readonly options: LogFileOptions) {
    makeFolder(dirname(resolve(options.path)));
    this.#open();
  }

  /** Throws when it cannot be written, for a while without trying again. */
  write(text: string): void {
    const bytes = Buffer.from(text);
    const { maxSize, clock } = this.options;
    if (this.#descriptor === undefined) {
      if (clock.monotonic() - this.#failed < pause) throw new Error(`${this.options.path} cannot be written`);
      this.#failed = clock.monotonic();
      this.#open();
    }
    if (maxSize > 0 && this.#size > 0 && this.#size + bytes.byteLength > maxSize) this.#rotate();
    try {
      for (let at = 0; at < bytes.byteLength;) at += writeSync(this.#descriptor!, bytes, at);
      this.#size += bytes.byteLength;
    } catch (error) {
      this.#failed = clock.monotonic();
      this.close();
      throw error;
    }
  }

  close(): void {
    if (this.#descriptor === undefined) return;
    const descriptor = this.#descriptor;
    this.#descriptor = undefined;
    closeSync(descriptor);
  }

  #open(): void {
    this.#descriptor = openSync(this.options.path, 'a', 0o600);
    this.#size = fstatSync(this.#descriptor).size;
  }

  #rotate(): void {
    this.close();
    const { path, clock } = this.options;
    const time = new Date(clock.now()).toISOString().slice(0, 23).replaceAll(':', '-');
    // Whoever writes fast sets several aside in one millisecond.
    for (let count = 0; ; count++) {
      const aside = this.#aside(count === 0 ? time : `${time}-${count}`);
      if (existsSync(aside)) continue;
      if (existsSync(path)) renameSync(path, aside);
      break;
    }
    this.#open();
    this.#removeOld();
  }

  #aside(time: string): string {
    const { path } = this.options;
    const extension = extname(path);
    return join(dirname(path), `${basename(path, extension)}-${time}${extension}`);
  }

  #removeOld(): void {
    const { path, maxAge, maxBackup, clock } = this.options;
    if (maxAge === 0 && maxBackup === 0) return;
    const folder = dirname(path);
    const extension = extname(path);
    const prefix = `${basename(path, extension)}-`;
    const old = readdirSync(folder)
      .filter((name) => name.startsWith(prefix) && name.endsWith(extension))
      .map((name) => ({ name, ...ageOf(name.slice(prefix.length, name.length - extension.length)) }))
      .filter(({ time }) => !Number.isNaN(time))
      .sort((a, b) => b.time - a.time || b.count - a.count);
    for (const [index, { name, time }] of old.entries()) {
      const tooMany = maxBackup > 0 && index >= maxBackup;
      if (tooMany || (maxAge > 0 && clock.now() - time > maxAge * day)) unlinkSync(join(folder, name));
    }
  }
}

/** With those above it, one by one: where none can be made (`/proc`), Node's own way with `recursive` never ends. */
function makeFolder(path: string): void {
  if (existsSync(path)) return;
  makeFolder(dirname(path));
  mkdirSync(path, 0o755);
}

/** Of `2026-11-21T20-48-27.692`, perhaps with a number after it; the time is NaN for a name that is not ours. */
function ageOf(text: string): { readonly time: number; readonly count: number } {
  const [, date, hours, minutes, seconds, count = '0'] = /^(\d{4}-\d\d-\d\d)T(\d\d)-(\d\d)-(\d\d\.\d{3})(?:-(\d{1,6}))?$/.exec(text) ?? [];
  return { time: Date.parse(`${date}T${hours}:${minutes}:${seconds}Z`), count: Number(count) };
}
