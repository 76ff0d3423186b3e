// The file of `--audit-log-path`: written at its end, set aside when it is large, old ones removed.
import { closeSync, existsSync, fstatSync, mkdirSync, openSync, readdirSync, renameSync, unlinkSync, writeSync } from 'node:fs';
import { basename, dirname, extname, join, resolve } from 'node:path';
import type { Clock } from '../../clock/clock.js';
import { compressedExtension, compressOld } from './compress.js';

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
  /** Old files are compressed. */
  readonly compress?: boolean | undefined;
}

const day = 86_400_000;
/** How long after a failure it is opened again at the earliest, in milliseconds. */
const pause = 1_000;

export class LogFile {
  #descriptor: number | undefined;
  #size = 0;
  #failed = -Infinity;
  #compressing = false;
  /** Whether the last line has no end, since the disk was full. */
  #torn = false;

  /** Makes the file, and the folders it is in. Throws when that cannot be. */
  constructor(private readonly options: LogFileOptions) {
    makeFolder(dirname(resolve(options.path)));
    this.#open();
  }

  /** Throws when it cannot be written, for a while without trying again. */
  write(text: string): void {
    const bytes = Buffer.from(this.#torn ? `\n${text}` : text);
    const { maxSize, clock } = this.options;
    if (this.#descriptor === undefined) {
      if (clock.monotonic() - this.#failed < pause) throw new Error(`${this.options.path} cannot be written`);
      this.#failed = clock.monotonic();
      this.#open();
    }
    if (maxSize > 0 && this.#size > 0 && this.#size + bytes.byteLength > maxSize) this.#rotate();
    let at = 0;
    try {
      while (at < bytes.byteLength) at += writeSync(this.#descriptor!, bytes, at);
      this.#torn = false;
      this.#size += bytes.byteLength;
    } catch (error) {
      this.#torn ||= at > 0;
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
    this.#compressOld();
  }

  /** In the background, one file at a time. */
  #compressOld(): void {
    if (this.options.compress !== true || this.#compressing) return;
    this.#compressing = true;
    void compressOld(dirname(this.options.path), (name) => !name.endsWith(compressedExtension) && this.#isOld(name)).finally(() => {
      this.#compressing = false;
    });
  }

  #isOld(name: string): boolean {
    return !Number.isNaN(this.#ageOf(name).time);
  }

  /** Of a file that was set aside; the time is NaN for other files. */
  #ageOf(name: string): { readonly time: number; readonly count: number } {
    const extension = extname(this.options.path);
    const prefix = `${basename(this.options.path, extension)}-`;
    const plain = name.endsWith(extension + compressedExtension) ? name.slice(0, -compressedExtension.length) : name;
    if (!plain.startsWith(prefix) || !plain.endsWith(extension)) return { time: NaN, count: 0 };
    return ageOf(plain.slice(prefix.length, plain.length - extension.length));
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
    const old = readdirSync(folder)
      .map((name) => ({ name, ...this.#ageOf(name) }))
      .filter(({ time }) => !Number.isNaN(time))
      .sort((a, b) => b.time - a.time || b.count - a.count);
    let files = 0;
    for (const [index, { name, time, count }] of old.entries()) {
      // While it is compressed, a file is there twice.
      const before = old[index - 1];
      if (before?.time !== time || before.count !== count) files++;
      const tooMany = maxBackup > 0 && files > maxBackup;
      if (!tooMany && (maxAge === 0 || clock.now() - time <= maxAge * day)) continue;
      try {
        unlinkSync(join(folder, name));
      } catch {
        // What somebody else put there, as a folder of that name, must not keep events from being written.
      }
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
