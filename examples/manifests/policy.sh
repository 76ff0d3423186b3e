# A policy refuses what it should refuse, and lets the rest through. Run it from the checkout's root:
#   node bin/kubedouble.js run -- sh examples/manifests/policy.sh
set -e
kubectl apply -f examples/manifests/policy.yaml
kubectl create namespace shop
kubectl label namespace shop tier=production
kubectl create deployment web --image=nginx --replicas=2 --namespace shop
kubectl scale deployment web --replicas=3 --namespace shop
kubectl create deployment alone --image=nginx --namespace default
if kubectl create deployment alone --image=nginx --namespace shop; then
  echo 'the policy let it through'
  exit 1
fi
