// kubedouble health: whether the server of a kubeconfig is ready; for container health checks.
import { readFile } from 'node:fs/promises';
import { request } from 'node:https';
import { OptionError } from '../../cluster/options.js';
import { ExitCode } from '../failure.js';
import type { Flags } from '../flags.js';
import type { Terminal } from '../terminal.js';

interface Kubeconfig {
  readonly clusters: readonly { readonly cluster: { readonly server: string; readonly 'certificate-authority-data': string } }[];
  readonly users?: readonly {
    readonly user?: { readonly 'client-certificate-data'?: string; readonly 'client-key-data'?: string };
  }[];
}

/** How long the server may take to answer, in milliseconds. */
const patience = 2000;

export async function health(flags: Flags, screen: Terminal): Promise<void> {
  const path = flags['kubeconfig'] ?? process.env['KUBECONFIG'];
  if (path === undefined) throw new OptionError('say which server with --kubeconfig PATH');
  const { parse } = await import('../../client/kubeconfig/yaml-library.js');
  let file: Kubeconfig;
  try {
    file = parse(await readFile(path, 'utf8')) as Kubeconfig;
  } catch (error) {
    throw new OptionError(
      `the kubeconfig ${path} cannot be read: ${error instanceof Error ? error.message.split('\n', 1)[0]! : String(error)}`,
    );
  }
  const { server, 'certificate-authority-data': ca } = file.clusters[0]!.cluster;
  // As the kubeconfig's user: a server may take no anonymous requests.
  const { 'client-certificate-data': cert, 'client-key-data': key } = file.users?.[0]?.user ?? {};
  const answer = await ask(`${server}/readyz`, {
    ca: text(ca),
    ...(cert === undefined || key === undefined ? {} : { cert: text(cert), key: text(key) }),
  });
  screen.print(answer);
  if (answer !== 'ok') throw new ExitCode(1);
}

/** The body, or a word on why there is none. */
function ask(url: string, identity: { readonly ca: string; readonly cert?: string; readonly key?: string }): Promise<string> {
  return new Promise((done) => {
    const asking = request(url, { ...identity, timeout: patience }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (text += chunk));
      response.on('end', () => done(text.trim()));
    });
    asking.on('timeout', () => asking.destroy(new Error(`no answer in ${patience / 1000} s`)));
    asking.on('error', (error) => done(`${url}: ${error.message}`));
    asking.end();
  });
}

function text(base64: string): string {
  return Buffer.from(base64, 'base64').toString();
}
