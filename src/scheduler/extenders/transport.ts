// Sends JSON to an extender and reads its answer, with a bound on time and size.
import { readFile } from 'node:fs/promises';
import type { Agent } from 'undici';
import type { Clock } from '../../clock/clock.js';
import type { ExtenderConfiguration, ExtenderTls } from './configuration.js';

export interface ExtenderTransport {
  /** The answer's JSON. Rejects with an Error for the pod's condition. */
  send(verb: string, body: unknown, signal: AbortSignal): Promise<unknown>;
  close(): Promise<void>;
}

/** An answer names each node at most; a node is a few kilobytes. */
const longestAnswer = 64 * 1024 * 1024;

export function createExtenderTransport({ urlPrefix, tls, timeout }: ExtenderConfiguration, clock: Clock): ExtenderTransport {
  const prefix = new URL(urlPrefix);
  let connecting: Promise<Agent> | undefined;

  const post = async (path: string, body: unknown, signal: AbortSignal) => {
    // It is tried anew when its files could not be read.
    const agent = await (connecting ??= connect(tls).catch((error: unknown) => {
      connecting = undefined;
      throw error;
    }));
    const { statusCode, body: answer } = await agent.request({
      origin: prefix.origin,
      path,
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal,
    });
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > longestAnswer) throw new Error(`the answer is longer than ${longestAnswer} bytes`);
      chunks.push(chunk);
    }
    return { statusCode, text: Buffer.concat(chunks).toString() };
  };

  return {
    async send(verb, body, signal) {
      const url = `${urlPrefix}/${verb}`;
      const patience = new AbortController();
      const timer = clock.after(timeout, () => patience.abort());
      let answer: Awaited<ReturnType<typeof post>>;
      try {
        answer = await post(`${prefix.pathname.replace(/\/$/, '')}/${verb}`, body, AbortSignal.any([patience.signal, signal]));
      } catch (error) {
        const late = patience.signal.aborted ? 'context deadline exceeded (Client.Timeout exceeded while awaiting headers)' : undefined;
        throw new Error(`Post ${JSON.stringify(url)}: ${late ?? causeOf(error)}`, { cause: error });
      } finally {
        timer.cancel();
      }
      if (answer.statusCode !== 200) throw new Error(`failed ${verb} with extender at URL ${url}, code ${answer.statusCode}`);
      try {
        return JSON.parse(answer.text) as unknown;
      } catch (error) {
        throw new Error(`the answer of the extender at URL ${url} is no JSON`, { cause: error });
      }
    },
    async close() {
      await (await connecting?.catch(() => undefined))?.destroy();
    },
  };
}

function causeOf(error: unknown): string {
  if (error instanceof AggregateError) return causeOf(error.errors[0]);
  return error instanceof Error ? error.message : String(error);
}

/** undici is loaded with the first request. */
async function connect({ insecure, serverName, ...tls }: ExtenderTls): Promise<Agent> {
  const { Agent } = await import('../../client/kubeconfig/undici-library.js');
  const read = async (data: string, file: string): Promise<string | undefined> =>
    data !== '' ? data : file !== '' ? await readFile(file, 'utf8') : undefined;
  const [cert, key, ca] = await Promise.all([
    read(tls.certData, tls.certFile),
    read(tls.keyData, tls.keyFile),
    read(tls.caData, tls.caFile),
  ]);
  return new Agent({
    connect: {
      rejectUnauthorized: !insecure,
      ...(serverName === '' ? {} : { servername: serverName }),
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key }),
      ...(ca === undefined ? {} : { ca, allowPartialTrustChain: true }),
    },
  });
}
