// API services for the groups and versions of custom resources: made, mended and taken away as their definitions come and go.
// https://kubernetes.io/docs/concepts/extend-kubernetes/api-extension/apiserver-aggregation/
import type { APIService } from '../../../openapi/types/apiregistration.v1.js';
import { isReason } from '../../apimachinery/errors/api-error.js';
import type { Client } from '../../client/client.js';
import { errorText, type Logger } from '../../client/logger.js';
import { API_SERVICES } from '../../client/resources.js';
import type { Clock } from '../../clock/clock.js';
import { breathe } from '../../clock/slices.js';
import type { Registry } from '../../registry/index.js';
import { customPriority, type ApiServices } from './api-services.js';

export interface AutoregistrationOptions {
  readonly registry: Registry;
  readonly services: ApiServices;
  /** Acts as the server itself. */
  readonly client: Client;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Groups of the server's own that look like custom resources. */
  readonly except: ReadonlySet<string>;
}

/** `true`: kept as it is made. `onstart`: made once. */
export const automanagedLabel = 'kube-aggregator.kubernetes.io/automanaged';
/** After a failure, in milliseconds. */
const pause = 1000;
/** So many API services are written at a time. Not so many milliseconds: what happens when must not depend on the machine. */
const namesAtOnce = 25;

export class Autoregistration {
  /** `v1.example.com` by group and version, as they are served. */
  #wanted = new Map<string, { readonly group: string; readonly version: string }>();
  readonly #waiting = new Set<string>();
  #busy = false;
  #comparing = false;
  #stopped = false;
  readonly #unlisten: () => void;

  constructor(private readonly options: AutoregistrationOptions) {
    this.#unlisten = options.registry.onChange(() => this.#compareSoon());
    this.#compare();
  }

  /** An API service was written or deleted. */
  changed(name: string, service: APIService | undefined): void {
    if (this.#wanted.has(name) || service?.metadata.labels?.[automanagedLabel] === 'true') this.#enqueue(name);
  }

  stop(): void {
    this.#stopped = true;
    this.#unlisten();
  }

  /** Once for all versions of a definition, each of which changes the registry. */
  #compareSoon(): void {
    if (this.#comparing) return;
    this.#comparing = true;
    queueMicrotask(() => {
      this.#comparing = false;
      if (!this.#stopped) this.#compare();
    });
  }

  #compare(): void {
    const { registry, except } = this.options;
    const wanted = new Map<string, { readonly group: string; readonly version: string }>();
    for (const { name: group, versions } of registry.groups()) {
      if (except.has(group)) continue;
      for (const version of versions) {
        if (registry.kindsOf(group, version)[0]?.customSchema !== undefined) wanted.set(`${version}.${group}`, { group, version });
      }
    }
    const before = this.#wanted;
    this.#wanted = wanted;
    for (const name of wanted.keys()) if (!before.has(name)) this.#enqueue(name);
    for (const name of before.keys()) if (!wanted.has(name)) this.#enqueue(name);
  }

  #enqueue(name: string): void {
    this.#waiting.add(name);
    if (this.#busy || this.#stopped) return;
    this.#busy = true;
    // Not within whoever changes the registry.
    queueMicrotask(() => void this.#run());
  }

  async #run(): Promise<void> {
    let settled = 0;
    for (const name of this.#waiting) {
      this.#waiting.delete(name);
      // A definition may have a thousand versions.
      if (++settled % namesAtOnce === 0) await breathe();
      if (this.#stopped) break;
      try {
        await this.#settle(name);
      } catch (error) {
        // Whoever was faster has made an event, which brings it here again.
        if (isReason(error, 'Conflict') || isReason(error, 'NotFound') || isReason(error, 'AlreadyExists')) continue;
        this.options.logger.warn('an API service could not be kept', { name, error: errorText(error) });
        this.options.clock.after(pause, () => this.#enqueue(name));
      }
    }
    this.#busy = false;
  }

  async #settle(name: string): Promise<void> {
    const { client, services } = this.options;
    const wanted = this.#wanted.get(name);
    const there = services.get(name);
    const isKept = there?.metadata.labels?.[automanagedLabel] === 'true';
    if (wanted === undefined) {
      if (isKept) await client.delete(API_SERVICES, { name }, { preconditions: { uid: there.metadata.uid } });
      return;
    }
    const spec = { ...wanted, ...customPriority };
    if (there === undefined) {
      await client.create(API_SERVICES, { metadata: { name, labels: { [automanagedLabel]: 'true' } }, spec });
    } else if (isKept && !isAsMade(there, spec)) {
      await client.update(API_SERVICES, { ...there, spec });
    }
  }
}

function isAsMade({ spec }: APIService, wanted: NonNullable<APIService['spec']>): boolean {
  return (
    spec?.service == null &&
    spec?.groupPriorityMinimum === wanted.groupPriorityMinimum &&
    spec.versionPriority === wanted.versionPriority &&
    (spec.caBundle ?? '') === '' &&
    spec.insecureSkipTLSVerify !== true
  );
}
