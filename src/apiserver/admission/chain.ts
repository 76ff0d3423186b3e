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

  async admit(request: AdmissionRequest): Promise<void> {
    const rounds = new Rounds();
    await this.admitOnce(request, rounds);
    if (!rounds.wanted) return;
    rounds.again = true;
    await this.admitOnce(request, rounds);
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

  private async admitOnce(request: AdmissionRequest, rounds: Rounds): Promise<void> {
    for (const plugin of this.plugins) {
      if (plugin.admit === undefined || !plugin.handles(request)) continue;
      const done = plugin.admit(request, rounds);
      if (done !== undefined) await done;
    }
  }

  async validate(request: AdmissionRequest): Promise<void> {
    for (const plugin of this.plugins) {
      if (plugin.validate === undefined || !plugin.handles(request)) continue;
      const done = plugin.validate(request);
      if (done !== undefined) await done;
    }
  }
}
