// The controller manager: the list of controllers, and running them over one set of informers.
// https://kubernetes.io/docs/reference/command-line-tools-reference/kube-controller-manager/
import type { Client } from '../client/client.js';
import { createEventRecorder, type EventRecorder } from '../client/events/recorder.js';
import { createInformerFactory } from '../client/informer/factory.js';
import type { Logger } from '../client/logger.js';
import type { Clock } from '../clock/clock.js';
import type { Random } from '../clock/random.js';
import { attachDetachController } from './attachdetach/index.js';
import { csrApprovingController } from './csrapproving/index.js';
import { csrCleanerController } from './csrcleaner/index.js';
import { csrSigningController } from './csrsigning/index.js';
import type { CertificateSigner, ControllerContext, ControllerDefinition, TokenSigner } from './definition.js';
import { cronJobController } from './cronjob/index.js';
import { daemonSetController } from './daemonset/index.js';
import { deploymentController } from './deployment/index.js';
import { deviceTaintEvictionController } from './devicetainteviction/index.js';
import { disruptionController } from './disruption/index.js';
import { endpointsController } from './endpoints/index.js';
import { endpointSliceController } from './endpointslice/index.js';
import { ephemeralVolumeController } from './ephemeralvolume/index.js';
import { garbageCollectorController } from './garbagecollector/index.js';
import { horizontalPodAutoscalerController } from './horizontalpodautoscaling/index.js';
import { jobController } from './job/index.js';
import { namespaceController } from './namespace/index.js';
import { nodeIpamController } from './nodeipam/index.js';
import { nodeLifecycleController } from './nodelifecycle/index.js';
import { persistentVolumeBinder } from './persistentvolumebinder/index.js';
import { persistentVolumeExpander } from './persistentvolumeexpander/index.js';
import { podGcController } from './podgc/index.js';
import { storageProvisioner } from './provisioner/index.js';
import { pvProtectionController } from './pvprotection/index.js';
import { pvcProtectionController } from './pvcprotection/index.js';
import { replicaSetController } from './replicaset/index.js';
import { replicationControllerController } from './replicationcontroller/index.js';
import { resourceQuotaController } from './resourcequota/index.js';
import { resourceClaimController } from './resourceclaim/index.js';
import { rootCaController } from './rootca/index.js';
import { bootstrapSignerController } from './bootstrapsigner/index.js';
import { clusterRoleAggregationController } from './clusterroleaggregation/index.js';
import { endpointSliceMirroringController } from './endpointslicemirroring/index.js';
import { legacyTokenCleanerController } from './legacytokencleaner/index.js';
import { serviceAccountTokenController } from './serviceaccounttoken/index.js';
import { serviceLbController } from './servicelb/index.js';
import { tokenCleanerController } from './tokencleaner/index.js';
import { chooseControllers } from './selection.js';
import { serviceAccountController } from './serviceaccount/index.js';
import { serviceCidrController } from './servicecidr/index.js';
import { statefulSetController } from './statefulset/index.js';
import { taintEvictionController } from './tainteviction/index.js';
import { ttlAfterFinishedController } from './ttlafterfinished/index.js';
import { ttlController } from './ttl/index.js';
import { vacProtectionController } from './vacprotection/index.js';
import { validatingAdmissionPolicyStatusController } from './validatingadmissionpolicystatus/index.js';

/** All controllers. Another one is a folder of its own and a line here. */
const definitions: readonly ControllerDefinition[] = [
  serviceAccountController,
  serviceAccountTokenController,
  rootCaController,
  clusterRoleAggregationController,
  namespaceController,
  nodeIpamController,
  nodeLifecycleController,
  taintEvictionController,
  deviceTaintEvictionController,
  ttlController,
  garbageCollectorController,
  podGcController,
  deploymentController,
  replicaSetController,
  replicationControllerController,
  statefulSetController,
  daemonSetController,
  disruptionController,
  resourceQuotaController,
  horizontalPodAutoscalerController,
  jobController,
  cronJobController,
  ttlAfterFinishedController,
  endpointsController,
  endpointSliceController,
  endpointSliceMirroringController,
  serviceLbController,
  serviceCidrController,
  csrApprovingController,
  csrSigningController,
  csrCleanerController,
  persistentVolumeBinder,
  persistentVolumeExpander,
  attachDetachController,
  ephemeralVolumeController,
  storageProvisioner,
  resourceClaimController,
  pvcProtectionController,
  pvProtectionController,
  vacProtectionController,
  validatingAdmissionPolicyStatusController,
  legacyTokenCleanerController,
  bootstrapSignerController,
  tokenCleanerController,
];

/** The names that `controllers` takes. */
export const controllerNames: readonly string[] = definitions.map(({ name }) => name);
const offByDefault: readonly string[] = definitions.filter((definition) => definition.offByDefault === true).map(({ name }) => name);

/** RFC 5737 and RFC 3849: addresses for documentation, so that they are nobody's. */
export const defaultLoadBalancerPool: readonly string[] = ['203.0.113.0/24', '2001:db8::/112'];

export interface ControllerManagerOptions {
  /** A client that acts as the service account `name` of kube-system, or without a name as the controller manager itself. */
  clientFor(name: string | undefined): Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** The cluster's CA certificates as PEM, for `kube-root-ca.crt`. */
  readonly ca: string;
  /** Signs with the cluster's authority, for certificate signing requests. */
  readonly signer: CertificateSigner;
  /** Signs with the key of service account tokens. */
  readonly tokenSigner: TokenSigner;
  /** CIDRs of addresses for services of type LoadBalancer; {@link defaultLoadBalancerPool} when absent. */
  readonly loadBalancerPool?: readonly string[] | undefined;
  /** `cluster.local`. */
  readonly clusterDomain: string;
  /** What to run, as `--controllers` has it: names, `*` for all, `-name` for all but that one. All when absent. */
  readonly controllers?: readonly string[];
}

export interface ControllerManager {
  start(): void;
  /** Resolves when all work under way has ended; no timer is left. */
  stop(): Promise<void>;
}

/** Makes the controllers; they work once started. Throws RangeError for a name that no controller has. */
export function createControllerManager(options: ControllerManagerOptions): ControllerManager {
  const { clock, random, logger, ca, signer, tokenSigner, clusterDomain, loadBalancerPool = defaultLoadBalancerPool } = options;
  const chosen = chooseControllers(options.controllers ?? ['*'], controllerNames, offByDefault);
  // The garbage collector's account may list and watch everything, so the shared informers act as it.
  const informers = createInformerFactory({ client: options.clientFor(garbageCollectorController.account), clock, random, logger });
  const recorders: EventRecorder[] = [];
  const contextFor = (account: string | undefined): ControllerContext => {
    const client = options.clientFor(account);
    const recorder = (component: string): EventRecorder => {
      const made = createEventRecorder({ client, clock, random, logger, component });
      recorders.push(made);
      return made;
    };
    return { client, informers, clock, random, logger, ca, signer, tokenSigner, loadBalancerPool, clusterDomain, recorder };
  };
  const controllers = definitions
    .filter(({ name }) => chosen.has(name))
    .map((definition) => definition.create(contextFor(definition.account)));

  let stopping: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    informers.stop();
    await Promise.all(controllers.map((controller) => controller.stop()));
    await Promise.all(recorders.map((recorder) => recorder.stop()));
  };
  return {
    start() {
      if (stopping !== undefined) return;
      for (const controller of controllers) controller.start();
      informers.start();
    },
    stop: () => (stopping ??= stop()),
  };
}
