// Signs the config map `cluster-info` with every bootstrap token, so that who joins can trust it. Off by default, as in a real controller manager.
// https://kubernetes.io/docs/reference/access-authn-authz/bootstrap-tokens/#configmap-signing
import { createHmac } from 'node:crypto';
import { deepEqual } from '../../apimachinery/equality.js';
import { createController } from '../../client/controller/controller.js';
import { CONFIG_MAPS, SECRETS } from '../../client/resources.js';
import type { ControllerContext, ControllerDefinition, RunningController } from '../definition.js';
import { bootstrapSecretSelector, signingToken } from '../shared/bootstrap-token.js';
import { unlessGone } from '../shared/gone.js';

export const bootstrapSignerController: ControllerDefinition = {
  name: 'bootstrap-signer-controller',
  account: 'bootstrap-signer',
  offByDefault: true,
  create: createBootstrapSignerController,
};

const namespace = 'kube-public';
const name = 'cluster-info';
const prefix = 'jws-kubeconfig-';

export function createBootstrapSignerController({ client, clock, logger, informers }: ControllerContext): RunningController {
  const secrets = informers.informer(SECRETS, bootstrapSecretSelector);
  const maps = informers.informer(CONFIG_MAPS, { namespace, fieldSelector: `metadata.name=${name}` });
  const controller = createController({
    name: 'bootstrap-signer-controller',
    clock,
    logger,
    informers: [secrets, maps],
    async reconcile(key) {
      const map = maps.store.get(key);
      const content = map?.data?.['kubeconfig'];
      if (map === undefined || content === undefined) return;
      const data = Object.fromEntries(Object.entries(map.data ?? {}).filter(([field]) => !field.startsWith(prefix)));
      for (const secret of secrets.store.list()) {
        const token = signingToken(secret, clock.now());
        if (token !== undefined) data[`${prefix}${token.id}`] = signature(content, token.id, token.secret);
      }
      if (deepEqual(data, map.data)) return;
      const update = client.update(CONFIG_MAPS, { ...map, data });
      await unlessGone(update);
    },
  });
  const enqueue = (): void => controller.enqueue(`${namespace}/${name}`);
  secrets.addHandler({ add: enqueue, update: enqueue, delete: enqueue });
  maps.addHandler({ add: enqueue, update: enqueue });
  return controller;
}

/** A JSON web signature without its content (RFC 7515, appendix F). */
export function signature(content: string, id: string, secret: string): string {
  const header = Buffer.from(JSON.stringify({ alg: 'HS256', kid: id })).toString('base64url');
  const payload = Buffer.from(content).toString('base64url');
  return `${header}..${createHmac('sha256', secret).update(`${header}.${payload}`).digest('base64url')}`;
}
