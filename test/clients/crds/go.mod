module kubedouble.test/crds

go 1.26.0

// Definitions as their authors publish them. Nothing of these modules is compiled.
require (
	github.com/cert-manager/cert-manager v1.21.2
	github.com/crossplane/crossplane v1.20.0
	istio.io/api v1.31.1
	knative.dev/serving v0.51.0
	sigs.k8s.io/cluster-api v1.14.2
	sigs.k8s.io/gateway-api v1.6.3
)
