// Marks tokens that were made automatically for service accounts and are not used as invalid, and removes them later.
// https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/#legacy-serviceaccount-token-cleaner
import type { Pod, Secret } from '../../../openapi/types/core.v1.js';
import { isReason } from '../../apimachinery/errors/api-error.js';
import { createController } from '../../client/controller/controller.js';
import { byNamespace } from '../../client/controller/owner-references.js';
import { makeKey } from '../../client/keys.js';
import { CONFIG_MAPS, PODS, SECRETS, SERVICE_ACCOUNTS } from '../../client/resources.js';
import type { ControllerContext, ControllerDefinition, RunningController } from '../definition.js';
import { accountAnnotation, tokenSecretSelector, uidAnnotation } from '../serviceaccounttoken/token-secret.js';
import { unlessGone } from '../shared/gone.js';

export const legacyTokenCleanerController: ControllerDefinition = {
  name: 'legacy-serviceaccount-token-cleaner-controller',
  account: 'legacy-service-account-token-cleaner',
  create: createLegacyTokenCleanerController,
};

const day = 24 * 3600 * 1000;
/** How long a token must have gone unused: `--legacy-service-account-token-clean-up-period` of the real one. */
const period = 365 * day;
const tracking = { namespace: 'kube-system', name: 'kube-apiserver-legacy-service-account-token-tracking' };
const lastUsed = 'kubernetes.io/legacy-token-last-used';
const invalidSince = 'kubernetes.io/legacy-token-invalid-since';
const everything = 'everything';

export function createLegacyTokenCleanerController({ client, clock, logger, informers }: ControllerContext): RunningController {
  const accounts = informers.informer(SERVICE_ACCOUNTS);
  const secrets = informers.informer(SECRETS, { fieldSelector: tokenSecretSelector });
  const pods = informers.informer(PODS, { indexers: { namespace: byNamespace } });

  /** Since when the API server has noted the use of tokens, in milliseconds; undefined when it does not say. */
  const trackedSince = async (): Promise<number | undefined> => {
    try {
      return dateOf((await client.get(CONFIG_MAPS, tracking)).data?.['since']);
    } catch (error) {
      if (isReason(error, 'NotFound')) return undefined;
      throw error;
    }
  };
  /** Whether the account lists the secret: those that people made are theirs to keep. */
  const isAutomatic = ({ metadata }: Secret): boolean => {
    const account = accounts.store.get(makeKey(metadata.namespace, metadata.annotations?.[accountAnnotation] ?? ''));
    return (
      account?.metadata.uid === metadata.annotations?.[uidAnnotation] && (account?.secrets ?? []).some(({ name }) => name === metadata.name)
    );
  };
  const isMounted = ({ metadata }: Secret): boolean =>
    pods.store.byIndex('namespace', metadata.namespace ?? '').some((pod) => mounts(pod, metadata.name));

  const look = async (secret: Secret): Promise<void> => {
    const { labels = {}, creationTimestamp, uid } = secret.metadata;
    const before = clock.now() - period;
    if (Date.parse(creationTimestamp) > before || !isAutomatic(secret) || isMounted(secret)) return;
    const used = dateOf(labels[lastUsed]);
    if (used !== undefined && used + day > before) return;
    const since = dateOf(labels[invalidSince]);
    if (since === undefined) {
      const today = new Date(clock.now()).toISOString().slice(0, 10);
      await unlessGone(client.patch(SECRETS, secret.metadata, 'merge', { metadata: { uid, labels: { [invalidSince]: today } } }));
    } else if (since + day <= before) {
      await unlessGone(client.delete(SECRETS, secret.metadata, { preconditions: { uid } }));
    }
  };

  const controller = createController({
    name: 'legacy-serviceaccount-token-cleaner-controller',
    clock,
    logger,
    informers: [accounts, secrets, pods],
    async reconcile() {
      const since = await trackedSince();
      if (since !== undefined && since + day <= clock.now() - period) for (const secret of secrets.store.list()) await look(secret);
      return { requeueAfter: day };
    },
  });
  controller.enqueue(everything);
  return controller;
}

/** The start of a day as `2026-11-21`, in milliseconds. */
function dateOf(text: string | undefined): number | undefined {
  if (text === undefined || !/^\d{4}-\d{2}-\d{2}$/.test(text)) return undefined;
  const time = Date.parse(`${text}T00:00:00Z`);
  return Number.isNaN(time) ? undefined : time;
}

function mounts({ spec, status }: Pod, name: string): boolean {
  if (status.phase === 'Succeeded' || status.phase === 'Failed') return false;
  return (spec.volumes ?? []).some(
    ({ secret, projected }) => secret?.secretName === name || (projected?.sources ?? []).some((source) => source.secret?.name === name),
  );
}
