# Applies devices and pods that use them, and shows who has got what. `kubedouble run` has set KUBECONFIG.
set -eu
kubectl apply -f "$(dirname "$0")/devices.yaml"
kubectl wait pod/train --for=condition=Ready --timeout=60s
# Two shares of 20Gi fit: the third pod waits.
kubectl wait deployment/infer --for=jsonpath='{.status.readyReplicas}'=2 --timeout=60s
kubectl get pods
kubectl get resourceclaims -o custom-columns='CLAIM:.metadata.name,DEVICE:.status.allocation.devices.results[0].device,MEMORY:.status.allocation.devices.results[0].consumedCapacity.memory'
kubectl get events --field-selector reason=FailedScheduling -o custom-columns='WHY:.message'
