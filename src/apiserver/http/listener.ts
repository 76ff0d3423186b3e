// One TLS port for HTTP/2 and HTTP/1.1 side by side, told apart by ALPN.
import { createServer as createHttp1Server, type Server as Http1Server } from 'node:http';
import {
  createServer as createHttp2Server,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { createServer as createTlsServer, type Server as TlsServer, type TLSSocket } from 'node:tls';
import type { Exchange } from './exchange.js';
import { http1Exchange } from './http1-exchange.js';
import { http2Exchange } from './http2-exchange.js';
import { upgradeExchange } from './upgrade-exchange.js';

export interface ListenOptions {
  readonly bind: string;
  /** 0 takes a free port. */
  readonly port: number;
  readonly certificate: string;
  readonly key: string;
  /** The authority that client certificates are checked against, PEM. */
  readonly clientCa: string;
}

export interface Listener {
  readonly port: number;
  /** Ends all connections and stops listening. Resolves when the port is free. */
  close(): Promise<void>;
}

const window = 1 << 20;

/** Listens, and gives every request to `handle`, protocol upgrades included. Rejects with Node's error when the port cannot be had (`EADDRINUSE`, `EACCES`, `EADDRNOTAVAIL`). */
export async function listen(options: ListenOptions, handle: (exchange: Exchange) => void): Promise<Listener> {
  const connections = new Set<TLSSocket>();
  const http2 = http2Server(handle);
  const http1 = http1Server(handle);
  const tls = createTlsServer({
    cert: options.certificate,
    key: options.key,
    ca: options.clientCa,
    requestCert: true,
    rejectUnauthorized: false,
    ALPNProtocols: ['h2', 'http/1.1'],
    minVersion: 'TLSv1.2',
  });
  tls.on('secureConnection', (socket) => {
    connections.add(socket);
    socket.once('close', () => connections.delete(socket));
    socket.setNoDelay(true);
    (socket.alpnProtocol === 'h2' ? http2 : http1).emit('connection', socket);
  });
  // A client that speaks no TLS or goes away in the middle of a handshake concerns nobody else.
  tls.on('tlsClientError', (_error, socket) => socket.destroy());
  await listening(tls, options);
  return {
    port: (tls.address() as AddressInfo).port,
    close: async () => {
      const closed = new Promise<void>((resolve) => tls.close(() => resolve()));
      for (const socket of connections) socket.destroy();
      http1.closeAllConnections();
      await closed;
    },
  };
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

function http2Server(handle: (exchange: Exchange) => void): Http2Server {
  const server = createHttp2Server({ settings: { maxConcurrentStreams: 1000, initialWindowSize: window } });
  server.on('session', (session: ServerHttp2Session) => {
    session.setLocalWindowSize(window * 4);
    // A broken connection ends its streams; there is nobody to tell.
    session.on('error', () => session.destroy());
  });
  server.on('stream', (stream: ServerHttp2Stream, headers: IncomingHttpHeaders, _flags: number, rawHeaders: string[]) => {
    stream.on('error', () => stream.close());
    handle(http2Exchange(stream, headers, rawHeaders));
  });
  return server;
}

function http1Server(handle: (exchange: Exchange) => void): Http1Server {
  const server = createHttp1Server({ keepAliveTimeout: 60_000, requestTimeout: 0 }, (request, response) =>
    handle(http1Exchange(request, response)),
  );
  server.on('upgrade', (request, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    handle(upgradeExchange(request, socket, head));
  });
  server.on('clientError', (_error, socket) => socket.destroy());
  return server;
}
