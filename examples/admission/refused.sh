# Admission plugins with a configuration: every namespace refuses pods that reach into their node. Run it from the checkout's root:
#   node bin/kubedouble.js run --enable-admission-plugins EventRateLimit,PodNodeSelector --admission-control-config-file examples/admission/admission.yaml -- sh examples/admission/refused.sh
until kubectl get serviceaccount default >/dev/null 2>&1; do sleep 0.2; done
kubectl run host --image nginx --overrides '{"spec": {"hostNetwork": true}}' || true
kubectl run plain --image nginx
kubectl get pod plain -o jsonpath='selector: {.spec.nodeSelector}{"\n"}'
