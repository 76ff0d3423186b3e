import { parseTokenFile } from './token-file.js';

test('reads users as the real server does', () => {
  const users = parseTokenFile('tok-jane,jane,uid-jane,"devs, ops"\ntok-bob,bob,uid-bob\r\n\n,nobody,u\n"a ""b""",x,"",\ntok-bob,bobby,2');
  expect([...users]).toEqual([
    ['tok-jane', { name: 'jane', uid: 'uid-jane', groups: ['devs', 'ops'] }],
    ['tok-bob', { name: 'bobby', uid: '2', groups: [] }],
    ['a "b"', { name: 'x', groups: [] }],
  ]);
});

test.each([
  ['tok,jane', 'at least 3 columns'],
  ['tok,"jane,1', 'a quote is not closed'],
  ['tok,ja"ne",1', 'inside a value'],
])('%s: %s', (text, message) => {
  expect(() => parseTokenFile(text)).toThrow(message);
});
