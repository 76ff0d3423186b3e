// A cluster with a group that another server has, which these suites make behave as they like.
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { APIService } from '../../../openapi/types/apiregistration.v1.js';
import type { ResourceType } from '../../../src/client/client.js';
import { API_SERVICES } from '../../../src/client/resources.js';
import { startCluster, type Cluster } from '../../../src/index.js';
import { json, register, resourceList, startExtensionServer, type ExtensionServer } from '../../support/extension-server.js';
import { targetOf } from '../../support/kubeconfig.js';
import { until } from '../../support/until.js';

export const group = 'wardle.example.com';
export const version = 'v1alpha1';
export const root = `/apis/${group}/${version}`;
export const name = `${version}.${group}`;
export const FLUNDERS: ResourceType = { group, version, resource: 'flunders', kind: 'Flunder', namespaced: true };
export const verbs = ['create', 'delete', 'get', 'list', 'watch'];
export const documents = resourceList(group, version, [{ name: 'flunders', kind: 'Flunder', verbs }]);

export const isAvailable = (service: APIService): boolean => conditionOf(service)?.status === 'True';
export const conditionOf = ({ status }: APIService) => status?.conditions?.find(({ type }) => type === 'Available');

interface Asked {
  readonly method?: string;
  readonly headers?: Record<string, string | string[]>;
  readonly body?: string | Buffer;
}
interface Answered {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

export class Aggregated {
  cluster!: Cluster;
  backend!: ExtensionServer;
  target!: ReturnType<typeof targetOf>;
  /** What the backend does but for its documents. */
  answer!: (request: IncomingMessage, response: ServerResponse) => void;

  async start(): Promise<void> {
    this.cluster = await startCluster({ components: ['apiserver'], freeze: true });
    this.target = targetOf(this.cluster.kubeconfig);
    this.backend = await startExtensionServer(['extension.default'], (request, response) => {
      if (request.url === root) json(response, documents);
      else if (/^\/(apis|openapi\/v[23])$/.test(request.url ?? '')) json(response, {}, 404);
      else this.answer(request, response);
    });
    await register(this.cluster.client, this.backend, { group, version });
    await until(this.cluster.client, API_SERVICES, { name }, isAvailable);
  }

  async stop(): Promise<void> {
    await this.cluster.stop();
    await this.backend.close();
  }

  /** Forgets what was asked; the backend says again what it is asked. */
  reset(): void {
    this.backend.requests.length = 0;
    this.answer = (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => json(response, { method: request.method, url: request.url, body: Buffer.concat(chunks).toString() }));
    };
  }

  ask(path: string, { method = 'GET', headers = {}, body }: Asked = {}): Promise<Answered> {
    return new Promise((resolve, reject) => {
      const { url, cert, key, ca } = this.target;
      const sent = httpsRequest(new URL(path, url), { method, headers, cert, key, ca, agent: false }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () =>
          resolve({ status: response.statusCode!, headers: response.headers, text: Buffer.concat(chunks).toString() }),
        );
        response.on('error', reject);
      });
      sent.on('error', reject);
      sent.end(body);
    });
  }

  async documentOf(path: string, accept = 'application/json'): Promise<never> {
    return JSON.parse((await this.ask(path, { headers: { accept } })).text) as never;
  }
}
