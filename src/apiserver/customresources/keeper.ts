// Serves what custom resource definitions define: follows the stored definitions, gives out names, and writes their conditions.
// https://kubernetes.io/docs/concepts/extend-kubernetes/api-extension/custom-resources/
import type { CustomResourceDefinition, CustomResourceDefinitionCondition } from '../../../openapi/types/apiextensions.v1.js';
import { isReason } from '../../apimachinery/errors/api-error.js';
import type { KubeObject } from '../../apimachinery/object.js';
import type { SchemaNode } from '../../apimachinery/schema/node.js';
import type { Client } from '../../client/client.js';
import { errorText, type Logger } from '../../client/logger.js';
import { CUSTOM_RESOURCE_DEFINITIONS } from '../../client/resources.js';
import { formatTime, type Clock } from '../../clock/clock.js';
import type { Random } from '../../clock/random.js';
import { breathe } from '../../clock/slices.js';
import { cleanupFinalizer } from '../../registry/apiextensions/deletion.js';
import { customKinds } from '../../registry/customresources/custom-kind.js';
import type { RuleTiming } from '../../registry/customresources/rules/timing.js';
import type { Registry } from '../../registry/index.js';
import type { Kind } from '../../registry/kind.js';
import type { StoreError, StoreEvent } from '../../storage/store.js';
import type { Storages } from '../core/resource-storage.js';
import { deleteInstances, noneLeft } from './cleanup.js';
import { approvalCondition, deleting, established, hasCondition, installing, notAccepted, withCondition } from './conditions.js';
import { webhookConversion } from './conversion.js';
import { Lifetime } from './lifetime.js';
import { acceptNames, namesPatch, sameNames } from './names.js';
import { isSame, isServedOtherwise } from './changes.js';

export interface CustomResourceOptions {
  readonly registry: Registry;
  readonly storages: Storages;
  /** Acts as the server itself. */
  readonly client: Client;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly random: Random;
  /** The node of every object's metadata. */
  readonly meta: () => SchemaNode;
  /** Counts how long rules take. */
  readonly timing?: RuleTiming;
}

/** What is known of one definition. */
interface Known {
  definition: CustomResourceDefinition;
  kinds: readonly Kind[];
  lifetime: Lifetime | undefined;
  /** Its objects are being deleted. */
  cleaning: boolean;
}

/** Resolves when everything that is defined is served; follows every change until the returned function is called. */
export async function keepCustomResources(options: CustomResourceOptions): Promise<() => void> {
  const keeper = new Keeper(options);
  await keeper.start();
  return () => keeper.stop();
}

class Keeper {
  readonly #known = new Map<string, Known>();
  readonly #groups = new Map<string, Set<string>>();
  readonly #queue = new Set<string>();
  readonly #stopping = new AbortController();
  #busy = false;
  #watch: { stop(): void } | undefined;

  constructor(private readonly options: CustomResourceOptions) {}

  async start(): Promise<void> {
    const { registry, storages, logger } = this.options;
    const { cache } = storages.of(registry.byResource('apiextensions.k8s.io', 'v1', 'customresourcedefinitions')!);
    await cache.fresh();
    const watch = cache.watch(
      {},
      {
        event: ({ type, entry }: StoreEvent<KubeObject>) => {
          if (type === 'delete') this.#forget(entry.value.metadata.name);
          else this.#put(entry.value as CustomResourceDefinition);
        },
        end: (error: StoreError) => {
          if (error.code === 'closed' || this.#stopping.signal.aborted) return;
          logger.warn('custom resources lost their place and are read again', { error: errorText(error) });
          this.start().catch((failure: unknown) => logger.error('custom resources cannot be read again', { error: errorText(failure) }));
        },
      },
    );
    this.#watch = watch;
    const there = new Set((watch.entries ?? []).map(({ value }) => value.metadata.name));
    for (const name of [...this.#known.keys()]) if (!there.has(name)) this.#forget(name);
    for (const { value } of watch.entries ?? []) this.#put(value as CustomResourceDefinition);
  }

  stop(): void {
    this.#stopping.abort();
    this.#watch?.stop();
  }

  #put(definition: CustomResourceDefinition): void {
    const { name } = definition.metadata;
    let known = this.#known.get(name);
    if (known === undefined) {
      known = { definition, kinds: [], lifetime: undefined, cleaning: false };
      this.#known.set(name, known);
      const group = this.#groups.get(definition.spec.group) ?? new Set<string>();
      this.#groups.set(definition.spec.group, group.add(name));
      this.#serve(known);
    } else {
      const before = known.definition;
      known.definition = definition;
      if (isServedOtherwise(before, definition)) this.#serve(known, before);
    }
    this.#enqueue(name);
  }

  #forget(name: string): void {
    const known = this.#known.get(name);
    if (known === undefined) return;
    this.#known.delete(name);
    this.#withdraw(known.kinds, known.lifetime);
    const group = this.#groups.get(known.definition.spec.group);
    group?.delete(name);
    if (group?.size === 0) this.#groups.delete(known.definition.spec.group);
    // Names are free again.
    for (const other of group ?? []) this.#enqueue(other);
  }

  /** Puts the kinds of a definition in place of those that it had before. */
  #serve(known: Known, before?: CustomResourceDefinition): void {
    const { registry, meta, timing } = this.options;
    const { definition, kinds: old, lifetime: ending } = known;
    const isGoing = hasCondition(definition, 'Terminating');
    const webhook = webhookConversion(definition.spec.conversion, this.options);
    // Streams go on while all that changes is that the definition is going.
    const goesOn = before !== undefined && ending !== undefined && isSame(before, definition);
    const lifetime = goesOn ? ending : new Lifetime();
    const facts = { meta, lifetime, terminating: isGoing, webhook, timing };
    known.kinds = hasCondition(definition, 'Established') ? customKinds(definition, facts) : [];
    known.lifetime = lifetime;
    const kept = new Set(known.kinds.map(({ version }) => version));
    for (const kind of known.kinds) registry.add(kind);
    const gone = old.filter(({ version, resource }) => !kept.has(version) || resource !== known.kinds[0]!.resource);
    if (goesOn) for (const kind of gone) registry.remove(kind);
    else this.#withdraw(gone, ending);
  }

  #withdraw(kinds: readonly Kind[], lifetime: Lifetime | undefined): void {
    const { registry, storages } = this.options;
    for (const kind of kinds) registry.remove(kind);
    lifetime?.end();
    for (const { prefix } of kinds) storages.forget(prefix);
  }

  #enqueue(name: string): void {
    this.#queue.add(name);
    if (this.#busy) return;
    this.#busy = true;
    // Not within the store's call.
    queueMicrotask(() => void this.#run());
  }

  async #run(): Promise<void> {
    for (const name of this.#queue) {
      this.#queue.delete(name);
      const known = this.#known.get(name);
      if (known === undefined || this.#stopping.signal.aborted) continue;
      // Definitions may be large and many.
      await breathe();
      try {
        await this.#sync(known);
      } catch (error) {
        // Whoever was faster has made an event, which brings the definition here again.
        if (!isReason(error, 'Conflict') && !isReason(error, 'NotFound')) this.#again(name, error);
      }
    }
    this.#busy = false;
  }

  #again(name: string, error: unknown): void {
    const { clock, logger } = this.options;
    logger.warn('a custom resource definition could not be settled', { name, error: errorText(error) });
    clock.after(1000, () => this.#enqueue(name));
  }

  /** Brings the conditions of one definition to where they must be, one step at a time: each is an event of its own, as on a real server. */
  async #sync(known: Known): Promise<void> {
    const { definition } = known;
    if (definition.metadata.deletionTimestamp !== undefined) return this.#clean(known);
    const group = [...(this.#groups.get(definition.spec.group) ?? [])];
    const others = group.filter((name) => name !== definition.metadata.name).map((name) => this.#known.get(name)!.definition);
    const { accepted, condition } = acceptNames(definition, others);
    const had = definition.status.acceptedNames ?? { plural: '', kind: '' };
    const before = definition.status.conditions ?? [];
    const isEstablished = hasCondition(definition, 'Established');
    let conditions = this.#with(before, approvalCondition(definition));
    conditions = this.#with(conditions, condition);
    if (!isEstablished) conditions = this.#with(conditions, condition.status === 'True' ? installing : notAccepted);
    if (conditions === before && sameNames(accepted, had)) {
      if (!isEstablished && condition.status === 'True') await this.#write(definition, this.#with(before, established));
      return;
    }
    await this.#write(definition, conditions, namesPatch(accepted));
    // What others wait for may be free now.
    if (!sameNames(accepted, had)) for (const name of group) if (name !== definition.metadata.name) this.#enqueue(name);
  }

  #with(
    conditions: readonly CustomResourceDefinitionCondition[],
    condition: Parameters<typeof withCondition>[1] | undefined,
  ): readonly CustomResourceDefinitionCondition[] {
    return condition === undefined ? conditions : withCondition(conditions, condition, formatTime(this.options.clock.now()));
  }

  async #write(
    { metadata }: CustomResourceDefinition,
    conditions: readonly CustomResourceDefinitionCondition[],
    acceptedNames?: unknown,
  ): Promise<void> {
    const status = { conditions, ...(acceptedNames === undefined ? {} : { acceptedNames }) };
    const patch = { metadata: { resourceVersion: metadata.resourceVersion }, status };
    await this.options.client.patch(CUSTOM_RESOURCE_DEFINITIONS, { name: metadata.name }, 'merge', patch, { subresource: 'status' });
  }

  /** Deletes the objects of a definition that goes, and lets it go when there are none left. */
  async #clean(known: Known): Promise<void> {
    const { definition, kinds } = known;
    if (known.cleaning || !(definition.metadata.finalizers ?? []).includes(cleanupFinalizer)) return;
    const conditions = this.#with(definition.status.conditions ?? [], deleting);
    if (conditions !== definition.status.conditions) return this.#write(definition, conditions);
    known.cleaning = true;
    const [kind] = kinds;
    const go = async (): Promise<void> => {
      const { client, storages } = this.options;
      if (kind !== undefined) {
        await deleteInstances(client, storages, kind);
        await noneLeft(storages, kind, this.#stopping.signal);
      }
      if (this.#stopping.signal.aborted) return;
      const { name, finalizers = [] } = known.definition.metadata;
      const left = finalizers.filter((finalizer) => finalizer !== cleanupFinalizer);
      const patch = { metadata: { finalizers: left.length === 0 ? null : left } };
      await client.patch(CUSTOM_RESOURCE_DEFINITIONS, { name }, 'merge', patch);
    };
    // Objects with finalizers may take their time: other definitions do not wait.
    go()
      .catch((error: unknown) => {
        if (!isReason(error, 'NotFound')) this.#again(definition.metadata.name, error);
      })
      .finally(() => (known.cleaning = false));
  }
}
