// A watch over HTTP: one JSON event a line.
// https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes
import { ApiError } from '../../apimachinery/errors/api-error.js';
import type { KubeObject, WatchErrorEvent, WatchEvent } from '../../apimachinery/object.js';
import type { WatchHandle, WatchHandler } from '../client.js';
import { apiErrorOf, type Transport } from './transport.js';

/** The longest event that is taken; a server's objects are smaller than 3 MiB. */
const longestLine = 32 * 1024 * 1024;

/** Splits chunks at line ends; the rest of a line is kept for the next chunk. */
export function createLineSplitter(line: (text: string) => void): (chunk: Uint8Array) => void {
  let rest: Uint8Array[] = [];
  let size = 0;
  return (chunk) => {
    let from = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, from)) {
      const part = chunk.subarray(from, end);
      const whole = rest.length === 0 ? Buffer.from(part.buffer, part.byteOffset, part.byteLength) : Buffer.concat([...rest, part]);
      rest = [];
      size = 0;
      from = end + 1;
      if (whole.length > 0) line(whole.toString('utf8'));
    }
    if (from === chunk.length) return;
    rest.push(chunk.subarray(from));
    size += chunk.length - from;
    if (size > longestLine) throw new ApiError(500, 'InternalError', 'an event of the watch is too long');
  };
}

/** Opens the watch at `path` and feeds the handler until it ends or is stopped. */
export function openWatch<T extends KubeObject>(
  transport: Transport,
  path: string,
  handler: WatchHandler<T>,
  closed: AbortSignal,
): WatchHandle {
  const ending = new AbortController();
  const stop = (): void => {
    closed.removeEventListener('abort', stop);
    ending.abort();
  };
  closed.addEventListener('abort', stop, { once: true });

  const follow = async (): Promise<ApiError | undefined> => {
    const body = await transport.stream({ method: 'GET', path }, ending.signal);
    let failure: ApiError | undefined;
    const split = createLineSplitter((text) => {
      if (failure || ending.signal.aborted) return;
      const event = JSON.parse(text) as WatchEvent<T> | WatchErrorEvent;
      if (event.type === 'ERROR') failure = apiErrorOf(event.object);
      else handler.event(event);
    });
    for await (const chunk of body) {
      split(chunk as Uint8Array);
      if (failure) break;
    }
    return failure;
  };
  const end = (error: ApiError | undefined): void => {
    if (ending.signal.aborted) return;
    stop();
    handler.end(error);
  };
  follow().then(end, (error: unknown) =>
    end(error instanceof ApiError ? error : new ApiError(503, 'ServiceUnavailable', `the watch broke off: ${String(error)}`)),
  );
  return { stop };
}
