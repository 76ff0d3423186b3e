// What a controller of the controller manager is: a name, the account it acts as, and how it is made.
import type { Client } from '../client/client.js';
import type { EventRecorder } from '../client/events/recorder.js';
import type { InformerFactory } from '../client/informer/factory.js';
import type { Logger } from '../client/logger.js';
import type { Clock } from '../clock/clock.js';
import type { Random } from '../clock/random.js';

/** The cluster's authority, as far as controllers may use it: they never see its key. */
export interface CertificateSigner {
  /** Signs a PEM certificate request with its own subject and alternative names. Resolves with the PEM certificate; rejects for what is no request. */
  sign(request: string, terms: CertificateTerms): Promise<string>;
}

/** What a certificate is good for, and for how long. */
export interface CertificateTerms {
  /** As in `spec.usages` of a CertificateSigningRequest. */
  readonly usages: readonly string[];
  /** Seconds from now until the certificate's end; it never outlives the authority's own. */
  readonly seconds: number;
  /** Seconds before now from which on it is valid. */
  readonly backdateSeconds: number;
}

/** Signs claims with the key of service account tokens, which controllers never see. */
export interface TokenSigner {
  /** Resolves with a JWT of these claims as they are. */
  sign(claims: Readonly<Record<string, unknown>>): Promise<string>;
}

/** What every controller gets. */
export interface ControllerContext {
  /** Acts as the controller's own account. */
  readonly client: Client;
  /** Shared by all controllers: informers are asked for while the controller is made, or later. */
  readonly informers: InformerFactory;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly ca: string;
  readonly signer: CertificateSigner;
  readonly tokenSigner: TokenSigner;
  /** Addresses for services of type LoadBalancer, as CIDRs of either family. */
  readonly loadBalancerPool: readonly string[];
  readonly clusterDomain: string;
  /** A recorder for events of this component; the manager stops it. */
  recorder(component: string): EventRecorder;
}

/** A controller, made but not started. */
export interface RunningController {
  start(): void;
  /** Resolves when the work under way has ended; leaves no timers. */
  stop(): Promise<void>;
}

/** One entry of the controller manager's list. */
export interface ControllerDefinition {
  /** As `--controllers` names it. */
  readonly name: string;
  /** The service account of kube-system that it acts as; absent: the controller manager itself. */
  readonly account?: string;
  /** Whether it runs only when it is asked for by name, as some real ones do. */
  readonly offByDefault?: boolean;
  create(context: ControllerContext): RunningController;
}
