// The public API: a cluster for tests and programs.
export { startCluster, type Cluster } from './cluster/cluster.js';
export type { ClusterNodes } from './cluster/nodes.js';
export { OptionError, componentNames, type ClusterOptions, type ComponentName } from './cluster/options.js';
export type { UsageAmounts, UsageBook, UsageTarget } from './apiserver/metrics-api/index.js';
export type { AuditEvent, AuditStage } from './apiserver/audit/event.js';
export type { AuditPolicy, AuditPolicyRule } from './apiserver/audit/policy.js';
export { CertificateError } from './apiserver/certificates/certificate-error.js';
export { ApiError } from './apimachinery/errors/api-error.js';
export type {
  Client,
  DeleteOptions,
  ListOptions,
  ObjectKey,
  PatchOptions,
  PatchType,
  ResourceType,
  WatchHandle,
  WatchHandler,
  WatchOptions,
  WriteOptions,
} from './client/client.js';
export type { Draft, KubeList, KubeObject, Status, WatchEvent } from './apimachinery/object.js';
export * as resources from './client/resources.js';
export type { Logger } from './client/logger.js';
export { manualClock, type ManualClock } from './clock/manual-clock.js';
export { realClock } from './clock/real-clock.js';
export { scaledClock } from './clock/scaled-clock.js';
export { realRandom, seededRandom, type Random } from './clock/random.js';
export type { Clock, Timer } from './clock/clock.js';
