// Admission: what may change or refuse a write after it was decoded. https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/
import type { KubeObject, Mutable } from '../../apimachinery/object.js';
import type { SchemaNode } from '../../apimachinery/schema/node.js';
import type { AuditContext } from '../audit/context.js';
import type { RequestOptions } from '../core/api-request.js';
import type { Kind, UserInfo } from '../../registry/kind.js';
import { Rounds } from './rounds.js';

export interface AdmissionRequest {
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT';
  readonly kind: Kind;
  readonly subresource: string;
  readonly namespace: string;
  /** May be '' for a create whose name is generated. */
  readonly name: string;
  /** The object to be written; undefined for a deletion. Plugins' `admit` may change it. */
  readonly object: Mutable | undefined;
  readonly old: KubeObject | undefined;
  /** What the object is when it is none of `kind`: a Scale, an Eviction, the options of an exec. `old` is then of the same form. */
  readonly form?: ObjectForm | undefined;
  readonly user: UserInfo;
  readonly dryRun: boolean;
  /** As the request has them; webhooks are told. */
  readonly options?: RequestOptions;
  readonly warnings: string[];
  /** For annotations of the request's audit event: `request.audit?.annotate(key, value)`. Absent when nobody audits it. */
  readonly audit?: AuditContext | undefined;
}

/** An object that belongs to a subresource. */
export interface ObjectForm {
  readonly apiVersion: string;
  readonly kind: string;
  schema(): SchemaNode;
}

/** One admission plugin. Both refuse by throwing an ApiError. */
export interface AdmissionPlugin {
  /** As in `--enable-admission-plugins`. */
  readonly name: string;
  /** Subresources that are something of their own (`pods/eviction`, `serviceaccounts/token`) and that the plugin looks at, and so with questions of which nothing is stored; none when absent. */
  readonly subresources?: readonly string[] | 'all';
  /** Whether the plugin has anything to say of this; quick, so that most writes pass most plugins by. */
  handles(request: AdmissionRequest): boolean;
  /** May change `request.object`. Called a second time when webhooks or policies have changed it after the plugin saw it. */
  admit?(request: AdmissionRequest, rounds: Rounds): void | Promise<void>;
  validate?(request: AdmissionRequest): void | Promise<void>;
}

/** The plugins in their order: all that mutate, later all that validate. */
export class AdmissionChain {
  constructor(private readonly plugins: readonly AdmissionPlugin[]) {}

  /** Done at once unless a plugin has to wait. Throws, or rejects with, what a plugin refuses with. */
  admit(request: AdmissionRequest): void | Promise<void> {
    const rounds = new Rounds();
    const done = this.#admitOnce(request, rounds);
    return done === undefined ? this.#admitAgain(request, rounds) : done.then(() => this.#admitAgain(request, rounds));
  }

  /** The second round, when something asked for it. */
  #admitAgain(request: AdmissionRequest, rounds: Rounds): void | Promise<void> {
    if (!rounds.wanted) return undefined;
    rounds.again = true;
    return this.#admitOnce(request, rounds);
  }

  #admitOnce(request: AdmissionRequest, rounds: Rounds): void | Promise<void> {
    return inOrder(this.plugins, (plugin) =>
      plugin.admit === undefined || !plugin.handles(request) ? undefined : plugin.admit(request, rounds),
    );
  }

  /** As {@link admit}. */
  validate(request: AdmissionRequest): void | Promise<void> {
    return inOrder(this.plugins, (plugin) =>
      plugin.validate === undefined || !plugin.handles(request) ? undefined : plugin.validate(request),
    );
  }

  /** What is sent to a subresource that is something of its own, or is a question, before it is carried out. `complete` fills in what only those that validate see. */
  async admitSubresource(request: AdmissionRequest, complete?: () => void | Promise<void>): Promise<void> {
    const path = `${request.kind.resource}/${request.subresource}`;
    const plugins = this.plugins.filter(({ subresources }) => subresources === 'all' || subresources?.includes(path) === true);
    if (plugins.length === 0) {
      await complete?.();
      return;
    }
    const chain = new AdmissionChain(plugins);
    await chain.admit(request);
    await complete?.();
    await chain.validate(request);
  }
}

type Step = (plugin: AdmissionPlugin) => void | Promise<void>;

/** One plugin after the other, without a pause until one has to wait. */
function inOrder(plugins: readonly AdmissionPlugin[], step: Step): void | Promise<void> {
  for (let i = 0; i < plugins.length; i++) {
    const waiting = step(plugins[i]!);
    if (waiting !== undefined) return theRest(plugins, i + 1, step, waiting);
  }
  return undefined;
}

async function theRest(plugins: readonly AdmissionPlugin[], from: number, step: Step, first: Promise<void>): Promise<void> {
  await first;
  for (let i = from; i < plugins.length; i++) {
    const waiting = step(plugins[i]!);
    if (waiting !== undefined) await waiting;
  }
}
