// An HTTP/1.1 request that asks to speak another protocol (WebSocket, SPDY): answered on the raw connection.
import { ServerResponse, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Socket } from 'node:net';
import { BodyTooLarge, ClientGone, type Exchange } from './exchange.js';
import { http1Exchange } from './http1-exchange.js';

/** The same exchange as without the upgrade, so that errors are answered as usual; who upgrades takes `upgrade.socket`. */
export function upgradeExchange(request: IncomingMessage, socket: Duplex, head: Buffer): Exchange {
  const response = new ServerResponse(request);
  response.assignSocket(socket as Socket);
  response.shouldKeepAlive = false;
  response.once('finish', () => socket.end());
  return { ...http1Exchange(request, response), readBody: (limit) => bodyAfter(request, socket, head, limit), upgrade: { socket, head } };
}

/** Who offers to upgrade sends a body like anyone else; it comes on the raw connection then. None unless its length is announced. */
function bodyAfter({ headers }: IncomingMessage, socket: Duplex, head: Buffer, limit: number): Promise<Uint8Array> {
  const length = Number(headers['content-length'] ?? 0);
  if (length > limit) return Promise.reject(new BodyTooLarge(limit));
  if (head.length >= length) return Promise.resolve(head.subarray(0, length));
  return new Promise((resolve, reject) => {
    const chunks = [head];
    let have = head.length;
    const finish = (settle: () => void): void => {
      socket.off('data', take).off('close', gone);
      settle();
    };
    const take = (chunk: Buffer): void => {
      chunks.push(chunk);
      have += chunk.length;
      if (have >= length) finish(() => resolve(Buffer.concat(chunks).subarray(0, length)));
    };
    const gone = (): void => finish(() => reject(new ClientGone()));
    socket.on('data', take).once('close', gone);
  });
}
