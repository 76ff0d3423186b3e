// How many turns of the event loop pass while the server makes an answer: in each, others are served. Long work that is done at once takes none.
import type { Victim } from './attacker.js';

export interface Counted {
  readonly status: number;
  /** Turns of the event loop from the request's last byte to the answer's first. */
  readonly turns: number;
}

export interface CountedRequest {
  readonly method: string;
  readonly path: string;
  readonly body?: string;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** So many turns are enough for all that was sent to have been read: to send 3 MB takes fewer. */
const settled = 1000;

/** Sends all of a request but its last byte, lets the server read it, and counts the turns that it takes for the rest. */
export async function turnsOf(victim: Victim, { method, path, body = '', type, headers = {} }: CountedRequest): Promise<Counted> {
  const socket = await victim.connect();
  const length = Buffer.byteLength(body);
  const all = {
    Host: 'kubernetes',
    Accept: 'application/json',
    ...(length === 0 ? {} : { 'Content-Type': type ?? 'application/json', 'Content-Length': String(length) }),
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  let counting = true;
  const bytes = Buffer.from(`${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body}`);
  try {
    await new Promise((resolve) => socket.write(bytes.subarray(0, -1), resolve));
    for (let turn = 0; turn < settled; turn++) await new Promise((resolve) => setImmediate(resolve));
    let turns = 0;
    const count = (): void => {
      turns++;
      if (counting) setImmediate(count);
    };
    const answer = new Promise<Buffer>((resolve, reject) => {
      socket.once('data', resolve);
      socket.once('close', () => reject(new Error('there was no answer')));
    });
    socket.write(bytes.subarray(-1));
    setImmediate(count);
    const first = await answer;
    return { status: Number(first.toString('latin1', 9, 12)), turns };
  } finally {
    counting = false;
    socket.destroy();
  }
}
