// What an event says of a request, as kube-apiserver v1.36.3 has it.
import type { Exchange } from '../http/exchange.js';
import { resolveRequest } from '../request/request-info.js';
import { subjectOf } from './subject.js';

function exchangeWith(distinct: Readonly<Record<string, readonly string[]>>): Exchange {
  const headers = Object.fromEntries(Object.entries(distinct).map(([name, values]) => [name, values.join(', ')]));
  const exchange: Partial<Exchange> = {
    path: '/version',
    query: '',
    headers,
    header: (name) => headers[name],
    distinctHeaders: () => distinct,
    socket: { remoteAddress: '::ffff:127.0.0.1' } as Exchange['socket'],
  };
  return exchange as Exchange;
}

test('of headers that were sent more than once the first says where a request comes from', () => {
  const addresses = (distinct: Readonly<Record<string, readonly string[]>>): readonly string[] =>
    subjectOf(exchangeWith(distinct), 'id', resolveRequest('GET', '/version', false), new URLSearchParams()).sourceIPs();
  expect(addresses({ 'x-forwarded-for': ['1.1.1.1', '2.2.2.2, 3.3.3.3'], 'x-real-ip': ['5.5.5.5', '6.6.6.6'] })).toEqual([
    '1.1.1.1',
    '5.5.5.5',
    '127.0.0.1',
  ]);
  expect(addresses({ 'x-forwarded-for': ['garbage', '2.2.2.2'] })).toEqual(['127.0.0.1']);
  expect(addresses({ 'x-forwarded-for': ['1.1.1.1, 2.2.2.2'] })).toEqual(['1.1.1.1', '2.2.2.2', '127.0.0.1']);
});
