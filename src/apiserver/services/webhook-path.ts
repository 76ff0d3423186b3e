// The path on which a webhook is asked.
import { posix } from 'node:path';

/** The path of a webhook's URL or service as it is asked for: joined, so that `//mutate` and `/mutate/` are `/mutate`, as on the real server. */
export function webhookPath(path: string): string {
  const joined = posix.normalize(`/${path}`);
  return joined.length > 1 && joined.endsWith('/') ? joined.slice(0, -1) : joined;
}
