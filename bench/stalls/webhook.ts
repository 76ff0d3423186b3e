// A webhook that answers what no server should.
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { newKey, selfSign, signLeaf } from '../../src/apiserver/certificates/signing.js';
import { realRandom } from '../../src/clock/random.js';
import { realClock } from '../../src/clock/real-clock.js';

export interface BadWebhook {
  /** Of its certificate, base64 as configurations have it. */
  readonly caBundle: string;
  /** Where that reply is given; it hangs where there is none. */
  readonly url: (name: string) => string;
}

/** The bodies of its answers, by name, made of the question's uid. It serves as long as this process runs. */
export async function badWebhook(replies: Readonly<Record<string, (uid: string) => string>>): Promise<BadWebhook> {
  const context = { clock: realClock(), random: realRandom() };
  const authority = { key: newKey(), certificate: '' };
  authority.certificate = await selfSign(authority.key, { name: 'stalls', days: 1 }, context);
  const key = newKey();
  const cert = await signLeaf(authority, key, { name: 'bad', names: ['127.0.0.1'], usages: ['digital signature', 'server auth'], days: 1 }, context); // prettier-ignore
  const server = createServer({ cert, key }, (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const name = decodeURIComponent((request.url ?? '').split('?')[0]!.slice(1));
      const reply = replies[name];
      if (reply === undefined) return;
      const { request: question } = JSON.parse(Buffer.concat(chunks).toString()) as { readonly request: { readonly uid: string } };
      response.writeHead(200, { 'content-type': 'application/json' }).end(reply(question.uid));
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  server.unref();
  const { port } = server.address() as AddressInfo;
  return {
    caBundle: Buffer.from(authority.certificate).toString('base64'),
    url: (name) => `https://127.0.0.1:${port}/${encodeURIComponent(name)}`,
  };
}
