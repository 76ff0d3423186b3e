// Writes to objects that may be gone by now.
import { isReason } from '../../apimachinery/errors/api-error.js';

/** Resolves also when what was to be written or deleted does not exist any more; rejects as `write` does otherwise. */
export async function unlessGone(write: Promise<unknown>): Promise<void> {
  try {
    await write;
  } catch (error) {
    if (!isReason(error, 'NotFound')) throw error;
  }
}

/** What was read, or undefined when it does not exist; rejects as `read` does otherwise. */
export async function ifThere<T>(read: Promise<T>): Promise<T | undefined> {
  try {
    return await read;
  } catch (error) {
    if (isReason(error, 'NotFound')) return undefined;
    throw error;
  }
}
