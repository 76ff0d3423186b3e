// What is taken out of an output, and what must stay in it.
import { normalise } from './normalise.js';
import { wordsOf } from './words.js';

const known = { names: new Map([['ns', 'compared-x-00000']]), asked: 'kubectl get svc --cluster-ip=10.96.1.9 -f node-31807' };

describe('normalise', () => {
  it.each([
    ['NAME    AGE\na       12s\nlong-b  3m4s\n', ['NAME  AGE', 'a  <age>', 'long-b  <age>']],
    ['web-5d4f8c9b7-x2k4p   1/1     Running   0          4s\n', ['web-<hash>-<id>  1/1  Running  0  <age>']],
    ['5s (x3 over 2m)   Warning\n', ['<age> (x3 over <age>)  Warning']],
    ['  resourceVersion: "1234"\n', ['  resourceVersion: "<revision>"']],
    ['svc  10.96.7.8  10.96.1.9  80:31807/TCP,81:30000/TCP\n', ['svc  <address>  10.96.1.9  80:31807/TCP,81:<port>/TCP']],
    ['configmaps "a" not found in compared-x-00000\n', ['configmaps "a" not found in {ns}']],
    ['E1121 15:04:05.123456   12345 memcache.go:265] no\n', ['<log> no']],
  ])('takes out of %j what differs between clusters', (text, lines) => {
    expect(normalise(text, known)).toEqual(lines);
  });

  it.each([
    'The range of valid ports is 30000-32767',
    'node.kubernetes.io/unreachable:NoExecute op=Exists for 300s',
    'Liveness:     http-get http://:http/healthz delay=3s timeout=1s period=10s',
    'replicas: 3',
    'NAME    DATA',
  ])('leaves %j as it is', (line) => {
    expect(normalise(`${line}\n`, known)).toEqual([line]);
  });
});

describe('wordsOf', () => {
  it('splits as a shell does', () => {
    expect(wordsOf(`kubectl get pods  -l 'app in (a, b)' -o jsonpath='{"\\n"}' "" x`)).toEqual([
      'kubectl',
      'get',
      'pods',
      '-l',
      'app in (a, b)',
      '-o',
      'jsonpath={"\\n"}',
      '',
      'x',
    ]);
  });

  it('refuses a quote without an end', () => {
    expect(() => wordsOf("kubectl 'get")).toThrow('a quote has no end');
  });
});
