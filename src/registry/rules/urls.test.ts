// URLs that are and that are none.
import { parseUrl } from './urls.js';

test('the parts of a URL, as they are', () => {
  expect(parseUrl('https://u:p@Host:8/a%20b?q=1#f')).toEqual({ scheme: 'https', user: 'u:p', host: 'Host:8', query: 'q=1', fragment: 'f' });
  expect(parseUrl('https:opaque')).toMatchObject({ scheme: 'https', host: '' });
  expect(parseUrl('path/only')).toMatchObject({ scheme: '', host: '' });
  expect(parseUrl('//host')).toMatchObject({ scheme: '', host: 'host' });
  expect(parseUrl('https://[::1]:443/')).toMatchObject({ host: '[::1]:443' });
});

test.each([
  [':/x', 'missing protocol scheme'],
  ['1:2/x', 'first path segment in URL cannot contain colon'],
  ['https://x/%zz', 'invalid URL escape "%zz"'],
  ['https://[::1/', "missing ']' in host"],
  ['https://a b', 'invalid character " " in host name'],
  ['https://x:y', 'invalid port ":y" after host'],
  ['https://x\n', 'net/url: invalid control character in URL'],
])('%j is none', (url, why) => {
  expect(parseUrl(url)).toBe(why);
});
