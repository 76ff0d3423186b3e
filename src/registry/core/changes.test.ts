import { changesText } from './changes.js';

test('one hunk from the first to the last line that differs, with two lines around it', () => {
  const before = { containers: [{ name: 'c', image: 'a' }], dnsPolicy: 'ClusterFirst', hostname: 'x', nodeName: 'n', priority: 0 };
  expect(changesText(before, { ...before, hostname: 'y' }).split('\n')).toEqual([
    '',
    '@@ -7,5 +7,5 @@',
    '  ],',
    '  "DnsPolicy": "ClusterFirst",',
    '- "Hostname": "x",',
    '+ "Hostname": "y",',
    '  "NodeName": "n",',
    '  "Priority": 0',
    '',
  ]);
});

test('the order of fields is no change', () => {
  const text = changesText({ a: 1, b: { c: 2, d: 3 }, e: 4 }, { e: 5, b: { d: 3, c: 2 }, a: 1 });
  expect(text.split('\n').filter((line) => /^[-+] /.test(line))).toEqual(['- "E": 4', '+ "E": 5']);
});

test('labels keep their names', () => {
  expect(changesText({}, { labels: { app: 'x' } })).toContain('"app": "x"');
});
