# A policy changes what it is about, and nothing else. Run it from the checkout's root:
#   node bin/kubedouble.js run -- sh examples/manifests/mutation.sh
set -e
kubectl apply -f examples/manifests/mutation.yaml
kubectl create namespace meshed
kubectl label namespace meshed mesh=on
for namespace in meshed default; do
  kubectl wait --for=create serviceaccount/default --namespace "$namespace" --timeout=30s
  kubectl run web --image=nginx --namespace "$namespace"
  kubectl get pod web --namespace "$namespace" \
    --output 'jsonpath={.metadata.namespace} has {.spec.initContainers[*].name} {.metadata.annotations.mesh\.example\.com/proxy}{"\n"}'
done
