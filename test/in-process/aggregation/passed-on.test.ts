// Requests for groups that other servers have. The words are those of a real kube-apiserver v1.36.3, asked with the same backends.
import { connect as connectHttp2 } from 'node:http2';
import type { ServerResponse } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { json } from '../../support/extension-server.js';
import { Aggregated, root } from './aggregated.js';

const here = new Aggregated();

beforeAll(() => here.start());
afterAll(() => here.stop());
beforeEach(() => here.reset());

describe('what is passed on', () => {
  test('the path, the query, the method and the body, over HTTP/1.1 and HTTP/2', async () => {
    const sent = await here.ask(`${root}/namespaces/a/flunders?x=%2Fq&y`, {
      method: 'POST',
      body: '{"a":1}',
      headers: { 'content-type': 'application/json' },
    });
    expect(sent.status).toBe(200);
    expect(JSON.parse(sent.text)).toEqual({ method: 'POST', url: `${root}/namespaces/a/flunders?x=%2Fq&y`, body: '{"a":1}' });
    expect(sent.headers).toMatchObject({ 'content-type': 'application/json', 'cache-control': 'no-cache, private' });
    expect(JSON.parse((await here.ask(`${root}/flunders/a%2Fb/%20c`)).text)).toMatchObject({ url: `${root}/flunders/a/b/%20c` });

    const session = connectHttp2(here.target.url, { cert: here.target.cert, key: here.target.key, ca: here.target.ca });
    const stream = session.request({ ':method': 'DELETE', ':path': `${root}/namespaces/a/flunders/b` }, { endStream: false });
    stream.end('{"kind":"DeleteOptions"}');
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(chunk as Buffer);
    session.close();
    expect(JSON.parse(Buffer.concat(chunks).toString())).toEqual({
      method: 'DELETE',
      url: `${root}/namespaces/a/flunders/b`,
      body: '{"kind":"DeleteOptions"}',
    });
  });

  test('who asks, and never whom the client would like to be', async () => {
    await here.ask(`${root}/flunders`, {
      headers: {
        'X-Remote-User': 'root',
        x_remote_user: 'root',
        'X-Remote-Group': 'system:masters',
        'X-Remote-Extra-Foo': 'bar',
        'X-Remote-Uid': '7',
        'X-Remote-Other': 'stays',
        Connection: 'X-Hop',
        'X-Hop': 'hop',
        'X-Forwarded-For': '9.9.9.9',
        'X-Forwarded-Host': 'elsewhere',
        Authorization: 'Bearer abc',
        'Impersonate-User': 'jane',
        'Impersonate-Uid': '66',
        'Impersonate-Group': ['system:masters', 'ops'],
        'Impersonate-Extra-Acme.com%2Fproject': 'a b',
      },
    });
    const { headers } = here.backend.requests[0]!;
    expect(headers).toMatchObject({
      'x-remote-user': 'jane',
      'x-remote-uid': '66',
      'x-remote-group': 'system:masters, ops, system:authenticated',
      'x-remote-extra-acme.com%2fproject': 'a b',
      'x-remote-other': 'stays',
      'x-forwarded-for': '9.9.9.9, 127.0.0.1',
      'x-forwarded-host': `localhost:${here.backend.port}`,
      'x-forwarded-uri': `${root}/flunders`,
      'x-forwarded-proto': 'https',
      host: `localhost:${here.backend.port}`,
    });
    const never = ['x_remote_user', 'x-remote-extra-foo', 'authorization', 'impersonate-user', 'impersonate-group', 'x-hop'];
    expect(Object.keys(headers).filter((one) => never.includes(one))).toEqual([]);
  });

  test('only what its user may ask for', async () => {
    const refused = await here.ask(`${root}/flunders`, { headers: { 'Impersonate-User': 'jane' } });
    expect([refused.status, JSON.parse(refused.text)]).toMatchObject([
      403,
      {
        message:
          'flunders.wardle.example.com is forbidden: User "jane" cannot list resource "flunders" in API group "wardle.example.com" at the cluster scope',
      },
    ]);
    expect(here.backend.requests).toEqual([]);
  });

  test('a body and an answer larger than any buffer, piece by piece', async () => {
    const size = 24 * 1024 * 1024;
    let got = 0;
    here.answer = (request, response) => {
      request.on('data', (chunk: Buffer) => (got += chunk.length));
      request.on('end', () => {
        response.writeHead(200);
        let left = size;
        const more = (): void => {
          while (left > 0) {
            left -= 65_536;
            if (!response.write(Buffer.alloc(65_536, 'x'))) return void response.once('drain', more);
          }
          response.end();
        };
        more();
      });
    };
    const { text } = await here.ask(`${root}/flunders`, { method: 'POST', body: Buffer.alloc(size, 'y') });
    expect([got, text.length]).toEqual([size, size]);
  });
});

describe('what goes wrong at the backend', () => {
  test.each([
    [
      'a redirect',
      502,
      'the backend attempted to redirect this request, which is not permitted',
      (response: ServerResponse) => {
        response.writeHead(302, { location: 'https://localhost/version' });
        response.end();
      },
    ],
    ['an error of its own', 503, '{"no":1}', (response: ServerResponse) => json(response, { no: 1 }, 503)],
    ['a connection that is closed', 503, 'error trying to reach service: EOF\n', (response: ServerResponse) => response.destroy()],
    [
      'what is no HTTP',
      503,
      'error trying to reach service: net/http: HTTP/1.x transport connection broken: malformed HTTP response\n',
      (response: ServerResponse) => response.socket!.end('nonsense\r\n\r\n'),
    ],
    [
      'endless headers',
      503,
      'error trying to reach service: net/http: server response headers exceeded the limit\n',
      (response: ServerResponse) => {
        const socket = response.socket!;
        socket.write('HTTP/1.1 200 OK\r\n');
        const more = (): void => {
          while (!socket.destroyed) if (!socket.write(`X-A: ${'a'.repeat(8000)}\r\n`)) return void socket.once('drain', more);
        };
        more();
      },
    ],
  ])('%s', async (_what, status, text, misbehave) => {
    here.answer = (_request, response) => misbehave(response);
    expect(await here.ask(`${root}/flunders`)).toMatchObject({ status, text });
  });

  test('an answer that breaks off does not look complete', async () => {
    here.answer = (_request, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('abc', () => response.destroy());
    };
    await expect(here.ask(`${root}/flunders`)).rejects.toThrow('aborted');
  });

  test('no answer in the time that the client gave', async () => {
    let gone = false;
    const left = new Promise<void>((resolve) => {
      here.answer = (_request, response) =>
        response.once('close', () => {
          gone = true;
          resolve();
        });
    });
    expect(await here.ask(`${root}/flunders?timeout=300ms`)).toMatchObject({
      status: 504,
      text: expect.stringContaining('Timeout: request did not complete within the allotted timeout'),
    });
    await left;
    expect(gone).toBe(true);
  });

  test('a client that goes away takes the request to the backend with it', async () => {
    const left = new Promise<void>((resolve) => {
      here.answer = (_request, response) => {
        response.writeHead(200);
        response.write('{}\n');
        response.once('close', resolve);
      };
    });
    const { url, cert, key, ca } = here.target;
    const sent = httpsRequest(new URL(`${root}/flunders?watch=1`, url), { cert, key, ca, agent: false }, (response) =>
      response.once('data', () => sent.destroy()),
    );
    sent.on('error', () => undefined);
    sent.end();
    await left;
  });
});

test('a connection that goes on in another protocol is passed both ways', async () => {
  here.backend.upgrade = (request, socket) => {
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: ${request.headers.upgrade}\r\nConnection: Upgrade\r\nX-Backend: yes\r\n\r\n`,
    );
    socket.on('data', (chunk: Buffer) => socket.write(chunk.toString().toUpperCase()));
  };
  const { url, cert, key, ca } = here.target;
  const echoed = await new Promise<string>((resolve, reject) => {
    const sent = httpsRequest(new URL(`${root}/namespaces/a/flunders/b`, url), {
      cert,
      key,
      ca,
      agent: false,
      headers: {
        Connection: 'Upgrade',
        Upgrade: 'websocket',
        'X-Remote-User': 'eve',
        'Sec-WebSocket-Protocol': 'base64url.bearer.authorization.k8s.io.c2VjcmV0, v5',
      },
    });
    sent.on('upgrade', (response, socket) => {
      expect(response.headers['x-backend']).toBe('yes');
      socket.once('data', (chunk: Buffer) => {
        socket.destroy();
        resolve(chunk.toString());
      });
      socket.write('hello');
    });
    sent.on('error', reject);
    sent.end();
  });
  expect(echoed).toBe('HELLO');
  expect(here.backend.requests[0]!.headers).toMatchObject({
    'x-remote-user': 'kubernetes-admin',
    'sec-websocket-protocol': 'v5',
    upgrade: 'websocket',
  });
});
