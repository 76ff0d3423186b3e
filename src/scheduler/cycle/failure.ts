// Why a pod found no node.
import type { FailedAttempt } from '../framework.js';

export interface Failure extends FailedAttempt {
  readonly nodes: number;
  /** Said of the pod before any node was looked at. */
  readonly podRejection: { readonly plugin: string; readonly message: string } | undefined;
  /** The plugins that could be helped by an event. */
  readonly rejectedBy: ReadonlySet<string>;
  /** The plugin that ruled nodes out before any filter ran. */
  readonly leftOutBy: string | undefined;
}
