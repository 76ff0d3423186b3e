# Applies the guestbook and waits until it runs. `kubedouble run` has set KUBECONFIG.
set -eu
kubectl apply -f "$(dirname "$0")/guestbook.yaml"
kubectl rollout status deployment/redis --timeout=60s
kubectl rollout status deployment/page --timeout=60s
kubectl get pods,services -l app=guestbook
