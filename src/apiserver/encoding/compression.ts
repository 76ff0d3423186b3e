// gzip for large answers to clients on other machines. docs/decisions/005 says why not to those on this one.
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { mediaRanges } from '../discovery/accept.js';
import type { Exchange } from '../http/exchange.js';

/** Smaller answers go out as they are, in bytes: the real server's limit. */
const leastCompressed = 128 * 1024;

/** How an answer that is compressed says so. */
export const gzipHeaders = { 'Content-Encoding': 'gzip', Vary: 'Accept-Encoding' } as const;

const zip = promisify(gzip);

/** Whether an answer is large enough for this client, takes gzip and has a network to save. */
export function wantsGzip(exchange: Pick<Exchange, 'header' | 'socket'>, body: readonly Uint8Array[]): boolean {
  if (sizeOf(body) < leastCompressed) return false;
  const accepted = exchange.header('accept-encoding');
  if (accepted === undefined || !mediaRanges(accepted).some(({ type, quality }) => type === 'gzip' && quality > 0)) return false;
  const { remoteAddress, localAddress } = exchange.socket ?? {};
  return remoteAddress !== undefined && remoteAddress !== localAddress && !isLoopback(remoteAddress);
}

/** At the level of least work, off the main thread. */
export function gzipped(body: readonly Uint8Array[]): Promise<Uint8Array> {
  return zip(body.length === 1 ? body[0]! : Buffer.concat(body), { level: 1 });
}

function sizeOf(body: readonly Uint8Array[]): number {
  let size = 0;
  for (const piece of body) size += piece.byteLength;
  return size;
}

function isLoopback(address: string): boolean {
  return address === '::1' || address.replace('::ffff:', '').startsWith('127.');
}
