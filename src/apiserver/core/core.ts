// What every verb works with: the kinds, the storages, admission, and the sources of time and chance.
import type { Clock } from '../../clock/clock.js';
import type { Random } from '../../clock/random.js';
import type { Kind, ServiceAllocator, StrategyContext } from '../../registry/kind.js';
import type { Registry } from '../../registry/index.js';
import type { SchemaNode } from '../../apimachinery/schema/node.js';
import type { AdmissionChain } from '../admission/chain.js';
import type { AuditInProcess } from '../audit/in-process.js';
import type { ApiRequest, ApiResult } from './api-request.js';
import type { Storages } from './resource-storage.js';

/** Answers a request that the generic verbs do not: a create-only kind or a subresource with its own meaning. */
export type ResourceHandler = (core: Core, request: ApiRequest) => Promise<ApiResult>;

export interface Core {
  readonly registry: Registry;
  /** The structure of a type that is no kind of the registry, such as `io.k8s.api.autoscaling.v1.Scale`. */
  schemaFor(definition: string): SchemaNode;
  readonly storages: Storages;
  readonly clock: Clock;
  readonly random: Random;
  readonly admission: AdmissionChain;
  readonly services: ServiceAllocator;
  /** By `<verb> <group>/<resource>` or `<verb> <group>/<resource>/<subresource>`. */
  readonly handlers: ReadonlyMap<string, ResourceHandler>;
  /** Around each request in process; absent when nothing is audited. */
  readonly audit?: AuditInProcess | undefined;
}

/** What strategy hooks get. */
export function strategyContext(core: Core, request: ApiRequest): StrategyContext {
  return {
    clock: core.clock,
    random: core.random,
    user: request.user,
    dryRun: request.options.dryRun === true,
    services: core.services,
  };
}

/** The name of a handler in {@link Core.handlers}. */
export function handlerKey(verb: string, kind: Pick<Kind, 'group' | 'resource'>, subresource: string): string {
  return subresource === '' ? `${verb} ${kind.group}/${kind.resource}` : `${verb} ${kind.group}/${kind.resource}/${subresource}`;
}
