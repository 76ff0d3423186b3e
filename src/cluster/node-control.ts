// The paths by which administrators turn nodes on and off: `POST /kubedouble/v1/nodes/NAME/stop`, `/start`, `/drain-power`.
// They go the way of every request, so RBAC decides with nonResourceURLs: https://kubernetes.io/docs/reference/access-authn-authz/rbac/
import { ApiError, notFound, resourceNotFound } from '../apimachinery/errors/api-error.js';
import type { Exchange } from '../apiserver/http/exchange.js';
import { NODES } from '../client/resources.js';
import type { ClusterNodes } from './nodes.js';

export const nodeControlPath = '/kubedouble/v1/nodes';

/** What can be done, by the last part of the path. */
export const nodeActions = { stop: 'stop', start: 'start', 'drain-power': 'drainPower' } as const;

/** What is answered. */
export interface NodePowerStatus {
  readonly name: string;
  readonly power: 'on' | 'stopped' | 'off';
}

/**
 * Serves `GET /kubedouble/v1/nodes`, `GET …/NAME/power` and the actions. undefined for any other path; rejects with ApiError.
 * @param nodes those there are by now
 */
export function createNodeControl(nodes: () => ClusterNodes): (exchange: Exchange, path: string) => Promise<void> | undefined {
  const statusOf = (name: string): NodePowerStatus => ({ name, power: nodes().power(name) });
  const checked = (name: string): string => {
    if (!nodes().includes(name)) throw notFound(NODES, name);
    return name;
  };
  const serve = async (exchange: Exchange, path: string): Promise<void> => {
    const [name, verb, ...more] = path.slice(nodeControlPath.length + 1).split('/');
    if (name === '' || name === undefined) {
      allow(exchange, 'GET');
      return answer(exchange, { items: nodes().map(statusOf) });
    }
    if (verb === 'power' && more.length === 0) {
      allow(exchange, 'GET');
      return answer(exchange, statusOf(checked(name)));
    }
    if (verb === undefined || more.length > 0 || !isAction(verb)) throw resourceNotFound();
    allow(exchange, 'POST');
    await nodes()[nodeActions[verb]](checked(name));
    answer(exchange, statusOf(name));
  };
  return (exchange, path) => (path === nodeControlPath || path.startsWith(`${nodeControlPath}/`) ? serve(exchange, path) : undefined);
}

function isAction(text: string): text is keyof typeof nodeActions {
  return Object.hasOwn(nodeActions, text);
}

function allow({ method }: Exchange, only: 'GET' | 'POST'): void {
  if (method !== only) throw new ApiError(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {});
}

function answer(exchange: Exchange, value: unknown): void {
  const bytes = Buffer.from(`${JSON.stringify(value)}\n`);
  exchange.respond(200, { 'Content-Type': 'application/json', 'Content-Length': String(bytes.byteLength) }, [bytes]);
}
