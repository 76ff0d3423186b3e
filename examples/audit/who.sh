# Who deleted the settings? The audit log knows. Run it from the checkout's root:
#   node bin/kubedouble.js run --audit-policy-file examples/audit/policy.yaml --audit-log-path audit.log -- sh examples/audit/who.sh audit.log
set -e
log=$1
kubectl create configmap settings --from-literal=color=blue
kubectl create secret generic password --from-literal=word=sesame
kubectl create rolebinding writers --clusterrole=edit --user=jane
kubectl delete configmap settings --as=jane
if kubectl delete secret password --as=joe; then
  echo 'joe may delete secrets'
  exit 1
fi
of() { grep '"verb":"delete"' "$log" | grep "\"name\":\"$1\""; }
of settings | sed 's/.*"impersonatedUser":{"username":"\([^"]*\)".*"authorization.k8s.io\/decision":"\([a-z]*\)".*/settings: \1 (\2)/'
of password | sed 's/.*"impersonatedUser":{"username":"\([^"]*\)".*"authorization.k8s.io\/decision":"\([a-z]*\)".*/password: \1 (\2)/'
if grep -q sesame "$log"; then
  echo 'the log tells the secret'
  exit 1
fi
