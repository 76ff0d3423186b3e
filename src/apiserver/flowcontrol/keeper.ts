// Keeps flow control as the stored objects say, tells in each flow schema whether its level is there, and makes anew what must be there.
// https://kubernetes.io/docs/concepts/cluster-administration/flow-control/#maintenance-of-the-mandatory-and-suggested-configuration-objects
import type { FlowSchema, PriorityLevelConfiguration } from '../../../openapi/types/flowcontrol.v1.js';
import { isReason } from '../../apimachinery/errors/api-error.js';
import { isRecord, type Draft, type KubeObject } from '../../apimachinery/object.js';
import type { Client, ResourceType } from '../../client/client.js';
import { errorText, type Logger } from '../../client/logger.js';
import { formatTime, type Clock } from '../../clock/clock.js';
import type { Registry } from '../../registry/index.js';
import type { StoreError, StoreEvent } from '../../storage/store.js';
import type { BootstrapDraft } from '../bootstrap/control-plane.js';
import type { Storages } from '../core/resource-storage.js';
import type { FlowControl } from './flow-control.js';

const group = 'flowcontrol.apiserver.k8s.io';
const schemaType: ResourceType<FlowSchema> = { group, version: 'v1', resource: 'flowschemas', kind: 'FlowSchema', namespaced: false };
const levelType: ResourceType<PriorityLevelConfiguration> = {
  group,
  version: 'v1',
  resource: 'prioritylevelconfigurations',
  kind: 'PriorityLevelConfiguration',
  namespaced: false,
};

/** Who writes what is kept, as managedFields name them. */
const statusManager = 'api-priority-and-fairness-config-consumer-v1';
const specManager = 'api-priority-and-fairness-config-producer-v1';

/** Objects whose annotation says so are put back when somebody changes them. */
const autoUpdate = 'apf.kubernetes.io/autoupdate-spec';

/** How often the mandatory and suggested objects are looked at, in milliseconds. */
const restorePeriod = 60_000;

export interface KeeperOptions {
  readonly registry: Registry;
  readonly storages: Storages;
  readonly flowControl: FlowControl;
  /** Writes as the API server itself. */
  readonly client: Client;
  /** The cluster's time. */
  readonly clock: Clock;
  readonly logger: Logger;
  /** What a fresh control plane holds; those of this group are mandatory or suggested. */
  readonly bootstrap: readonly BootstrapDraft[];
}

/** Resolves when flow control works with what is stored now; it follows every change until it is stopped. */
export async function keepFlowControl(options: KeeperOptions): Promise<{ stop(): void }> {
  const keeper = new Keeper(options);
  await keeper.follow('prioritylevelconfigurations', keeper.levels);
  await keeper.follow('flowschemas', keeper.schemas);
  return keeper.start();
}

class Keeper {
  readonly levels = new Map<string, PriorityLevelConfiguration>();
  readonly schemas = new Map<string, FlowSchema>();
  #scheduled = false;
  #started = false;
  #stopped = false;

  constructor(private readonly options: KeeperOptions) {}

  start(): { stop(): void } {
    const restoring = this.options.clock.every(restorePeriod, () => this.#restoreAll());
    const adjusting = this.options.flowControl.start();
    this.#started = true;
    this.#apply();
    return {
      stop: () => {
        this.#stopped = true;
        restoring.cancel();
        adjusting.stop();
      },
    };
  }

  async follow<T extends KubeObject>(resource: string, objects: Map<string, T>): Promise<void> {
    const { registry, storages, logger } = this.options;
    const { cache } = storages.of(registry.byResource(group, 'v1', resource)!);
    await cache.fresh();
    const { entries } = cache.watch(
      {},
      {
        event: ({ type, entry }: StoreEvent<KubeObject>) => {
          if (type === 'delete') objects.delete(entry.value.metadata.name);
          else objects.set(entry.value.metadata.name, entry.value as T);
          this.#schedule();
        },
        end: (error: StoreError) => {
          if (error.code === 'closed' || this.#stopped) return;
          logger.warn('flow control lost its place and reads its configuration again', { resource, error: errorText(error) });
          this.follow(resource, objects).catch((failure: unknown) =>
            logger.error('the configuration of flow control cannot be read again', { resource, error: errorText(failure) }),
          );
        },
      },
    );
    objects.clear();
    for (const { value } of entries ?? []) objects.set(value.metadata.name, value as T);
    this.#schedule();
  }

  /** Changes of one turn are taken over together. */
  #schedule(): void {
    if (this.#scheduled || !this.#started) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      if (!this.#stopped) this.#apply();
    });
  }

  #apply(): void {
    this.options.flowControl.configure([...this.levels.values()], [...this.schemas.values()]);
    for (const schema of this.schemas.values()) this.#tellDangling(schema);
  }

  #tellDangling({ metadata, spec, status }: FlowSchema): void {
    const level = spec?.priorityLevelConfiguration.name ?? '';
    const there = this.levels.has(level);
    const state = there ? 'False' : 'True';
    const reason = there ? 'Found' : 'NotFound';
    const quoted = JSON.stringify(level);
    const message = `This FlowSchema references the PriorityLevelConfiguration object named ${quoted} ${there ? 'and it exists' : 'but there is no such object'}`;
    const known = status?.conditions?.find(({ type }) => type === 'Dangling');
    if (known?.status === state && known.reason === reason && known.message === message) return;
    const lastTransitionTime = formatTime(this.options.clock.now());
    this.#write(`the status of the flow schema ${metadata.name}`, () =>
      this.options.client.patch(
        schemaType,
        { name: metadata.name },
        'apply',
        {
          apiVersion: `${group}/v1`,
          kind: 'FlowSchema',
          metadata: { name: metadata.name },
          status: { conditions: [{ type: 'Dangling', status: state, reason, message, lastTransitionTime }] },
        },
        { subresource: 'status', fieldManager: statusManager, force: true },
      ),
    );
  }

  #restoreAll(): void {
    for (const { group: of, resource, draft } of this.options.bootstrap) {
      if (of !== group) continue;
      if (resource === schemaType.resource) this.#restore(schemaType, draft, this.schemas);
      else this.#restore(levelType, draft, this.levels);
    }
  }

  #restore(type: ResourceType, draft: BootstrapDraft['draft'], stored: ReadonlyMap<string, KubeObject>): void {
    const { client } = this.options;
    const name = draft.metadata!.name!;
    const current = stored.get(name);
    const { status: _status, ...wanted } = draft;
    if (current === undefined) {
      this.#write(`the ${type.kind} ${name}`, () => client.create(type, wanted, { fieldManager: specManager }));
      return;
    }
    // Of an exempt level nothing but its lending can be changed at all, and that is the administrator's to say.
    if (
      name === 'exempt' ||
      current.metadata.annotations?.[autoUpdate] === 'false' ||
      same(draft['spec'], (current as KubeObject & { readonly spec?: unknown }).spec)
    )
      return;
    this.#write(`the ${type.kind} ${name}`, () =>
      client.update(type, { ...current, spec: draft['spec'] } as Draft<KubeObject>, { fieldManager: specManager }),
    );
  }

  #write(what: string, write: () => Promise<unknown>): void {
    write().catch((error: unknown) => {
      // Whoever came first will be heard of by the watch.
      if (this.#stopped || isReason(error, 'NotFound') || isReason(error, 'Conflict') || isReason(error, 'AlreadyExists')) return;
      this.options.logger.warn(`flow control cannot write ${what}`, { error: errorText(error) });
    });
  }
}

/** Whether what is wanted is there; what a stored object has beyond it was filled in. */
function same(wanted: unknown, stored: unknown): boolean {
  if (Array.isArray(wanted)) {
    return Array.isArray(stored) && stored.length === wanted.length && wanted.every((one, index) => same(one, stored[index]));
  }
  if (!isRecord(wanted)) return wanted === stored;
  return isRecord(stored) && Object.keys(wanted).every((key) => same(wanted[key], stored[key]));
}
