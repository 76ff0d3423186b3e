// A watch over WebSocket, as browsers can hold it: each event is a message.
// https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes
import type { WebSocket } from 'ws';
import type { Exchange } from '../http/exchange.js';

/** The largest message that is read, in bytes. Nothing that a client sends means anything. */
const largestMessage = 64 * 1024;

/** How much may wait for a slow client beyond what it was sent at the start, in bytes. */
const mostWaiting = 32 * 1024 * 1024;

/** Whether the request offers to go on as a WebSocket. */
export function asksWebSocket(exchange: Exchange): boolean {
  return exchange.upgrade !== undefined && exchange.header('upgrade')?.toLowerCase() === 'websocket';
}

export class WatchSocket {
  #most = Infinity;

  private constructor(
    private readonly socket: WebSocket,
    private readonly binary: boolean,
  ) {
    // A broken connection closes; there is nobody to tell.
    socket.on('error', () => socket.terminate());
  }

  /**
   * Shakes hands. Undefined when that failed: the request has been answered then, with 403 for one that does not say from which page it comes
   * (`Origin`), with 400 for one that offers more than one subprotocol. Any single one is agreed to.
   */
  static async open(exchange: Exchange, binary: boolean): Promise<WatchSocket | undefined> {
    const { upgrade } = exchange;
    const protocols = (exchange.header('sec-websocket-protocol') ?? '').split(',').filter((one) => one.trim() !== '');
    const refusal = !isOrigin(exchange.header('origin') ?? '') ? 403 : protocols.length > 1 ? 400 : undefined;
    if (refusal !== undefined || upgrade === undefined) {
      exchange.respond(refusal ?? 400, {}, []);
      return undefined;
    }
    // Most servers never need it, and it takes a while to load.
    const { WebSocketServer } = await import('ws');
    const server = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      maxPayload: largestMessage,
      handleProtocols: (offered) => [...offered][0] ?? false,
    });
    const { request, response } = exchange.nodeObjects();
    let open: WatchSocket | undefined;
    // Calls back before it returns; not at all when it has refused.
    server.handleUpgrade(request, upgrade.socket, upgrade.head, (socket) => (open = new WatchSocket(socket, binary)));
    response.statusCode = open === undefined ? 400 : 101;
    return open;
  }

  push(event: Uint8Array): void {
    if (this.socket.readyState !== this.socket.OPEN) return;
    this.socket.send(event, { binary: this.binary });
    if (this.socket.bufferedAmount > this.#most) this.socket.terminate();
  }

  /** From now on the client may not fall behind; what was sent before (a first list) does not count. */
  limit(): void {
    this.#most = mostWaiting + this.socket.bufferedAmount;
  }

  /** Ends the stream after all that was sent. */
  end(): void {
    this.socket.close(1000);
  }

  onClose(run: () => void): void {
    this.socket.once('close', run);
  }
}

/** Whether a header names a page's origin: an address with a scheme, or a path. */
function isOrigin(text: string): boolean {
  return /^(?:\/|[a-z][a-z0-9+.-]*:)[^\s\0-\x1f\x7f]*$/i.test(text) && !/%(?![0-9a-f]{2})/i.test(text);
}
