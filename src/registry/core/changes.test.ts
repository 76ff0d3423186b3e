import { inSteps } from '../../../test/support/in-steps.js';
import { repeatedly } from '../../clock/apart.js';
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

test('a long list in turns is what it is at once', () => {
  const list = (image: string): object => ({
    containers: [{ env: Array.from({ length: 30_000 }, (_, index) => ({ name: `E${index}`, value: image })) }],
  });
  const [before, now] = [list('a'), list('b')];
  const { value, steps } = inSteps(repeatedly(() => changesText(before, now)));
  expect(steps).toBeGreaterThan(20);
  expect(value === changesText(before, now)).toBe(true);
  expect(value.split('\n').slice(1, 8)).toEqual([
    '@@ -5,120001 +5,120001 @@',
    '     {',
    '      "Name": "E0",',
    '-     "Value": "a"',
    '-    },',
    '-    {',
    '-     "Name": "E1",',
  ]);
});
