// Removes bootstrap tokens whose time is over. Off by default, as in a real controller manager.
// https://kubernetes.io/docs/reference/access-authn-authz/bootstrap-tokens/
import { createController } from '../../client/controller/controller.js';
import { SECRETS } from '../../client/resources.js';
import type { ControllerContext, ControllerDefinition, RunningController } from '../definition.js';
import { bootstrapSecretSelector, expirationOf } from '../shared/bootstrap-token.js';
import { unlessGone } from '../shared/gone.js';

export const tokenCleanerController: ControllerDefinition = {
  name: 'token-cleaner-controller',
  account: 'token-cleaner',
  offByDefault: true,
  create: createTokenCleanerController,
};

export function createTokenCleanerController({ client, clock, logger, informers }: ControllerContext): RunningController {
  const secrets = informers.informer(SECRETS, bootstrapSecretSelector);
  const controller = createController({
    name: 'token-cleaner-controller',
    clock,
    logger,
    workers: 10,
    informers: [secrets],
    async reconcile(key) {
      const secret = secrets.store.get(key);
      const expiration = secret === undefined ? undefined : expirationOf(secret);
      if (secret === undefined || expiration === undefined) return;
      const left = expiration - clock.now();
      if (left > 0) return { requeueAfter: left };
      await unlessGone(client.delete(SECRETS, secret.metadata, { preconditions: { uid: secret.metadata.uid } }));
    },
  });
  secrets.addHandler({
    add: (secret) => controller.enqueueObject(secret),
    update: (_previous, current) => controller.enqueueObject(current),
  });
  return controller;
}
