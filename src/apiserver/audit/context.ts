// What the steps of a request say to its audit event, and nothing of where the event goes.

/** How much an event tells: https://kubernetes.io/docs/tasks/debug/debug-cluster/audit/#audit-policy */
export const auditLevels = ['None', 'Metadata', 'Request', 'RequestResponse'] as const;

export type AuditLevel = (typeof auditLevels)[number];

/**
 * The audit event of the request under way. Requests that nobody audits have none: say `request.audit?.annotate(…)`, which then costs nothing,
 * the texts included.
 */
export interface AuditContext {
  /** Never `None`. */
  readonly level: AuditLevel;
  /** Adds an annotation. The first word under a key stays; later ones are passed over. */
  annotate(key: string, value: string): void;
  /** What the client sent, decoded and with defaults; what is in it now is kept, so it may be changed afterwards. The first call counts. */
  requestObject(object: Readonly<Record<string, unknown>>): void;
  /** A patch as the client sent it. */
  requestPatch(bytes: Uint8Array): void;
}

/** Whether an event has bodies of requests, and what else the real server tells only then. */
export function tellsRequests({ level }: AuditContext): boolean {
  return level === 'Request' || level === 'RequestResponse';
}
