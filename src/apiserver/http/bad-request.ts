// Answers what is no HTTP, and lets go of clients that go on sending after their answer.
import type { Duplex } from 'node:stream';
import { realClock } from '../../clock/real-clock.js';

/** Connections live in the system's time, whatever time the cluster keeps. */
const clock = realClock();

/** How long a client that was answered before it had sent everything may go on, in milliseconds: long enough to read the answer. */
const linger = 500;

/** Plain text, as the real server answers: 431 for headers over the limit, 400 for all else. `code` is Node's. */
export function answerBadRequest(code: string | undefined, socket: Duplex): void {
  if (!socket.writable || code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const status = code === 'HPE_HEADER_OVERFLOW' ? '431 Request Header Fields Too Large' : '400 Bad Request';
  socket.end(`HTTP/1.1 ${status}\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n${status}`);
  closeSoon(socket, () => false);
}

/** Closes a connection after a moment, unless `whole` says then that its request has come to its end. */
export function closeSoon(socket: Duplex, whole: () => boolean): void {
  clock.after(linger, () => {
    if (!whole()) socket.destroy();
  });
}
