import type { ResponseHeaders } from '../exchange.js';
import { HeaderDecoder } from './header-decoder.js';
import { headersSize, HeaderEncoder } from './header-encoder.js';
import { HuffmanDecoder, huffmanMachine } from './huffman.js';

/** Both sides of one connection. */
function pair(): { encoder: HeaderEncoder; send(status: number, headers: ResponseHeaders): { size: number; fields: string[] } } {
  const encoder = new HeaderEncoder();
  const decoder = new HeaderDecoder(new HuffmanDecoder(huffmanMachine()), 1_000_000);
  return {
    encoder,
    send: (status, headers) => {
      const out = Buffer.alloc(headersSize(headers));
      const start = encoder.status(out, 0, status);
      const end = encoder.field(out, encoder.fields(out, start, headers), 'date', 'Sat, 21 Nov 2026 20:00:00 GMT');
      expect(end).toBeLessThanOrEqual(out.length);
      return { size: end, fields: decoder.decode(out.subarray(0, end))! };
    },
  };
}

function answer(id: number, more: ResponseHeaders = {}): ResponseHeaders {
  return {
    'Audit-Id': `00000000-0000-0000-0000-${String(id).padStart(12, '0')}`,
    'Cache-Control': 'no-cache, private',
    'Content-Type': 'application/json',
    'X-Kubernetes-Pf-Flowschema-Uid': '5712924-00ca-4192-8545',
    ...more,
  };
}

function expected(status: number, headers: ResponseHeaders): string[] {
  const fields = Object.entries(headers).flatMap(([name, value]) => [value].flat().flatMap((one) => [name.toLowerCase(), one]));
  return [':status', String(status), ...fields, 'date', 'Sat, 21 Nov 2026 20:00:00 GMT'];
}

test('what repeats is read as it was written, and takes little room', () => {
  const { send } = pair();
  const first = send(200, answer(1));
  expect(first.fields).toEqual(expected(200, answer(1)));
  for (let id = 2; id < 50; id++) {
    const other = send(id % 2 === 0 ? 201 : 200, answer(id, { 'content-length': String(id), Warning: ['one', `two ${id}`] }));
    expect(other.fields).toEqual(
      expected(id % 2 === 0 ? 201 : 200, answer(id, { 'content-length': String(id), Warning: ['one', `two ${id}`] })),
    );
  }
  expect(send(200, answer(51)).size).toBeLessThan(first.size / 2);
});

test('more values than the table takes are written out', () => {
  const { send } = pair();
  for (let id = 0; id < 300; id++) {
    const headers = answer(id, { 'Content-Type': `text/${id % 40}; ${'x'.repeat(id)}`, 'content-type': 'text/plain', Connection: 'close' });
    const { Connection: _, ...seen } = headers as Record<string, string>;
    expect(send(404, headers).fields).toEqual(expected(404, seen));
  }
});

test('a client that keeps less is told that nothing is kept', () => {
  const { encoder, send } = pair();
  send(200, answer(1));
  encoder.limit(0);
  const { size } = send(200, answer(2));
  expect(send(200, answer(3)).fields).toEqual(expected(200, answer(3)));
  // All but the one byte that says so.
  expect(send(200, answer(4)).size).toBe(size - 1);
});
