// The folder that certificates are kept in: whole files only, and errors that say what to do.
import { constants } from 'node:fs';
import { access, link, mkdir, open, readFile, rename, stat, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Random } from '../../clock/random.js';
import { isRecord } from '../../apimachinery/object.js';
import { CertificateError } from './certificate-error.js';

/** A folder of certificates and keys. All methods reject with {@link CertificateError}. */
export interface CertificateFolder {
  /** As the user named it. */
  readonly name: string;
  path(file: string): string;
  /** The file's text; undefined when it is not there. */
  read(file: string): Promise<string | undefined>;
  /** The first of these files that is there. */
  has(...files: readonly string[]): Promise<string | undefined>;
  /** Writes the file if it is not there; returns the text that is there afterwards (another process's, if it came first). */
  create(file: string, text: string): Promise<string>;
  /** Writes the file, in one step for whoever reads it. */
  replace(file: string, text: string): Promise<void>;
  /** Rejects when files cannot be made here. */
  checkWritable(): Promise<void>;
  /** The error for a file that should be beside another. */
  missing(file: string, beside: string): CertificateError;
}

/** Nothing of ours is larger; a device or a wrong folder might be. */
const largest = 1024 * 1024;

/** Opens a folder of certificates, making it when it is not there. */
export async function openFolder(name: string, random: Random): Promise<CertificateFolder> {
  try {
    await makeFolder(name);
  } catch (error) {
    throw explained(error, 'use', name);
  }
  return folderAt(name, random);
}

/**
 * Makes a folder and those above it. Node's own `recursive` goes round for ever where the system says "no such file" for a folder
 * whose parent is there, as `/proc` does.
 */
export async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    const code = codeOf(error);
    if (code !== 'ENOENT' || dirname(path) === path) {
      if ((await stat(path).catch(() => undefined))?.isDirectory() === true) return;
      throw error;
    }
    await makeFolder(dirname(path));
    await mkdir(path).catch((again: unknown) => {
      if (codeOf(again) !== 'EEXIST') throw again;
    });
  }
}

function folderAt(name: string, random: Random): CertificateFolder {
  const path = (file: string): string => join(name, file);
  const temporary = (file: string): string => path(`.${file}.${process.pid}.${random.suffix(8)}`);
  const folder: CertificateFolder = {
    name,
    path,
    async read(file) {
      try {
        const { size } = await stat(path(file));
        if (size > largest)
          throw new CertificateError(`${path(file)} is too large to be a certificate or key: remove it, or choose another folder`);
        return await readFile(path(file), 'utf8');
      } catch (error) {
        if (codeOf(error) === 'ENOENT') return undefined;
        throw explained(error, 'read', path(file));
      }
    },
    async has(...files) {
      for (const file of files) if ((await folder.read(file)) !== undefined) return file;
      return undefined;
    },
    async create(file, text) {
      const temp = temporary(file);
      try {
        await writeWhole(temp, text, modeOf(file));
        // A hard link is made only if nothing has the name, and the file has all its bytes when it gets the name.
        await link(temp, path(file));
        return text;
      } catch (error) {
        if (codeOf(error) !== 'EEXIST') throw explained(error, 'write', path(file));
        return (await folder.read(file)) ?? text;
      } finally {
        await unlink(temp).catch(() => undefined);
      }
    },
    async replace(file, text) {
      await replaceFile(path(file), temporary(file), text, modeOf(file));
    },
    async checkWritable() {
      await access(name, constants.W_OK).catch((error: unknown) => {
        throw explained(error, 'write to', name);
      });
    },
    missing: (file, beside) =>
      new CertificateError(
        `${path(file)} is missing, but ${path(beside)} is there: put it back, or empty ${name} so that all is made anew`,
      ),
  };
  return folder;
}

/** Keys are their owner's alone. */
function modeOf(file: string): number {
  return file.endsWith('.key') ? 0o600 : 0o644;
}

/** Writes a file in one step: readers see the old text or the new one. Rejects with {@link CertificateError}. */
export async function replaceFile(path: string, temporary: string, text: string, mode: number): Promise<void> {
  try {
    await writeWhole(temporary, text, mode);
    await rename(temporary, path);
  } catch (error) {
    await unlink(temporary).catch(() => undefined);
    throw explained(error, 'write', path);
  }
}

async function writeWhole(path: string, text: string, mode: number): Promise<void> {
  const file = await open(path, 'wx', mode);
  try {
    await file.writeFile(text);
    // Without this a power cut may leave a name without bytes.
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Asks for no Error: Node's own errors are of another realm under Jest. */
function codeOf(error: unknown): string {
  return isRecord(error) && typeof error.code === 'string' ? error.code : '';
}

const reasons: ReadonlyMap<string, string> = new Map([
  ['EACCES', 'permission denied: give this user access, or choose another folder'],
  ['EPERM', 'not permitted: give this user access, or choose another folder'],
  ['EROFS', 'the file system is read-only: choose a folder that can be written'],
  ['ENOTDIR', 'a part of the path is not a folder: choose another folder'],
  ['EEXIST', 'it is a file, not a folder: choose another folder'],
  ['EISDIR', 'it is a folder, not a file: remove it'],
  ['ENOSPC', 'the disk is full: make room, or choose another folder'],
  ['ENOENT', 'the folder is not there any more: make it again, or choose another folder'],
]);

/** A file system error in one line. */
export function explained(error: unknown, doing: string, path: string): CertificateError {
  if (error instanceof CertificateError) return error;
  const code = codeOf(error);
  return new CertificateError(
    `cannot ${doing} ${path}: ${reasons.get(code) ?? `${code === '' ? String(error) : code}: choose another folder`}`,
  );
}
