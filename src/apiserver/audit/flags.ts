// The flags of the audit log, as kube-apiserver has them.

/** `batch`: nobody waits. `blocking`: a client has its answer when the event is written. `blocking-strict`: and none without it. */
export const auditModes = ['batch', 'blocking', 'blocking-strict'] as const;

export type AuditMode = (typeof auditModes)[number];

export interface AuditFlags {
  /** A file with a Policy of audit.k8s.io/v1. Without a policy nothing is audited. */
  readonly auditPolicyFile?: string;
  /** A file to which events are written, a line each; `-` is standard output. */
  readonly auditLogPath?: string;
  /** json when absent. */
  readonly auditLogFormat?: 'json' | 'legacy';
  /** blocking when absent: what a client has an answer to has been written. */
  readonly auditLogMode?: AuditMode;
  /** Days for which old files are kept; 366 when absent, 0: for ever. */
  readonly auditLogMaxage?: number;
  /** How many old files are kept; 100 when absent, 0: all. */
  readonly auditLogMaxbackup?: number;
  /** Megabytes at which the file is set aside; 100 when absent, 0: never. */
  readonly auditLogMaxsize?: number;
  /** Of mode batch: how many events may wait; 10000 when absent. */
  readonly auditLogBatchBufferSize?: number;
  /** Old files are compressed with gzip. */
  readonly auditLogCompress?: boolean;
  /** The version of the events; there is one. */
  readonly auditLogVersion?: 'audit.k8s.io/v1';
  /** Events that are too large lose what was asked and answered, or are lost. */
  readonly auditLogTruncateEnabled?: boolean;
  /** Bytes; 102400 when absent. */
  readonly auditLogTruncateMaxEventSize?: number;
  /** Bytes of events that are written together; 10485760 when absent. Events come one by one, so that this says no more than the size of an event. */
  readonly auditLogTruncateMaxBatchSize?: number;
  /** 1 when absent. */
  readonly auditLogBatchMaxSize?: number;
  /** Seconds; 0 when absent. */
  readonly auditLogBatchMaxWait?: number;
  /** Whether batches wait for their turn; not when absent. */
  readonly auditLogBatchThrottleEnable?: boolean;
  /** Batches in a second, on the average. */
  readonly auditLogBatchThrottleQps?: number;
  /** As many batches at once when there were none before. */
  readonly auditLogBatchThrottleBurst?: number;
  /** A kubeconfig: where lists of events are sent. */
  readonly auditWebhookConfigFile?: string;
  /** batch when absent. */
  readonly auditWebhookMode?: AuditMode;
  /** 10000 when absent. */
  readonly auditWebhookBatchBufferSize?: number;
  /** 400 when absent. */
  readonly auditWebhookBatchMaxSize?: number;
  /** Seconds until fewer are sent as well; 30 when absent. */
  readonly auditWebhookBatchMaxWait?: number;
  /** Whether batches wait for their turn; they do when absent. */
  readonly auditWebhookBatchThrottleEnable?: boolean;
  /** Batches in a second, on the average; 10 when absent. */
  readonly auditWebhookBatchThrottleQps?: number;
  /** As many batches at once when there were none before; 15 when absent. */
  readonly auditWebhookBatchThrottleBurst?: number;
  /** The version of the events; there is one. */
  readonly auditWebhookVersion?: 'audit.k8s.io/v1';
  readonly auditWebhookTruncateEnabled?: boolean;
  /** Bytes; 102400 when absent. */
  readonly auditWebhookTruncateMaxEventSize?: number;
  /** Bytes; 10485760 when absent. */
  readonly auditWebhookTruncateMaxBatchSize?: number;
  /** Seconds before what could not be sent is sent again for the first time; 10 when absent. */
  readonly auditWebhookInitialBackoff?: number;
}
