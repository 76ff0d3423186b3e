# A file of policies decides beside RBAC. Run it from the checkout's root:
#   node bin/kubedouble.js run --authorization-mode Node,RBAC,ABAC --authorization-policy-file examples/authorization/policy.jsonl -- sh examples/authorization/who.sh
may() {
  printf '%s: ' "$*"
  kubectl auth can-i "$@" || true
}
may list pods --as jane
may delete pods --as jane
may create configmaps --as joe --as-group crew
may create configmaps --as joe --as-group crew -n kube-system
