// `--audit-log-compress`: log files that were set aside are compressed.
import { createReadStream, createWriteStream } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';

export const compressedExtension = '.gz';

/**
 * Compresses the files of the folder that `isOld`, one after the other; the file itself goes when its compressed form is whole. One that cannot
 * be stays as it is.
 */
export async function compressOld(folder: string, isOld: (name: string) => boolean): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    if (!isOld(name)) continue;
    const path = join(folder, name);
    const compressed = path + compressedExtension;
    try {
      await pipeline(createReadStream(path), createGzip(), createWriteStream(compressed, { mode: 0o600 }));
      await rm(path);
    } catch {
      await rm(compressed, { force: true }).catch(() => undefined);
    }
  }
}
