// Keeps what the backends say of themselves: asked when they change, and again every minute.
import type { Clock, Timer } from '../../clock/clock.js';
import type { DiscoveredKind } from '../discovery/source.js';
import type { ApiServices, RemoteService } from './api-services.js';
import { discoverBackend } from './backend-discovery.js';
import { fetchOpenApi, type BackendOpenApi } from './backend-openapi.js';
import type { Backend } from './backend.js';

/** What is known of one backend's version. */
export interface RemoteDocuments {
  readonly backend: Backend;
  readonly kinds: readonly DiscoveredKind[];
  /** Whether it could be asked last time. */
  readonly fresh: boolean;
  readonly openapi: BackendOpenApi | undefined;
}

/** Milliseconds between two looks at the same backend. */
const period = 60_000;

export class Documents {
  readonly #known = new Map<string, RemoteDocuments>();
  readonly #asking = new Map<string, Promise<void>>();
  readonly #period: Timer;
  #stopped = false;

  constructor(
    private readonly services: ApiServices,
    clock: Clock,
  ) {
    this.#period = clock.every(period, () => {
      for (const { name } of services.remotes()) void this.read(name);
    });
  }

  of(remote: RemoteService): RemoteDocuments | undefined {
    const known = this.#known.get(remote.name);
    return known?.backend === remote.backend ? known : undefined;
  }

  forget(name: string): void {
    this.#known.delete(name);
  }

  /** Asks the backend of an API service what it serves. Never rejects. */
  read(name: string): Promise<void> {
    const asking = this.#asking.get(name);
    if (asking !== undefined) return asking;
    const reading = this.#read(name).finally(() => this.#asking.delete(name));
    this.#asking.set(name, reading);
    return reading;
  }

  stop(): void {
    this.#stopped = true;
    this.#period.cancel();
  }

  async #read(name: string): Promise<void> {
    const remote = this.services.remote(name);
    if (remote === undefined || this.#stopped) return;
    const [kinds, openapi] = await Promise.all([
      discoverBackend(remote).catch(() => undefined),
      fetchOpenApi(remote).catch(() => undefined),
    ]);
    const now = this.services.remote(name);
    if (now === undefined || this.#stopped) return this.forget(name);
    // It has become another one meanwhile.
    if (now.backend !== remote.backend) return this.#read(name);
    const before = this.#known.get(name);
    const next = { backend: remote.backend, kinds: kinds ?? [], fresh: kinds !== undefined, openapi };
    if (before !== undefined && isSame(before, next)) return;
    this.#known.set(name, next);
    this.services.revision++;
  }
}

function isSame(one: RemoteDocuments, other: RemoteDocuments): boolean {
  return (
    one.backend === other.backend &&
    one.fresh === other.fresh &&
    one.openapi?.digest === other.openapi?.digest &&
    shown(one.kinds) === shown(other.kinds)
  );
}

function shown(kinds: readonly DiscoveredKind[]): string {
  return JSON.stringify(kinds.map(({ subresources, ...kind }) => [kind, [...subresources.values()]]));
}
