// The API services that there are: who serves which group and version, and in which order discovery names them.
// https://kubernetes.io/docs/concepts/extend-kubernetes/api-extension/apiserver-aggregation/
import type { APIService } from '../../../openapi/types/apiregistration.v1.js';
import { compareVersions } from '../../registry/versions.js';
import { Backend, isSameBackend, type BackendContext } from './backend.js';

/** An API service whose group and version are served elsewhere. */
export interface RemoteService {
  readonly name: string;
  readonly group: string;
  readonly version: string;
  readonly backend: Backend;
  /** As it is stored now. */
  readonly object: APIService;
  /** What its condition says. */
  readonly available: boolean;
}

/** A version in discovery's order, with what the order is made of. */
export interface OrderedGroup {
  readonly name: string;
  readonly versions: readonly string[];
  readonly priority: number;
}

/** The group of API services themselves, which has none: it comes first. */
const ownGroup = 'apiregistration.k8s.io';
const ownPriority = { groupPriorityMinimum: Infinity, versionPriority: 100 } as const;

/** What an API service of a custom resource's group has. */
export const customPriority = { groupPriorityMinimum: 1000, versionPriority: 100 } as const;

export class ApiServices {
  readonly #all = new Map<string, APIService>();
  /** By group, then version. */
  readonly #remote = new Map<string, Map<string, RemoteService>>();
  readonly #byName = new Map<string, RemoteService>();
  /** Those that were there once and are there no more. */
  readonly #gone = new Set<string>();
  /** One more for each change that discovery shows. */
  revision = 0;

  /** `isOwn`: whether this server serves it though it names a service. */
  constructor(
    private readonly context: BackendContext,
    private readonly isOwn: (service: APIService) => boolean,
  ) {}

  /** Who serves a group and version; undefined when this server does, or nobody. */
  find(group: string, version: string): RemoteService | undefined {
    return this.#byName.size === 0 ? undefined : this.#remote.get(group)?.get(version);
  }

  remote(name: string): RemoteService | undefined {
    return this.#byName.get(name);
  }

  get(name: string): APIService | undefined {
    return this.#all.get(name);
  }

  all(): IterableIterator<APIService> {
    return this.#all.values();
  }

  /** Whether somebody took it away. */
  isGone(name: string): boolean {
    return this.#gone.has(name);
  }

  remotes(): IterableIterator<RemoteService> {
    return this.#byName.values();
  }

  put(object: APIService): void {
    const { name } = object.metadata;
    const { group = '', version = '', service } = object.spec ?? {};
    const before = this.#all.get(name);
    this.#all.set(name, object);
    this.#gone.delete(name);
    if (before === undefined || !isSameInDiscovery(before, object)) this.revision++;
    const known = this.#byName.get(name);
    // A service of null is none.
    if (service == null || this.isOwn(object)) return this.#forget(known);
    const same = known !== undefined && isSameBackend(known.object, object);
    const backend = same ? known.backend : new Backend(object.spec, this.context);
    if (!same) known?.backend.retire();
    const remote = { name, group, version, backend, object, available: isAvailable(object) };
    if (remote.available !== known?.available) this.revision++;
    this.#byName.set(name, remote);
    const versions = this.#remote.get(group) ?? new Map<string, RemoteService>();
    this.#remote.set(group, versions.set(version, remote));
  }

  delete(name: string): void {
    if (!this.#all.delete(name)) return;
    this.#gone.add(name);
    this.revision++;
    this.#forget(this.#byName.get(name));
  }

  #forget(known: RemoteService | undefined): void {
    if (known === undefined) return;
    this.revision++;
    known.backend.retire();
    this.#byName.delete(known.name);
    const versions = this.#remote.get(known.group);
    versions?.delete(known.version);
    if (versions?.size === 0) this.#remote.delete(known.group);
  }

  /**
   * These groups and those of remote services in the order of their priorities. `local` is in the order that holds among versions of the same
   * priority. Custom resources whose API service is not written yet are taken as if it were.
   */
  ordered(local: readonly { readonly name: string; readonly versions: readonly string[] }[]): readonly OrderedGroup[] {
    const found = new Map<string, { readonly versions: Map<string, number>; priority: number }>();
    const add = (group: string, version: string): void => {
      const { groupPriorityMinimum, versionPriority } =
        group === ownGroup ? ownPriority : (this.#all.get(`${version}.${group}`)?.spec ?? customPriority);
      const known = found.get(group);
      if (known === undefined) found.set(group, { versions: new Map([[version, versionPriority]]), priority: groupPriorityMinimum });
      else {
        known.versions.set(version, versionPriority);
        known.priority = Math.max(known.priority, groupPriorityMinimum);
      }
    };
    for (const { name, versions } of local) for (const version of versions) add(name, version);
    for (const { group, version } of this.#byName.values()) add(group, version);
    return [...found]
      .map(([name, { versions, priority }]) => ({
        name,
        priority,
        versions: [...versions].sort(([one, a], [other, b]) => b - a || compareVersions(one, other)).map(([version]) => version),
      }))
      .sort((one, other) => other.priority - one.priority || (one.name < other.name ? -1 : 1));
  }

  close(): void {
    for (const { backend } of this.#byName.values()) backend.close();
  }
}

export function isAvailable({ status }: APIService): boolean {
  return status?.conditions?.find(({ type }) => type === 'Available')?.status === 'True';
}

function isSameInDiscovery({ spec: one }: APIService, { spec: other }: APIService): boolean {
  return one?.groupPriorityMinimum === other?.groupPriorityMinimum && one?.versionPriority === other?.versionPriority;
}
