// The admission plugins in the order in which they run, which is the real server's.
// https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#which-plugins-are-enabled-by-default
import type { Client } from '../../client/client.js';
import type { Clock } from '../../clock/clock.js';
import type { Random } from '../../clock/random.js';
import type { Registry } from '../../registry/index.js';
import type { Authorizer } from '../authorization/authorizer.js';
import type { Storages } from '../core/resource-storage.js';
import type { AdmissionMetrics } from '../metrics/admission-metrics.js';
import { alwaysAdmit, alwaysDeny } from './always.js';
import { alwaysPullImages } from './always-pull-images.js';
import type { AdmissionPlugin } from './chain.js';
import { persistentVolumeClaimResize } from './claim-resize.js';
import { isPluginName } from './control/names.js';
import type { AdmissionControl } from './control/options.js';
import { defaultIngressClass, defaultStorageClass } from './default-class.js';
import { eventRateLimit } from './event-rate-limit/index.js';
import { extendedResourceToleration } from './extended-resource-toleration.js';
import { denyServiceExternalIPs } from './external-ips.js';
import { limitPodHardAntiAffinityTopology } from './hard-anti-affinity.js';
import { imagePolicyWebhook } from './image-policy-webhook/index.js';
import { limitRanger } from './limit-ranger/index.js';
import { namespaceLifecycle } from './namespace-lifecycle.js';
import { namespaceAutoProvision, namespaceExists } from './namespace-presence.js';
import { nodeRestriction } from './node-restriction/index.js';
import { taintNodesByCondition } from './node-taint.js';
import { ownerReferencesPermissionEnforcement } from './owner-references.js';
import { defaultTolerationSeconds, priority, serviceAccount } from './pod-defaults.js';
import { podNodeSelector } from './pod-node-selector/index.js';
import { nodeDeclaredFeatureValidator, podResizeValidator } from './pod-resize.js';
import { podTolerationRestriction } from './pod-toleration-restriction/index.js';
import { podTopologyLabels } from './pod-topology-labels.js';
import { mutatingPolicies } from './policies/mutating.js';
import { validatingPolicies } from './policies/validating.js';
import { podSecurity } from './pod-security/index.js';
import { resourceQuota } from './resource-quota/index.js';
import { runtimeClass } from './runtime-class.js';
import { mutatingWebhooks, validatingWebhooks } from './webhooks/index.js';
import { storageObjectInUseProtection } from './storage-protection.js';

export interface AdmissionOptions {
  readonly registry: Registry;
  readonly storages: Storages;
  readonly clock: Clock;
  readonly random: Random;
  /** Real time, in which webhooks must answer. */
  readonly systemClock: Clock;
  readonly authorizer: Authorizer;
  readonly metrics: AdmissionMetrics;
  /** The server's own client. */
  readonly client: () => Client;
  /** What runs after the plugins that look at one kind and before the quota: checks of rights, policies, webhooks. */
  readonly policies: readonly AdmissionPlugin[];
  /** Which plugins run, and how. */
  readonly control: AdmissionControl;
}

/** The plugins that run. What is no plugin of the real server (checks that its storage does) always runs. What is charged to a quota has passed everything else, so the quota comes last. */
export function admissionPlugins({
  registry,
  storages,
  clock,
  random,
  systemClock,
  authorizer,
  metrics,
  client,
  policies,
  control,
}: AdmissionOptions): readonly AdmissionPlugin[] {
  const { eventRateLimit: rates, imagePolicy } = control;
  const all: readonly AdmissionPlugin[] = [
    alwaysAdmit,
    namespaceAutoProvision(registry, storages, client),
    namespaceLifecycle(registry, storages),
    namespaceExists(registry, storages),
    limitPodHardAntiAffinityTopology,
    limitRanger(registry, storages),
    serviceAccount(registry, storages, random),
    nodeRestriction(registry, storages, authorizer),
    taintNodesByCondition,
    alwaysPullImages,
    ...(imagePolicy === undefined ? [] : [imagePolicyWebhook(imagePolicy, systemClock)]),
    podSecurity(registry, storages, control.podSecurity),
    podNodeSelector(registry, storages, control.nodeSelectors),
    priority(registry, storages),
    defaultTolerationSeconds,
    podTolerationRestriction(registry, storages, control.tolerations),
    ...(rates === undefined ? [] : [eventRateLimit(rates, clock)]),
    extendedResourceToleration,
    defaultStorageClass(registry, storages),
    storageObjectInUseProtection,
    ownerReferencesPermissionEnforcement(registry, authorizer),
    persistentVolumeClaimResize(registry, storages),
    runtimeClass(registry, storages),
    defaultIngressClass(registry, storages),
    denyServiceExternalIPs,
    ...policies,
    podTopologyLabels(registry, storages),
    nodeDeclaredFeatureValidator(registry, storages),
    podResizeValidator(registry, storages),
    mutatingPolicies({ registry, storages, authorizer, metrics }),
    mutatingWebhooks({ registry, storages, authorizer, metrics, random, systemClock }),
    validatingPolicies({ registry, storages, authorizer, metrics }),
    validatingWebhooks({ registry, storages, authorizer, metrics, random, systemClock }),
    resourceQuota({ registry, storages, clock, client, limited: control.limitedResources }),
    alwaysDeny,
  ];
  return all.filter(({ name }) => !isPluginName(name) || control.plugins.has(name));
}
