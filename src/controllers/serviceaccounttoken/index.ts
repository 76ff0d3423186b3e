// Fills secrets of the type `kubernetes.io/service-account-token` with a token that does not expire, and removes them with their account.
// https://kubernetes.io/docs/concepts/security/service-accounts/#manually-create-a-long-lived-api-token-for-a-serviceaccount
import type { Secret, ServiceAccount } from '../../../openapi/types/core.v1.js';
import { isReason } from '../../apimachinery/errors/api-error.js';
import { createController } from '../../client/controller/controller.js';
import { keyOf, makeKey, splitKey } from '../../client/keys.js';
import { SECRETS, SERVICE_ACCOUNTS } from '../../client/resources.js';
import type { ControllerContext, ControllerDefinition, RunningController } from '../definition.js';
import { unlessGone } from '../shared/gone.js';
import { accountAnnotation, tokenSecretSelector, uidAnnotation } from './token-secret.js';

/** It acts as the controller manager itself: an account's own token could not be made by that account. */
export const serviceAccountTokenController: ControllerDefinition = {
  name: 'serviceaccount-token-controller',
  create: createServiceAccountTokenController,
};

const base64 = (text: string): string => Buffer.from(text).toString('base64');

export function createServiceAccountTokenController(context: ControllerContext): RunningController {
  const { client, clock, logger, informers, ca, tokenSigner } = context;
  const accounts = informers.informer(SERVICE_ACCOUNTS, {
    indexers: { secret: ({ metadata, secrets = [] }) => secrets.map(({ name = '' }) => makeKey(metadata.namespace, name)) },
  });
  const secrets = informers.informer(SECRETS, {
    fieldSelector: tokenSecretSelector,
    indexers: { account: (secret) => [accountKey(secret)] },
  });
  const certificate = base64(ca);

  /** The account that the secret names, asked of the server when the copy does not have it: a secret is not to go for a late event. */
  const accountOf = async (secret: Secret): Promise<ServiceAccount | undefined> => {
    const key = accountKey(secret);
    const matches = ({ metadata }: ServiceAccount): boolean => {
      const uid = secret.metadata.annotations?.[uidAnnotation] ?? '';
      return uid === '' || uid === metadata.uid;
    };
    const known = accounts.store.get(key);
    if (known !== undefined && matches(known)) return known;
    try {
      const found = await client.get(SERVICE_ACCOUNTS, splitKey(key));
      return matches(found) ? found : undefined;
    } catch (error) {
      if (isReason(error, 'NotFound')) return undefined;
      throw error;
    }
  };

  const fill = async (secret: Secret, account: ServiceAccount): Promise<void> => {
    const { name, namespace = '', annotations = {} } = secret.metadata;
    const data = secret.data ?? {};
    const whole =
      data['ca.crt'] === certificate &&
      (data['namespace'] ?? '') !== '' &&
      (data['token'] ?? '') !== '' &&
      annotations[accountAnnotation] === account.metadata.name &&
      annotations[uidAnnotation] === account.metadata.uid;
    if (whole) return;
    const token =
      (data['token'] ?? '') !== '' ? data['token'] : base64(await tokenSigner.sign(claimsOf(namespace, name, account.metadata)));
    await client.update(SECRETS, {
      ...secret,
      metadata: {
        ...secret.metadata,
        annotations: { ...annotations, [accountAnnotation]: account.metadata.name, [uidAnnotation]: account.metadata.uid },
      },
      data: { ...data, 'ca.crt': certificate, namespace: base64(namespace), token },
    });
  };

  /** An account must not go on listing a token that is gone. */
  const forget = async (key: string): Promise<void> => {
    const { name } = splitKey(key);
    for (const account of accounts.store.byIndex('secret', key)) {
      const left = (account.secrets ?? []).filter((one) => one.name !== name);
      const update = client.update(SERVICE_ACCOUNTS, { ...account, secrets: left });
      await unlessGone(update);
    }
  };

  const controller = createController({
    name: 'serviceaccount-token-controller',
    clock,
    logger,
    workers: 5,
    informers: [accounts, secrets],
    async reconcile(key) {
      const secret = secrets.store.get(key);
      if (secret === undefined) return forget(key);
      if (secret.metadata.deletionTimestamp !== undefined) return;
      const account = await accountOf(secret);
      if (account !== undefined) return unlessGone(fill(secret, account));
      await unlessGone(client.delete(SECRETS, secret.metadata, { preconditions: { uid: secret.metadata.uid } }));
    },
  });
  secrets.addHandler(controller.handler);
  const enqueueTokens = (account: ServiceAccount): void => {
    for (const secret of secrets.store.byIndex('account', keyOf(account))) controller.enqueueObject(secret);
  };
  accounts.addHandler({ add: enqueueTokens, delete: enqueueTokens });
  return controller;
}

function accountKey({ metadata }: Secret): string {
  return makeKey(metadata.namespace, metadata.annotations?.[accountAnnotation] ?? '');
}

/** The claims as the real server writes them, in its order. */
function claimsOf(namespace: string, secret: string, { name, uid }: ServiceAccount['metadata']): Readonly<Record<string, string>> {
  const prefix = 'kubernetes.io/serviceaccount';
  return {
    iss: 'kubernetes/serviceaccount',
    [`${prefix}/namespace`]: namespace,
    [`${prefix}/secret.name`]: secret,
    [`${prefix}/service-account.name`]: name,
    [`${prefix}/service-account.uid`]: uid,
    sub: `system:serviceaccount:${namespace}:${name}`,
  };
}
