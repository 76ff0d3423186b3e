// The admission plugins in the order in which they run, which is the real server's.
// https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#which-plugins-are-enabled-by-default
import type { Client } from '../../client/client.js';
import type { Clock } from '../../clock/clock.js';
import type { Random } from '../../clock/random.js';
import type { Registry } from '../../registry/index.js';
import type { Authorizer } from '../authorization/authorizer.js';
import type { Storages } from '../core/resource-storage.js';
import type { AdmissionPlugin } from './chain.js';
import { persistentVolumeClaimResize } from './claim-resize.js';
import { defaultIngressClass, defaultStorageClass } from './default-class.js';
import { limitRanger } from './limit-ranger/index.js';
import { namespaceLifecycle } from './namespace-lifecycle.js';
import { taintNodesByCondition } from './node-taint.js';
import { defaultTolerationSeconds, priority, serviceAccount } from './pod-defaults.js';
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
  /** The server's own client. */
  readonly client: () => Client;
  /** What runs after the plugins that look at one kind and before the quota: checks of rights, policies, webhooks. */
  readonly policies: readonly AdmissionPlugin[];
}

/** All plugins. What is charged to a quota has passed everything else, so the quota comes last. */
export function admissionPlugins({
  registry,
  storages,
  clock,
  random,
  systemClock,
  authorizer,
  client,
  policies,
}: AdmissionOptions): readonly AdmissionPlugin[] {
  return [
    namespaceLifecycle(registry, storages),
    limitRanger(registry, storages),
    serviceAccount(registry, storages, random),
    taintNodesByCondition,
    podSecurity(registry, storages),
    priority(registry, storages),
    defaultTolerationSeconds,
    defaultStorageClass(registry, storages),
    storageObjectInUseProtection,
    persistentVolumeClaimResize(registry, storages),
    runtimeClass(registry, storages),
    defaultIngressClass(registry, storages),
    ...policies,
    mutatingWebhooks({ registry, storages, authorizer, random, systemClock }),
    validatingPolicies({ registry, storages, authorizer }),
    validatingWebhooks({ registry, storages, authorizer, random, systemClock }),
    resourceQuota({ registry, storages, clock, client }),
  ];
}
