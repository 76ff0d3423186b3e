// Admission: what may change or refuse a write after it was decoded. https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/
import type { KubeObject, Mutable } from '../../apimachinery/object.js';
import type { RequestOptions } from '../core/api-request.js';
import type { Kind, UserInfo } from '../../registry/kind.js';

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
  readonly user: UserInfo;
  readonly dryRun: boolean;
  /** As the request has them; webhooks are told. */
  readonly options?: RequestOptions;
  readonly warnings: string[];
}

/** One admission plugin. Both refuse by throwing an ApiError. */
export interface AdmissionPlugin {
  /** As in `--enable-admission-plugins`. */
  readonly name: string;
  /** Whether the plugin has anything to say of this; quick, so that most writes pass most plugins by. */
  handles(request: AdmissionRequest): boolean;
  /** May change `request.object`. */
  admit?(request: AdmissionRequest): void | Promise<void>;
  validate?(request: AdmissionRequest): void | Promise<void>;
}

/** The plugins in their order: all that mutate, later all that validate. */
export class AdmissionChain {
  constructor(private readonly plugins: readonly AdmissionPlugin[]) {}

  async admit(request: AdmissionRequest): Promise<void> {
    for (const plugin of this.plugins) {
      if (plugin.admit === undefined || !plugin.handles(request)) continue;
      const done = plugin.admit(request);
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
