// One TLS port for HTTP/2 and HTTP/1.1 side by side, told apart by ALPN.
import { createServer as createHttp1Server, type Server as Http1Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { createServer as createTlsServer, type SecureContextOptions, type Server as TlsServer, type TLSSocket } from 'node:tls';
import type { Clock } from '../../clock/clock.js';
import { answerBadRequest } from './bad-request.js';
import { serverCiphers } from './ciphers.js';
import type { Exchange } from './exchange.js';
import { http1Exchange } from './http1-exchange.js';
import { Connection } from './http2/connection.js';
import { Http2Exchange } from './http2/exchange.js';
import { FrameBuffers } from './http2/frame-writer.js';
import { HuffmanDecoder, huffmanMachine } from './http2/huffman.js';
import type { Stream } from './http2/stream.js';
import { upgradeExchange } from './upgrade-exchange.js';

export interface ListenOptions {
  readonly bind: string;
  /** 0 takes a free port. */
  readonly port: number;
  readonly certificate: string;
  readonly key: string;
  /** The authority that client certificates are checked against, PEM. */
  readonly clientCa: string | readonly string[];
  readonly clock: Clock;
}

/** What a listener shows and whom it trusts, of which something is other than before. */
export type Renewed = Partial<Pick<ListenOptions, 'certificate' | 'key' | 'clientCa'>>;

export interface Listener {
  readonly port: number;
  /** For handshakes from now on; connections that are there go on. Throws Node's error for what cannot be used, and goes on as before. */
  renew(renewed: Renewed): void;
  /** Ends all connections and stops listening. Resolves when the port is free. */
  close(): Promise<void>;
}

/** The most bytes of a request's line and headers, and how long they and a TLS handshake may take: the real server's limits. */
const largestHeaders = 1_048_896;
const longestHeaders = 32_000;
/** How long a connection of HTTP/1.1 may wait for its next request. */
const longestIdle = 90_000;
/** How often connections are looked at for these limits. */
const lookPeriod = 5_000;

/** Listens, and gives every request to `handle`, protocol upgrades included. Rejects with Node's error when the port cannot be had (`EADDRINUSE`, `EACCES`, `EADDRNOTAVAIL`). */
export async function listen(options: ListenOptions, handle: (exchange: Exchange) => void): Promise<Listener> {
  const connections = new Set<Duplex>();
  const http2 = http2Server(options.clock, handle);
  const http1 = http1Server(handle);
  let identity: Required<Renewed> = options;
  const tls = createTlsServer({
    ...contextOf(identity),
    requestCert: true,
    rejectUnauthorized: false,
    ALPNProtocols: ['h2', 'http/1.1'],
    handshakeTimeout: longestHeaders,
  });
  const keep = (socket: Duplex): void => {
    connections.add(socket);
    socket.once('close', () => connections.delete(socket));
  };
  // Also those whose handshake never ends: closing waits for every connection there is.
  tls.on('connection', (socket: Socket) => keep(socket));
  tls.on('secureConnection', (socket) => {
    keep(socket);
    socket.setNoDelay(true);
    if (socket.alpnProtocol === 'h2') http2.take(socket);
    else {
      http1.emit('connection', socket);
      readPatiently(socket);
    }
  });
  // A client that speaks no TLS or goes away in the middle of a handshake concerns nobody else.
  tls.on('tlsClientError', (_error, socket) => socket.destroy());
  await listening(tls, options);
  return {
    port: (tls.address() as AddressInfo).port,
    renew: (renewed) => {
      const next = { ...identity, ...renewed };
      tls.setSecureContext(contextOf(next));
      identity = next;
    },
    close: async () => {
      const closed = new Promise<void>((resolve) => tls.close(() => resolve()));
      http2.close();
      for (const socket of connections) socket.destroy();
      // Also ends the looking at its connections.
      http1.close(() => undefined);
      http1.closeAllConnections();
      await closed;
    },
  };
}

function contextOf({ certificate, key, clientCa }: Required<Renewed>): SecureContextOptions {
  return {
    cert: certificate,
    key,
    ca: typeof clientCa === 'string' ? clientCa : [...clientCa],
    minVersion: 'TLSv1.2',
    ciphers: serverCiphers(),
  };
}

/**
 * Node's HTTP/1.1 stops reading requests while the client has not taken an earlier answer. Where its parser reads from the connection itself
 * it cannot stop in the middle of what has come, and takes the next request for a mistake (HPE_PAUSED); somebody who listens makes it
 * read from the stream, which can wait.
 */
function readPatiently(socket: TLSSocket): void {
  const listener = (): void => undefined;
  socket.on('data', listener);
  socket.off('data', listener);
}

function listening(server: TlsServer, { bind, port }: ListenOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: bind, port }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

/** Serves connections that speak HTTP/2. */
function http2Server(clock: Clock, handle: (exchange: Exchange) => void): { take(socket: TLSSocket): void; close(): void } {
  const connections = new Set<Connection>();
  const serving = {
    huffman: new HuffmanDecoder(huffmanMachine()),
    buffers: new FrameBuffers(),
    now: () => clock.now(),
    date: httpDate(clock),
    serve: (stream: Stream, connection: Connection) => handle(new Http2Exchange(stream, connection)),
  };
  const looking = clock.every(lookPeriod, () => {
    const longAgo = clock.now() - longestHeaders;
    for (const { owingSince, socket } of connections) if (owingSince !== undefined && owingSince < longAgo) socket.destroy();
  });
  return {
    take: (socket) => {
      const connection = new Connection(socket, serving);
      connections.add(connection);
      socket.once('close', () => connections.delete(connection));
    },
    close: () => {
      looking.cancel();
      for (const connection of connections) connection.close();
    },
  };
}

/** The time as HTTP writes it, written anew once a second. */
function httpDate(clock: Clock): () => string {
  let second = 0;
  let text = '';
  return () => {
    const now = Math.floor(clock.now() / 1000);
    if (now !== second || text === '') {
      second = now;
      text = new Date(now * 1000).toUTCString();
    }
    return text;
  };
}

function http1Server(handle: (exchange: Exchange) => void): Http1Server {
  const server = createHttp1Server(
    {
      keepAliveTimeout: longestIdle,
      headersTimeout: longestHeaders,
      requestTimeout: 0,
      connectionsCheckingInterval: lookPeriod,
      maxHeaderSize: largestHeaders,
    },
    (request, response) => {
      answering.set(request.socket, response);
      handle(http1Exchange(request, response));
    },
  );
  /** What each connection is being answered. */
  const answering = new WeakMap<Duplex, ServerResponse>();
  const mistaken = new WeakSet<Duplex>();
  server.maxHeadersCount = 0;
  server.on('upgrade', (request, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    handle(upgradeExchange(request, socket, head));
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    // What follows a mistake is as wrong as the mistake.
    if (mistaken.has(socket)) return;
    mistaken.add(socket);
    // In the middle of an answer there is no place for another one.
    if (answering.get(socket)?.headersSent === true && !answering.get(socket)!.writableFinished) socket.destroy();
    else answerBadRequest(error.code, socket);
  });
  // The server itself never listens; this is when it begins to watch over how long its connections take.
  server.emit('listening');
  return server;
}
