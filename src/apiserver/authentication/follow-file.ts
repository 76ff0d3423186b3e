// Follows a configuration file: what is written into it counts without a restart.
import { readFile, stat } from 'node:fs/promises';
import type { Clock } from '../../clock/clock.js';

export interface FollowedFile {
  readonly path: string;
  /** What was read of it at the start. */
  readonly text: string;
  /** Real time: files are outside of the cluster. */
  readonly clock: Clock;
  /** Takes the new text. What it rejects with goes to `failed`. */
  readonly changed: (text: string) => void | Promise<void>;
  /** Told why the file could not be read, or what `changed` made of it. */
  readonly failed: (error: unknown) => void;
}

const second = 1000;

/**
 * Looks at the file once a second, also where it is a link that is turned to another file, as mounted config maps are. The same text is told of
 * once. Returns what ends it.
 */
export function followFile({ path, text, clock, changed, failed }: FollowedFile): () => void {
  let known = '';
  let last: string | undefined = text;
  let looking = false;
  const look = async (): Promise<void> => {
    const { mtimeMs, size, ino } = await stat(path);
    const seen = `${mtimeMs} ${size} ${ino}`;
    if (seen === known) return;
    const now = await readFile(path, 'utf8');
    known = seen;
    if (now === last) return;
    last = now;
    await changed(now);
  };
  const timer = clock.every(second, () => {
    if (looking) return;
    looking = true;
    look()
      .catch((error: unknown) => {
        // A file that is away is told of once.
        if (isMissing(error) && last === undefined) return;
        if (isMissing(error)) [last, known] = [undefined, ''];
        failed(error);
      })
      .finally(() => {
        looking = false;
      });
  });
  return () => timer.cancel();
}

function isMissing(error: unknown): boolean {
  return (error as { readonly code?: unknown } | undefined)?.code === 'ENOENT';
}
