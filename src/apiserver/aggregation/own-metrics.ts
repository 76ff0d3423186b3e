// metrics.k8s.io as a cluster with metrics-server has it: an API service that a user may delete or replace, behind which this server itself answers.
// https://kubernetes.io/docs/tasks/debug/debug-cluster/resource-metrics-pipeline/#metrics-server
import type { APIService } from '../../../openapi/types/apiregistration.v1.js';
import type { Service } from '../../../openapi/types/core.v1.js';
import { isReason } from '../../apimachinery/errors/api-error.js';
import type { Client } from '../../client/client.js';
import { API_SERVICES, SERVICES } from '../../client/resources.js';
import type { Registry } from '../../registry/index.js';
import type { Kind } from '../../registry/kind.js';

const place = { namespace: 'kube-system', name: 'metrics-server' } as const;
const labels = { 'k8s-app': 'metrics-server' };
/** Who has it answers for the API service: without it, requests go where its service leads. */
export const servedByAnnotation = 'kubedouble.dev/served-by';
export const thisServer = 'kube-apiserver';

/** Whether this server answers for an API service that names a service, as one of metrics does. */
export function isOwnMetrics({ metadata, spec }: APIService): boolean {
  return (
    metadata.annotations?.[servedByAnnotation] === thisServer &&
    spec?.service?.namespace === place.namespace &&
    spec.service.name === place.name
  );
}

/** Serves the kinds while their API service is there and is ours. */
export class OwnMetrics {
  readonly name: string;
  #served = false;

  constructor(
    private readonly registry: Registry,
    private readonly kinds: readonly Kind[],
  ) {
    const [first] = kinds;
    this.name = first === undefined ? '' : `${first.version}.${first.group}`;
  }

  put(service: APIService): void {
    if (service.metadata.name === this.name) this.#serve(isOwnMetrics(service));
  }

  delete(name: string): void {
    if (name === this.name) this.#serve(false);
  }

  /** Makes the API service and its service, as installing metrics-server does, unless they are there. */
  async install(client: Client): Promise<void> {
    const [first] = this.kinds;
    if (first === undefined) return;
    const ports = [{ name: 'https', port: 443, protocol: 'TCP', targetPort: 'https' }] as const;
    await unlessThere(client.create<Service>(SERVICES, { metadata: { ...place, labels }, spec: { ports } }));
    const { group, version } = first;
    const spec = {
      group,
      version,
      groupPriorityMinimum: 100,
      versionPriority: 100,
      insecureSkipTLSVerify: true,
      service: { ...place, port: 443 },
    };
    const annotations = { [servedByAnnotation]: thisServer };
    await unlessThere(client.create<APIService>(API_SERVICES, { metadata: { name: this.name, labels, annotations }, spec }));
  }

  #serve(served: boolean): void {
    if (served === this.#served) return;
    this.#served = served;
    for (const kind of this.kinds) {
      if (served) this.registry.add(kind);
      else this.registry.remove(kind);
    }
  }
}

async function unlessThere(creating: Promise<unknown>): Promise<void> {
  await creating.catch((error: unknown) => {
    if (!isReason(error, 'AlreadyExists')) throw error;
  });
}
