// metrics.k8s.io: what nodes and pods use now, for kubectl top and the horizontal pod autoscaler.
// https://kubernetes.io/docs/tasks/debug/debug-cluster/resource-metrics-pipeline/
export { metricsHandlers } from './handlers.js';
export { metricsKinds } from './kinds.js';
export { createUsageBook, type UsageAmounts, type UsageBook, type UsageReader, type UsageTarget } from './usage-book.js';
