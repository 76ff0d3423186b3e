// As kube-apiserver v1.36.3 tells them.
import { sourceAddresses } from './source-ips.js';

test.each<[string | undefined, string | undefined, readonly string[]]>([
  [undefined, undefined, ['127.0.0.1']],
  ['1.2.3.4, 5.6.7.8', undefined, ['1.2.3.4', '5.6.7.8', '127.0.0.1']],
  ['1.1.1.1, 127.0.0.1, 2.2.2.2', undefined, ['1.1.1.1', '127.0.0.1', '2.2.2.2', '127.0.0.1']],
  ['1.1.1.1', '3.3.3.3', ['1.1.1.1', '3.3.3.3', '127.0.0.1']],
  ['1.1.1.1', '1.1.1.1', ['1.1.1.1', '127.0.0.1']],
  ['127.0.0.1', undefined, ['127.0.0.1']],
  [' 1.1.1.1 ,,x, 4.4.4.4:80', '3.3.3.3, 4.4.4.4', ['1.1.1.1', '127.0.0.1']],
  ['::1, [::2], fe80::1%eth0, 1.2.3', ' 5.5.5.5', ['::1', '5.5.5.5', '127.0.0.1']],
  ['::ffff:1.2.3.4, 2001:DB8::0:1', undefined, ['1.2.3.4', '2001:db8::1', '127.0.0.1']],
])('%p and %p', (forwarded, real, expected) => {
  expect(sourceAddresses({ 'x-forwarded-for': forwarded, 'x-real-ip': real }, '::ffff:127.0.0.1')).toEqual(expected);
});

test('a list without an end is not read to its end', () => {
  expect(sourceAddresses({ 'x-forwarded-for': '1.1.1.1,'.repeat(100_000) }, '127.0.0.1')).toHaveLength(101);
});
