# Applies a Deployment with a claim, waits until it runs, and makes its volume larger. `kubedouble run` has set KUBECONFIG.
set -eu
kubectl apply -f "$(dirname "$0")/storage.yaml"
kubectl rollout status deployment/notes --timeout=60s
kubectl patch pvc data -p '{"spec":{"resources":{"requests":{"storage":"2Gi"}}}}'
kubectl wait pvc/data --for=jsonpath='{.status.capacity.storage}'=2Gi --timeout=60s
kubectl get pvc,storageclass
