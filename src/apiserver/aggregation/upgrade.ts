// A connection that goes on in another protocol (WebSocket, SPDY): bytes both ways until one side ends.
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { ServedExchange } from '../lifecycle/served-exchange.js';

/** Answers the client's handshake with the backend's, and connects the two. `head`: what the backend has said already. */
export function passUpgrade(exchange: ServedExchange, response: IncomingMessage, backend: Duplex, head: Buffer): void {
  const { upgrade } = exchange;
  if (upgrade === undefined) return void backend.destroy();
  // From here on nobody else answers; it is released when the connection closes.
  exchange.nodeObjects().response.statusCode = response.statusCode ?? 101;
  const { socket: client } = upgrade;
  const lines = [`HTTP/1.1 ${response.statusCode ?? 101} ${response.statusMessage ?? 'Switching Protocols'}`];
  for (let at = 0; at < response.rawHeaders.length; at += 2) lines.push(`${response.rawHeaders[at]}: ${response.rawHeaders[at + 1]}`);
  client.write(Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'));
  const end = (): void => {
    client.destroy();
    backend.destroy();
  };
  for (const side of [client, backend]) side.once('error', end).once('close', end);
  if (upgrade.head.length > 0) backend.write(upgrade.head);
  if (head.length > 0) client.write(head);
  // A pipe waits for whoever is slower, and passes on that one side says no more.
  client.pipe(backend);
  backend.pipe(client);
}
