// What a cluster is made of, and what it is when nobody says otherwise.
import type { AdmissionFlags } from '../apiserver/admission/control/options.js';
import type { AggregationOptions } from '../apiserver/aggregation/proxy-client.js';
import type { AuditOptions } from '../apiserver/audit/options.js';
import type { AuthenticationOptions } from '../apiserver/authentication/options.js';
import type { AuthorizationOptions } from '../apiserver/authorization/options.js';
import type { Clock } from '../clock/clock.js';
import type { Random } from '../clock/random.js';
import type { Logger } from '../client/logger.js';

/** The parts that can run or be left out, so that a real counterpart can take their place. The API server always runs. */
export const componentNames = ['apiserver', 'controllers', 'scheduler', 'kubelet'] as const;

export type ComponentName = (typeof componentNames)[number];

/** Beside its own, the flags of kube-apiserver that say how users are told apart, which admission plugins run and what is audited. */
export interface ClusterOptions extends AuthenticationOptions, AuthorizationOptions, AdmissionFlags, AggregationOptions, AuditOptions {
  /** How many worker nodes: `node-0`, `node-1`, … 3 when absent. */
  readonly nodes?: number;
  /** The API server's port; 0, which is also the default in process, takes a free one. */
  readonly port?: number;
  /** The address to listen on; 127.0.0.1 when absent. */
  readonly bind?: string;
  /** Where to write the kubeconfig; not written when absent. */
  readonly kubeconfig?: string;
  /** Where the cluster's certificates are kept, so that a kubeconfig stays good over restarts; in memory alone when absent. */
  readonly certDir?: string;
  /** More names and addresses for the server's certificate. */
  readonly extraNames?: readonly string[];
  /** The parts to run; all when absent. */
  readonly components?: readonly ComponentName[];
  /** Which controllers run, as `--controllers` of kube-controller-manager has it: `*` for those on by default, names, `-name`. `['*']` when absent. */
  readonly controllers?: readonly string[];
  /** CIDRs of the addresses that services of type LoadBalancer get; 203.0.113.0/24 and 2001:db8::/112 when absent. */
  readonly loadBalancerPool?: readonly string[];
  /** A KubeSchedulerConfiguration: profiles by schedulerName, plugins, weights, back-off. One default profile when absent. */
  readonly schedulerConfig?: Readonly<Record<string, unknown>>;
  /** How many requests over HTTP the API server serves at once: the seats that flow control divides are the sum of both. 400 when absent. */
  readonly maxRequestsInflight?: number;
  /** 200 when absent. */
  readonly maxMutatingRequestsInflight?: number;
  readonly clock?: Clock;
  readonly random?: Random;
  readonly logger?: Logger;
  /** Deep-freezes every stored object, so that a test finds whoever changes one in place. Slow. */
  readonly freeze?: boolean;
}

/** An option has a value that cannot be; `message` is one line for the terminal. */
export class OptionError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'OptionError';
  }
}

export const mostNodes = 10_000;
export const mostInflight = 100_000;

/** Throws OptionError for the first value that cannot be. */
export function checkOptions({ nodes, port, components, ...more }: ClusterOptions): void {
  for (const name of ['maxRequestsInflight', 'maxMutatingRequestsInflight'] as const) {
    const value = more[name];
    if (value !== undefined && (!Number.isInteger(value) || value < 1 || value > mostInflight)) {
      throw new OptionError(`${name} must be a whole number from 1 to ${mostInflight}, not ${value}`);
    }
  }
  if (nodes !== undefined && (!Number.isInteger(nodes) || nodes < 0 || nodes > mostNodes)) {
    throw new OptionError(`nodes must be a whole number from 0 to ${mostNodes}, not ${nodes}`);
  }
  if (port !== undefined && (!Number.isInteger(port) || port < 0 || port > 65535)) {
    throw new OptionError(`port must be a whole number from 0 to 65535 (0 takes a free one), not ${port}`);
  }
  for (const name of components ?? []) {
    if (!componentNames.includes(name))
      throw new OptionError(`there is no component ${JSON.stringify(name)}: choose from ${componentNames.join(', ')}`);
  }
}
