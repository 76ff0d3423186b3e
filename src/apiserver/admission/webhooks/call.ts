// Asks a webhook: by its URL, or through the Service that it names.
// https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#contacting-the-webhook
import type { Endpoints, Service } from '../../../../openapi/types/core.v1.js';
import type { Clock } from '../../../clock/clock.js';
import type { Registry } from '../../../registry/index.js';
import type { Storages } from '../../core/resource-storage.js';
import { ask, type OutboundAnswer } from '../../authentication/outbound.js';
import { connectionProblem } from '../../authentication/connection-problem.js';
import { WebhookFailure } from './answer.js';
import type { Webhook } from './hooks.js';

export interface CallContext {
  readonly registry: Registry;
  readonly storages: Storages;
  /** Real time: webhooks live outside the cluster. */
  readonly systemClock: Clock;
}

/** Where a webhook listens: the address that is shown, and the one that is connected to. */
interface Place {
  readonly shown: string;
  readonly connect: string;
  /** Whose certificate is expected, when it is not the host's. */
  readonly serverName?: string;
}

/** Sends the review. Rejects with WebhookFailure when there is no answer. */
export async function call({ clientConfig, timeoutSeconds }: Webhook, review: unknown, context: CallContext): Promise<OutboundAnswer> {
  const { shown, connect, serverName } = await placeOf(clientConfig, timeoutSeconds, context);
  const { caBundle = '' } = clientConfig;
  try {
    return await ask(connect, review, {
      clock: context.systemClock,
      certificateAuthority: caBundle === '' ? undefined : Buffer.from(caBundle, 'base64').toString(),
      tlsServerName: serverName,
      timeout: timeoutSeconds * 1000,
    });
  } catch (error) {
    throw failed(shown, connectionProblem(error));
  }
}

function failed(url: string, why: string): WebhookFailure {
  return new WebhookFailure(`failed to call webhook: Post ${JSON.stringify(url)}: ${why}`);
}

async function placeOf({ url, service }: Webhook['clientConfig'], seconds: number, context: CallContext): Promise<Place> {
  if (url !== undefined) {
    const asked = new URL(url);
    asked.searchParams.set('timeout', `${seconds}s`);
    return { shown: asked.href, connect: asked.href };
  }
  const { namespace = '', name = '', path = '', port = 443 } = service ?? {};
  const rest = `${path.startsWith('/') ? '' : '/'}${path}?timeout=${seconds}s`;
  const serverName = `${name}.${namespace}.svc`;
  // With its port, even the usual one.
  const shown = `https://${serverName}:${port}${rest}`;
  const address = await addressOf(namespace, name, port, context);
  if (address.problem !== undefined) throw failed(shown, address.problem);
  return { shown, connect: `https://${address.host}${rest}`, serverName };
}

type Address = { readonly host: string; readonly problem?: undefined } | { readonly problem: string };

/**
 * Behind a Service: what it points at. Nothing listens at the addresses of simulated pods, so a Service without a selector, with Endpoints
 * that name an address of this machine, or one of type ExternalName, leads to a webhook that runs beside the cluster.
 */
async function addressOf(namespace: string, name: string, port: number, { registry, storages }: CallContext): Promise<Address> {
  const get = async (resource: string): Promise<unknown> =>
    (await storages.of(registry.byResource('', 'v1', resource)!).get(namespace, name))?.value;
  const service = (await get('services')) as Service | undefined;
  if (service === undefined) return { problem: `service ${JSON.stringify(name)} not found` };
  const { type, externalName, ports } = service.spec ?? {};
  if (type === 'ExternalName') return { host: `${externalName ?? ''}:${port}` };
  const own = ports?.find((one) => one.port === port);
  if (own === undefined) return { problem: `no service port ${port} found for service ${JSON.stringify(name)}` };
  const endpoints = (await get('endpoints')) as Endpoints | undefined;
  for (const subset of endpoints?.subsets ?? []) {
    const target = subset.ports?.find((one) => (one.name ?? '') === (own.name ?? ''));
    const address = subset.addresses?.[0];
    if (target !== undefined && address !== undefined) return { host: `${hostOf(address.ip)}:${target.port}` };
  }
  return { problem: `no endpoints available for service ${JSON.stringify(name)}` };
}

function hostOf(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}
