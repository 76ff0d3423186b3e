// What the server fills into a Service, and what a changed type takes with it.
// https://kubernetes.io/docs/reference/kubernetes-api/service-resources/service-v1/
import type { ServicePort } from '../../../../openapi/types/core.v1.js';
import { deepEqual } from '../../../apimachinery/equality.js';
import { isRecord, type KubeObject, type Mutable } from '../../../apimachinery/object.js';
import { addressFamily } from '../../rules/addresses.js';
import { defaultsOf } from '../../rules/defaults.js';
import { keepField } from '../../rules/status.js';
import {
  asService,
  isExternal,
  isHeadless,
  mayHaveNodePorts,
  needsClusterIP,
  needsHealthCheckNodePort,
  specOf,
  type SpecDraft,
} from './shape.js';

/** Three hours, the longest that a client is sent to the same pod unless the service says otherwise. */
const affinitySeconds = 10800;

const fill = defaultsOf([
  ['spec.type', 'ClusterIP'],
  ['spec.sessionAffinity', 'None'],
  ['spec.ports[].protocol', 'TCP'],
]);

/** The `applyDefaults` hook of services. */
export function applyServiceDefaults(draft: Mutable): void {
  fill(draft);
  const spec = specOf(draft);
  if (spec.sessionAffinity === 'None') delete spec.sessionAffinityConfig;
  else if (spec.sessionAffinity === 'ClientIP' && spec.sessionAffinityConfig?.clientIP?.timeoutSeconds === undefined) {
    spec.sessionAffinityConfig = { clientIP: { timeoutSeconds: affinitySeconds } };
  }
  for (const port of (spec.ports ?? []) as unknown as readonly Mutable[]) {
    const target = port['targetPort'];
    if (target === undefined || target === 0 || target === '') port['targetPort'] = port['port'];
  }
  if (isExternal(spec)) spec.externalTrafficPolicy ??= 'Cluster';
  if (needsClusterIP(spec) && ['ClusterIP', 'NodePort', 'LoadBalancer'].includes(spec.type ?? '')) spec.internalTrafficPolicy ??= 'Cluster';
  if (spec.type === 'LoadBalancer') {
    spec.allocateLoadBalancerNodePorts ??= true;
    defaultIngressModes(draft);
  }
}

/** An address of a load balancer is taken for one that nodes may short-cut. https://kubernetes.io/docs/concepts/services-networking/service/#load-balancer-ip-mode */
function defaultIngressModes(draft: Mutable): void {
  const { loadBalancer } = isRecord(draft['status']) ? draft['status'] : {};
  const ingress: unknown = isRecord(loadBalancer) ? loadBalancer['ingress'] : undefined;
  if (!Array.isArray(ingress)) return;
  for (const one of ingress as unknown[]) if (isRecord(one) && one['ip'] !== undefined && one['ip'] !== '') one['ipMode'] ??= 'VIP';
}

/** `clusterIP` is the first of `clusterIPs`: whichever the client changed is written into the other. */
function settleAddresses(spec: SpecDraft, old: SpecDraft | undefined): void {
  const { clusterIP = '', clusterIPs = [] } = spec;
  if (old === undefined) {
    if (clusterIP !== '' && clusterIPs.length === 0) spec.clusterIPs = [clusterIP];
    return;
  }
  const before = old.clusterIP ?? '';
  const sameList = deepEqual(clusterIPs, old.clusterIPs ?? []);
  if (clusterIP === before && clusterIPs.length === 0 && before !== '') delete spec.clusterIP;
  else if (clusterIP !== before && (sameList || clusterIPs.length === 0)) {
    if (clusterIP === '') delete spec.clusterIPs;
    else spec.clusterIPs = [clusterIP];
  }
}

/** Values that the server gave out before are taken over where the client names none. */
function keepAllocated(spec: SpecDraft, old: SpecDraft): void {
  if (needsClusterIP(spec) && needsClusterIP(old)) {
    if (!spec.clusterIP && old.clusterIP) spec.clusterIP = old.clusterIP;
    if ((spec.clusterIPs?.length ?? 0) === 0 && old.clusterIPs !== undefined && spec.clusterIP === old.clusterIP)
      spec.clusterIPs = old.clusterIPs;
  }
  if (mayHaveNodePorts(spec) && mayHaveNodePorts(old)) keepNodePorts(spec, old);
  if (needsHealthCheckNodePort(spec) && needsHealthCheckNodePort(old) && !spec.healthCheckNodePort && old.healthCheckNodePort) {
    spec.healthCheckNodePort = old.healthCheckNodePort;
  }
}

function keepNodePorts(spec: SpecDraft, old: SpecDraft): void {
  const key = ({ protocol, port }: ServicePort): string => `${protocol}/${port}`;
  const before = new Map((old.ports ?? []).map((port) => [key(port), port.nodePort]));
  const used = new Set((spec.ports ?? []).map(({ nodePort }) => nodePort).filter((port) => port !== undefined));
  spec.ports = spec.ports?.map((port) => {
    const kept = before.get(key(port));
    if (port.nodePort || !kept || used.has(kept)) return port;
    used.add(kept);
    return { ...port, nodePort: kept };
  });
}

function samePorts(spec: SpecDraft, old: SpecDraft): boolean {
  const before = new Set((old.ports ?? []).map(({ nodePort }) => nodePort));
  return (spec.ports ?? []).every(({ nodePort }) => !nodePort || before.has(nodePort));
}

/** Fields of the old type that the client did not touch go with it. */
function dropTypeDependent(spec: SpecDraft, old: SpecDraft): void {
  if (needsClusterIP(old) && !needsClusterIP(spec)) {
    if (spec.clusterIP === old.clusterIP && deepEqual(spec.clusterIPs, old.clusterIPs)) {
      delete spec.clusterIP;
      delete spec.clusterIPs;
    }
    if (deepEqual(spec.ipFamilies, old.ipFamilies)) delete spec.ipFamilies;
    if (spec.ipFamilyPolicy === old.ipFamilyPolicy) delete spec.ipFamilyPolicy;
    if (spec.internalTrafficPolicy === old.internalTrafficPolicy) delete spec.internalTrafficPolicy;
  }
  if (mayHaveNodePorts(old) && !mayHaveNodePorts(spec) && samePorts(spec, old)) {
    spec.ports = spec.ports?.map(({ nodePort: _, ...port }) => port);
  }
  if (needsHealthCheckNodePort(old) && !needsHealthCheckNodePort(spec) && spec.healthCheckNodePort === old.healthCheckNodePort) {
    delete spec.healthCheckNodePort;
  }
  if (old.type === 'LoadBalancer' && spec.type !== 'LoadBalancer') {
    if (spec.allocateLoadBalancerNodePorts === old.allocateLoadBalancerNodePorts) delete spec.allocateLoadBalancerNodePorts;
    if (spec.loadBalancerClass === old.loadBalancerClass) delete spec.loadBalancerClass;
  }
  if (isExternal(old) && !isExternal(spec) && spec.externalTrafficPolicy === old.externalTrafficPolicy) delete spec.externalTrafficPolicy;
}

/** The families of a cluster with IPv4 alone, as kubeadm sets one up. https://kubernetes.io/docs/concepts/services-networking/dual-stack/ */
export function settleFamilies(spec: SpecDraft, old: SpecDraft | undefined): void {
  if (!needsClusterIP(spec)) return;
  const unselected = isHeadless(spec) && Object.keys(spec.selector ?? {}).length === 0;
  if (old !== undefined && needsClusterIP(old)) {
    if (spec.ipFamilyPolicy === undefined && old.ipFamilyPolicy !== undefined) spec.ipFamilyPolicy = old.ipFamilyPolicy;
    if ((spec.ipFamilies?.length ?? 0) === 0 && old.ipFamilies !== undefined) spec.ipFamilies = old.ipFamilies;
  }
  const given = spec.clusterIPs?.filter((address) => address !== 'None').map((address) => addressFamily(address) ?? 'IPv4') ?? [];
  if (unselected) {
    // Nobody knows the endpoints' families: both, the wanted one first, unless the service says one.
    spec.ipFamilyPolicy ??= 'RequireDualStack';
    const first = spec.ipFamilies?.[0] ?? 'IPv4';
    if (spec.ipFamilyPolicy === 'SingleStack') spec.ipFamilies ??= [first];
    else if ((spec.ipFamilies?.length ?? 0) < 2) spec.ipFamilies = first === 'IPv6' ? ['IPv6', 'IPv4'] : [first, 'IPv6'];
    return;
  }
  spec.ipFamilyPolicy ??= 'SingleStack';
  if ((spec.ipFamilies?.length ?? 0) > 0) return;
  spec.ipFamilies = given.length > 0 ? given : ['IPv4'];
}

export function prepareServiceForCreate(draft: Mutable): void {
  draft['status'] = { loadBalancer: {} };
  const spec = specOf(draft);
  settleAddresses(spec, undefined);
}

export function prepareServiceForUpdate(draft: Mutable, object: KubeObject): void {
  keepField(draft, object, 'status');
  // A patch that leaves the spec alone leaves the very one that is stored, and the hooks here and in reserve.ts set fields of it.
  if (draft['spec'] === asService(object).spec) draft['spec'] = { ...asService(object).spec };
  const spec = specOf(draft);
  const old = asService(object).spec as SpecDraft;
  settleAddresses(spec, old);
  keepAllocated(spec, old);
  dropTypeDependent(spec, old);
  settleFamilies(spec, old);
  // A service that is no load balancer any more has none.
  if (old.type === 'LoadBalancer' && spec.type !== 'LoadBalancer' && isRecord(draft['status']))
    draft['status'] = { ...draft['status'], loadBalancer: {} };
}
