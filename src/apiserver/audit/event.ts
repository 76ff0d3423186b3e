// An audit event as it is written: https://kubernetes.io/docs/reference/config-api/apiserver-audit.v1/
import type { Status } from '../../apimachinery/object.js';
import type { AuditLevel } from './context.js';

export const auditStages = ['RequestReceived', 'ResponseStarted', 'ResponseComplete', 'Panic'] as const;

export type AuditStage = (typeof auditStages)[number];

export const auditVersion = 'audit.k8s.io/v1';

/** Who asks, as events and reviews name them. */
export interface AuditUser {
  readonly username?: string;
  readonly uid?: string;
  readonly groups?: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

/** What a request is about. */
export interface AuditObjectReference {
  readonly resource?: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly uid?: string;
  readonly apiGroup?: string;
  readonly apiVersion?: string;
  readonly resourceVersion?: string;
  readonly subresource?: string;
}

/** One event of `audit.k8s.io/v1`. */
export interface AuditEvent {
  readonly kind: 'Event';
  readonly apiVersion: typeof auditVersion;
  readonly level: AuditLevel;
  readonly auditID: string;
  readonly stage: AuditStage;
  /** With its query. */
  readonly requestURI: string;
  /** Of other paths than the API's: the method in lower case. */
  readonly verb: string;
  /** Empty for who could not be told. */
  readonly user: AuditUser;
  readonly impersonatedUser?: AuditUser;
  /** By which narrow permission somebody acts as another: `impersonate:user-info`. */
  readonly authenticationMetadata?: { readonly impersonationConstraint?: string };
  /** What proxies said, then who opened the connection. */
  readonly sourceIPs?: readonly string[];
  readonly userAgent?: string;
  /** Absent for what is no resource. */
  readonly objectRef?: AuditObjectReference;
  readonly responseStatus?: Partial<Omit<Status, 'kind' | 'apiVersion'>>;
  /** From level Request on; a patch as it was sent. */
  readonly requestObject?: unknown;
  /** At level RequestResponse. */
  readonly responseObject?: unknown;
  /** `2026-11-21T11:24:57.123000Z` */
  readonly requestReceivedTimestamp: string;
  readonly stageTimestamp: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** An event on its way: encoded at most once, whoever wants it. */
export class AuditRecord {
  #text: string | undefined;
  #event: AuditEvent | undefined;

  constructor(
    readonly stage: AuditStage,
    private readonly encode: () => string,
  ) {}

  /** The event as one line of JSON, without its end. Throws for a patch that is no JSON, as the real server cannot write such an event. */
  text(): string {
    return (this.#text ??= this.encode());
  }

  /** The event as a value of its own. Throws as {@link text} does. */
  event(): AuditEvent {
    return (this.#event ??= JSON.parse(this.text()) as AuditEvent);
  }
}

/** Takes events. `name` is in metrics. */
export interface AuditBackend {
  readonly name: string;
  /**
   * Takes an event; never throws. A promise when the request is to wait for it, with whether it was taken. False: it was not, and a request
   * whose RequestReceived it is must fail. undefined: nobody waits.
   */
  process(record: AuditRecord): undefined | boolean | Promise<boolean>;
  /** Writes what is left; nothing is taken afterwards. */
  stop(): Promise<void>;
}
