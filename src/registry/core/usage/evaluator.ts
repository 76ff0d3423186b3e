// How each kind is counted by quotas. https://kubernetes.io/docs/concepts/policy/resource-quotas/
import type {
  PersistentVolumeClaim,
  Pod,
  ResourceQuota,
  ScopedResourceSelectorRequirement,
  Service,
} from '../../../../openapi/types/core.v1.js';
import type { ResourceClaim } from '../../../../openapi/types/resource.v1.js';
import { qualified, type GroupResource } from '../../../apimachinery/errors/api-error.js';
import type { KubeObject } from '../../../apimachinery/object.js';
import type { Quantity } from '../../../apimachinery/quantity/quantity.js';
import { one } from './amounts.js';
import { claimUsage, isClaimResource } from './claims.js';
import { deviceClaimUsage, isDeviceClaimResource } from './device-claims.js';
import { isPodResource, missingAmounts, podUsage } from './pods.js';
import { claimInScope, podInScope, scopeRequirements } from './scopes.js';
import { isServiceResource, serviceUsage } from './services.js';

/** Counts the objects of one kind. Pure. */
export interface UsageEvaluator {
  readonly group: string;
  readonly resource: string;
  /** Whether an update may use more than before. */
  readonly countsUpdates: boolean;
  /** Whether a quota's resource is one that this kind uses. */
  readonly counts: (name: string) => boolean;
  /** What an object uses. @param now milliseconds since the epoch */
  usage(object: KubeObject, now: number): Map<string, Quantity>;
  /** Whether an object is in the scope. */
  inScope(object: KubeObject, requirement: ScopedResourceSelectorRequirement): boolean;
  /** What an object would have to say of the resources that are limited, as `cpu for: a; memory for: a,b`; '' when nothing is missing. */
  missing(object: KubeObject, limited: ReadonlySet<string>): string;
}

const never = (): boolean => false;
const nothing = (): string => '';

const special: readonly UsageEvaluator[] = [
  {
    group: '',
    resource: 'pods',
    countsUpdates: true,
    counts: isPodResource,
    usage: (object, now) => podUsage(object as Pod, now),
    inScope: (object, requirement) => podInScope(object as Pod, requirement),
    missing: (object, limited) => missingAmounts(object as Pod, limited),
  },
  {
    group: '',
    resource: 'services',
    countsUpdates: true,
    counts: isServiceResource,
    usage: (object) => serviceUsage(object as Service),
    inScope: never,
    missing: nothing,
  },
  {
    group: '',
    resource: 'persistentvolumeclaims',
    countsUpdates: true,
    counts: isClaimResource,
    usage: (object) => claimUsage(object as PersistentVolumeClaim),
    inScope: (object, requirement) => claimInScope(object as PersistentVolumeClaim, requirement),
    missing: nothing,
  },
  {
    group: 'resource.k8s.io',
    resource: 'resourceclaims',
    countsUpdates: true,
    counts: isDeviceClaimResource,
    usage: (object) => deviceClaimUsage(object as ResourceClaim),
    inScope: never,
    missing: nothing,
  },
];

/** Kinds that are counted under their own name too, as all were before `count/`. */
const namedPlainly = new Set(['configmaps', 'secrets', 'replicationcontrollers', 'resourcequotas']);

/** `count/deployments.apps`. */
export function countName(type: GroupResource): string {
  return `count/${qualified(type)}`;
}

/** How objects of this resource are counted: any can be. */
export function evaluatorFor({ group, resource }: GroupResource): UsageEvaluator {
  const found = special.find((one) => one.group === group && one.resource === resource);
  if (found !== undefined) return found;
  const names = group === '' && namedPlainly.has(resource) ? [countName({ group, resource }), resource] : [countName({ group, resource })];
  return {
    group,
    resource,
    countsUpdates: false,
    counts: (name) => names.includes(name),
    usage: () => new Map(names.map((name) => [name, one])),
    inScope: never,
    missing: nothing,
  };
}

/** The resource that a quota's name counts; undefined for one that nothing uses. */
export function countedBy(name: string): GroupResource | undefined {
  const found = special.find(({ counts }) => counts(name));
  if (found !== undefined) return found;
  if (namedPlainly.has(name)) return { group: '', resource: name };
  if (!name.startsWith('count/')) return undefined;
  const rest = name.slice('count/'.length);
  const dot = rest.indexOf('.');
  // Events come and go by themselves, and are not counted.
  if (rest === 'events' || rest === 'events.events.k8s.io') return undefined;
  return dot < 0 ? { group: '', resource: rest } : { group: rest.slice(dot + 1), resource: rest.slice(0, dot) };
}

/** Whether an object is in all scopes of a quota. */
export function isInScopes(evaluator: UsageEvaluator, quota: ResourceQuota, object: KubeObject): boolean {
  return scopeRequirements(quota).every((requirement) => evaluator.inScope(object, requirement));
}
