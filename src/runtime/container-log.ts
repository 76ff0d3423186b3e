// What one container has printed: the newest part of it, in a bounded memory.

export type LogStreamName = 'stdout' | 'stderr';

/** One line, or, when it does not end in a newline, a part of one. */
export interface LogEntry {
  /** Milliseconds since the epoch. */
  readonly time: number;
  readonly stream: LogStreamName;
  readonly text: string;
}

export interface LogFollower {
  entry(entry: LogEntry): void;
  /** The container has ended: there will be no more. Called once. */
  end(): void;
}

export interface ContainerLog {
  /** From the oldest that is kept. */
  entries(): readonly LogEntry[];
  /** Tells of entries from now on; at once of the end when the log is closed. Returns how to stop it. */
  follow(follower: LogFollower): () => void;
}

export interface WritableContainerLog extends ContainerLog {
  /** Adds text, which may be several lines. */
  append(time: number, stream: LogStreamName, text: string): void;
  close(): void;
}

/** What an entry costs beside its text. */
const overhead = 64;
/** A longer line is kept in parts of this length, as container runtimes do. */
const longestPart = 16_384;

/** @param limit about how many bytes to keep; the oldest lines go first, the newest stays in any case */
export function createContainerLog(limit: number): WritableContainerLog {
  let entries: LogEntry[] = [];
  let first = 0;
  let size = 0;
  let closed = false;
  /** Made for the first: hardly any log is ever followed. */
  let followers: Set<LogFollower> | undefined;

  const add = (entry: LogEntry): void => {
    entries.push(entry);
    size += entry.text.length + overhead;
    while (size > limit && first < entries.length - 1) {
      size -= entries[first]!.text.length + overhead;
      first++;
    }
    if (first > 1024 && first > entries.length / 2) {
      entries = entries.slice(first);
      first = 0;
    }
    if (followers !== undefined) for (const follower of followers) follower.entry(entry);
  };

  return {
    append(time, stream, text) {
      if (closed) return;
      for (let start = 0; start < text.length;) {
        const newline = text.indexOf('\n', start);
        const end = Math.min(newline < 0 ? text.length : newline + 1, start + longestPart);
        add({ time, stream, text: text.slice(start, end) });
        start = end;
      }
    },
    close() {
      if (closed) return;
      closed = true;
      for (const follower of followers ?? []) follower.end();
      followers = undefined;
    },
    entries: () => (first === 0 ? entries : entries.slice(first)),
    follow(follower) {
      if (closed) {
        follower.end();
        return () => {};
      }
      (followers ??= new Set()).add(follower);
      return () => void followers?.delete(follower);
    },
  };
}
