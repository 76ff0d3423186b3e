// An HTTP/1.1 request that asks to speak another protocol (WebSocket, SPDY): answered on the raw connection.
import { ServerResponse, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Socket } from 'node:net';
import type { Exchange } from './exchange.js';
import { http1Exchange } from './http1-exchange.js';

/** The same exchange as without the upgrade, so that errors are answered as usual; who upgrades takes `upgrade.socket`. */
export function upgradeExchange(request: IncomingMessage, socket: Duplex, head: Buffer): Exchange {
  const response = new ServerResponse(request);
  response.assignSocket(socket as Socket);
  response.shouldKeepAlive = false;
  response.once('finish', () => socket.end());
  return { ...http1Exchange(request, response), upgrade: { socket, head } };
}
