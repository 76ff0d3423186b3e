// Asks a webhook: by its URL, or through the Service that it names.
// https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#contacting-the-webhook
import type { Clock } from '../../../clock/clock.js';
import { ask, RedirectedError, unfinished, type OutboundAnswer } from '../../authentication/outbound.js';
import { connectionProblem } from '../../authentication/connection-problem.js';
import { reachService, unreachedText, type ServiceLookup } from '../../services/reach.js';
import { webhookPath } from '../../services/webhook-path.js';
import { WebhookFailure } from './answer.js';
import type { Webhook } from './hooks.js';

export interface CallContext extends ServiceLookup {
  /** Real time: webhooks live outside the cluster. */
  readonly systemClock: Clock;
}

const unfinishedText =
  'failed to call webhook: unexpected error when reading response body. Please retry. Original error: context deadline exceeded';

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
    if (error instanceof Error && error.message.endsWith(unfinished)) throw new WebhookFailure(unfinishedText);
    if (error instanceof RedirectedError) throw failed(error.location, connectionProblem(error.reason));
    throw failed(shown, connectionProblem(error));
  }
}

function failed(url: string, why: string): WebhookFailure {
  return new WebhookFailure(`failed to call webhook: Post ${JSON.stringify(url)}: ${why}`);
}

async function placeOf({ url, service }: Webhook['clientConfig'], seconds: number, context: CallContext): Promise<Place> {
  if (url !== undefined) {
    const asked = new URL(url);
    asked.pathname = webhookPath(asked.pathname);
    asked.searchParams.set('timeout', `${seconds}s`);
    return { shown: asked.href, connect: asked.href };
  }
  const { namespace = '', name = '', path = '', port = 443 } = service ?? {};
  const rest = `${webhookPath(path)}?timeout=${seconds}s`;
  const serverName = `${name}.${namespace}.svc`;
  // With its port, even the usual one.
  const shown = `https://${serverName}:${port}${rest}`;
  const reached = await reachService({ namespace, name, port }, context);
  if (reached.missing !== undefined) throw failed(shown, unreachedText(reached, name, port));
  return { shown, connect: `https://${reached.authority}${rest}`, serverName };
}
