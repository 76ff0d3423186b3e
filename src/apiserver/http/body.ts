// Reads a request's body: whole and bounded, or piece by piece.
import type { Readable } from 'node:stream';
import { BodyTooLarge, ClientGone, type BodySink } from './exchange.js';

/** All bytes of `source`; rejects with BodyTooLarge as soon as more than `limit` are announced or have come, with ClientGone when they never come. */
export function readBodyOf(source: Readable, contentLength: string | undefined, limit: number): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    if (contentLength !== undefined && Number(contentLength) > limit) {
      // What still comes is thrown away; whoever answers closes.
      source.resume();
      return reject(new BodyTooLarge(limit));
    }
    const chunks: Buffer[] = [];
    let length = 0;
    let settled = false;
    source.on('data', (chunk: Buffer) => {
      if (settled) return;
      length += chunk.length;
      if (length > limit) {
        settled = true;
        chunks.length = 0;
        reject(new BodyTooLarge(limit));
        return;
      }
      chunks.push(chunk);
    });
    source.once('end', () => {
      if (settled) return;
      settled = true;
      resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, length));
    });
    const gone = (): void => {
      if (settled) return;
      settled = true;
      reject(new ClientGone());
    };
    source.once('error', gone);
    source.once('close', gone);
  });
}

/** A body of HTTP/1.1 piece by piece: nothing is read while a piece has not been taken. */
export function streamBodyOf(source: Readable, sink: BodySink): void {
  let ended = false;
  source.on('data', (chunk: Buffer) => {
    source.pause();
    sink.piece(chunk, () => source.resume());
  });
  source.once('end', () => {
    ended = true;
    sink.end();
  });
  source.once('close', () => {
    if (!ended) sink.gone();
  });
}
