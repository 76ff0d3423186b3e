// Reads a container's log as `pods/<name>/log` answers it. https://kubernetes.io/docs/concepts/cluster-administration/logging/
import type { LogOptions, LogSink, LogStream } from '../client/kubelet-endpoint.js';
import type { Clock } from '../clock/clock.js';
import type { ContainerLog, LogEntry } from './container-log.js';

/** Writes what `options` asks for to the sink, and with `follow` what comes, until the container ends. */
export function readLog(log: ContainerLog, options: LogOptions, sink: LogSink, clock: Clock): LogStream {
  const since = options.sinceTime ?? (options.sinceSeconds === undefined ? undefined : clock.now() - options.sinceSeconds * 1000);
  const wanted = ({ time, stream }: LogEntry): boolean =>
    (since === undefined || time >= since) &&
    (options.stream === undefined || options.stream === 'All' || options.stream.toLowerCase() === stream);
  let left = options.limitBytes ?? Number.POSITIVE_INFINITY;
  let fresh = true;
  let ended = false;
  let unfollow = (): void => {};

  const write = (entries: readonly LogEntry[]): void => {
    let text = '';
    for (const entry of entries) {
      text += options.timestamps && fresh ? `${nanoseconds(entry.time)} ${entry.text}` : entry.text;
      fresh = entry.text.endsWith('\n');
    }
    if (text === '' || left <= 0) return;
    const bytes = Buffer.from(text);
    const chunk = bytes.length > left ? bytes.subarray(0, left) : bytes;
    left -= chunk.length;
    sink.write(chunk);
  };
  const end = (): void => {
    if (ended) return;
    ended = true;
    unfollow();
    sink.end();
  };

  const kept = log.entries().filter(wanted);
  write(options.tailLines === undefined ? kept : lastLines(kept, options.tailLines));
  if (!options.follow || left <= 0) end();
  else {
    const stop = log.follow({
      entry(entry) {
        if (ended || !wanted(entry)) return;
        write([entry]);
        if (left <= 0) end();
      },
      end,
    });
    // It may have ended at once.
    if (ended) stop();
    else unfollow = stop;
  }
  return {
    stop() {
      ended = true;
      unfollow();
    },
  };
}

/** The text of the last lines, for a termination message: at most 80 lines and 2048 bytes. */
export function lastOutput(log: ContainerLog): string {
  const text = lastLines(log.entries(), 80)
    .map((entry) => entry.text)
    .join('');
  return Buffer.from(text).subarray(-2048).toString();
}

/** The entries of the last `count` lines; parts of one line belong together. */
function lastLines(entries: readonly LogEntry[], count: number): readonly LogEntry[] {
  let start = entries.length;
  for (let lines = 0; start > 0; start--) {
    const endsLine = start === entries.length || entries[start - 1]!.text.endsWith('\n');
    if (endsLine && ++lines > count) break;
  }
  return entries.slice(start);
}

/** With nine decimals, as container runtimes write it. */
function nanoseconds(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, -1)}000000Z`;
}
