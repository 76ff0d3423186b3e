// The checks of client-go, in the order of their printing.

package main

var clientGoChecks = []check{
	{"client-go: typed objects in JSON", func(e *env) error { return typedObjects(e, "application/json") }},
	{"client-go: typed objects in protobuf", func(e *env) error { return typedObjects(e, "application/vnd.kubernetes.protobuf") }},
	{"client-go: errors have their reasons", errorReasons},
	{"client-go: conflicts are retried", conflictsAreRetried},
	{"client-go: pages of a list", pages},
	{"client-go: typed server-side apply, conflict and force", typedApply},
	{"client-go: informer over a streamed list (WatchList)", informerWatchList},
	{"client-go: informer in protobuf", informerProtobuf},
	{"client-go: reflector that lists and watches", reflectorListWatch},
	{"client-go: reflector starts again after 410 Expired", reflectorExpired},
	{"client-go: watch until a condition holds", watchUntil},
	{"client-go: dynamic client, watch and informer", dynamicClient},
	{"client-go: dynamic server-side apply", dynamicApply},
	{"client-go: metadata-only client and informer", metadataOnly},
	{"client-go: discovery cached in memory, REST mapper", discoveryInMemory},
	{"client-go: discovery cached on disk", discoveryOnDisk},
	{"client-go: OpenAPI v3 through discovery", openAPI},
	{"client-go: leader election over a Lease", leaderElection},
	{"client-go: event recorder counts repeated events", eventRecorder},
	{"client-go: scale and rollout of a Deployment, logs of its pods", deploymentAndLogs},
	{"client-go: impersonation and bound tokens", impersonationAndTokens},
}
