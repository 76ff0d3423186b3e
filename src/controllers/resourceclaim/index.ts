// Creates the resource claims of pods that name a template, reserves claims for pods, and lets them go when no pod uses them any more.
// https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/
import type { Pod } from '../../../openapi/types/core.v1.js';
import type { ResourceClaim } from '../../../openapi/types/resource.v1.js';
import type { KubeObject } from '../../apimachinery/object.js';
import { createController } from '../../client/controller/controller.js';
import { byController } from '../../client/controller/owner-references.js';
import { keyOf, makeKey } from '../../client/keys.js';
import { PODS, RESOURCE_CLAIM_TEMPLATES, RESOURCE_CLAIMS } from '../../client/resources.js';
import type { ControllerContext, ControllerDefinition, RunningController } from '../definition.js';
import { syncClaim } from './claims.js';
import { claimNamesOf, hasClaims, syncPod, type PodsContext } from './pods.js';

export const resourceClaimController: ControllerDefinition = {
  name: 'resourceclaim-controller',
  account: 'resource-claim-controller',
  create: createResourceClaimController,
};

/** Names of the indexes. */
const byClaim = 'resourceClaims';
const byTemplate = 'resourceClaimTemplates';
const controlled = 'controller';

export function createResourceClaimController(context: ControllerContext): RunningController {
  const { client, clock, logger, informers } = context;
  const pods = informers.informer(PODS, {
    indexers: {
      [byClaim]: (pod) => (hasClaims(pod) ? claimNamesOf(pod).map((name) => makeKey(pod.metadata.namespace, name)) : []),
      [byTemplate]: (pod) =>
        (pod.spec?.resourceClaims ?? []).flatMap(({ resourceClaimTemplateName: name }) =>
          name === undefined ? [] : [makeKey(pod.metadata.namespace, name)],
        ),
    },
  });
  const claims = informers.informer(RESOURCE_CLAIMS, { indexers: { [controlled]: byController } });
  const templates = informers.informer(RESOURCE_CLAIM_TEMPLATES);
  const podsContext: PodsContext = {
    client,
    recorder: context.recorder('resource_claim'),
    claims: claims.store,
    claimsOf: (pod) => claims.store.byIndex(controlled, pod.metadata.uid),
    templates: templates.store,
    made: new Map(),
  };

  const podController = createController({
    name: 'resourceclaim-controller: pods',
    clock,
    logger,
    informers: [pods, claims, templates],
    workers: 4,
    async reconcile(key) {
      const pod = pods.store.get(key);
      if (pod !== undefined) await syncPod(podsContext, pod);
    },
  });
  const claimController = createController({
    name: 'resourceclaim-controller: claims',
    clock,
    logger,
    informers: [pods, claims],
    workers: 4,
    async reconcile(key) {
      const claim = claims.store.get(key);
      if (claim !== undefined) await syncClaim({ client, pods: pods.store }, claim);
    },
  });

  const podChanged = (pod: Pod): void => {
    if (!hasClaims(pod)) return;
    podController.enqueueObject(pod);
    for (const name of claimNamesOf(pod)) claimController.enqueue(makeKey(pod.metadata.namespace, name));
  };
  pods.addHandler({
    add: podChanged,
    update: (_previous, current) => podChanged(current),
    delete(last) {
      if (!hasClaims(last)) return;
      podsContext.made.delete(last.metadata.uid);
      podChanged(last);
      podsContext.claimsOf(last).forEach((claim) => claimController.enqueueObject(claim));
    },
  });
  const claimChanged = (claim: ResourceClaim): void => {
    claimController.enqueueObject(claim);
    pods.store.byIndex(byClaim, keyOf(claim)).forEach((pod) => podController.enqueueObject(pod));
  };
  claims.addHandler({ add: claimChanged, update: (_previous, current) => claimController.enqueueObject(current), delete: claimChanged });
  const templateChanged = (template: KubeObject): void =>
    pods.store.byIndex(byTemplate, keyOf(template)).forEach((pod) => podController.enqueueObject(pod));
  templates.addHandler({ add: templateChanged });

  return {
    start() {
      podController.start();
      claimController.start();
    },
    async stop() {
      await Promise.all([podController.stop(), claimController.stop()]);
    },
  };
}
