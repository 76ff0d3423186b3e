# A custom resource from its definition to its end. Run it from the checkout's root:
#   node bin/kubedouble.js run -- sh examples/manifests/custom-resource.sh
set -e
kubectl apply -f examples/manifests/custom-resource.yaml || true # kubectl does not know the kind of the object yet
kubectl wait --for=condition=Established crd/backups.example.com
kubectl apply -f examples/manifests/custom-resource.yaml
kubectl get backups
kubectl explain backup.spec
kubectl delete --ignore-not-found -f examples/manifests/custom-resource.yaml # the object may go with its definition first
