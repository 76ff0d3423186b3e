// The rules of Services. https://kubernetes.io/docs/reference/kubernetes-api/service-resources/service-v1/
import type { Service, ServicePort, ServiceSpec } from '../../../../openapi/types/core.v1.js';
import { duplicate, fieldForbidden, invalid, notSupported, required, type FieldError } from '../../../apimachinery/errors/field-error.js';
import type { KubeObject } from '../../../apimachinery/object.js';
import { addressErrors, addressFamily, cidrErrors, portErrors, specialAddressErrors } from '../../rules/addresses.js';
import { checkLabelName, checkQualifiedName, checkSubdomain } from '../../rules/fields.js';
import { labelMapErrors } from '../../rules/selectors.js';
import { portReferenceErrors } from '../podspec/validate-probe.js';
import { asService, isExternal, isHeadless, needsClusterIP, needsHealthCheckNodePort } from './shape.js';

const types = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'];
const protocols = ['SCTP', 'TCP', 'UDP'];
const policies = ['Cluster', 'Local'];
const familyPolicies = ['PreferDualStack', 'RequireDualStack', 'SingleStack'];
const families = ['IPv4', 'IPv6'];
const distributions = ['PreferClose', 'PreferSameZone', 'PreferSameNode'];
const longestAffinity = 86400;

function checkPorts(errors: FieldError[], ports: readonly ServicePort[]): void {
  const names = new Set<string>();
  ports.forEach(({ name = '', port, protocol, targetPort, appProtocol, nodePort }, index) => {
    const at = `spec.ports[${index}]`;
    if (name === '') {
      if (ports.length > 1) errors.push(required(`${at}.name`));
    } else {
      errors.push(...checkLabelName(`${at}.name`, name));
      if (names.has(name)) errors.push(duplicate(`${at}.name`, name));
      names.add(name);
    }
    errors.push(...portErrors(`${at}.port`, port ?? 0));
    if (protocol === undefined) errors.push(required(`${at}.protocol`));
    else if (!protocols.includes(protocol)) errors.push(notSupported(`${at}.protocol`, protocol, protocols));
    errors.push(...portReferenceErrors(`${at}.targetPort`, targetPort));
    if (appProtocol) errors.push(...checkQualifiedName(`${at}.appProtocol`, appProtocol));
    if (nodePort && nodePort < 0) errors.push(...portErrors(`${at}.nodePort`, nodePort));
  });
}

function checkPortsAgainstType(errors: FieldError[], spec: ServiceSpec): void {
  const ports = spec.ports ?? [];
  if (spec.type === 'ClusterIP') {
    ports.forEach(({ nodePort }, index) => {
      if (nodePort) errors.push(fieldForbidden(`spec.ports[${index}].nodePort`, "may not be used when `type` is 'ClusterIP'"));
    });
  }
  const seen = new Set<string>();
  ports.forEach(({ port = 0, protocol = '' }, index) => {
    const key = `${protocol}/${port}`;
    if (seen.has(key)) {
      const shown = { Name: '', Protocol: protocol, AppProtocol: null, Port: port, TargetPort: 0, NodePort: 0 };
      errors.push(duplicate(`spec.ports[${index}]`, shown));
    }
    seen.add(key);
  });
}

function checkClusterIPs(errors: FieldError[], spec: ServiceSpec): void {
  const { clusterIP = '', clusterIPs = [], type } = spec;
  if (type === 'ExternalName') {
    if (clusterIPs.length > 0) errors.push(fieldForbidden('spec.clusterIPs', 'may not be set for ExternalName services'));
    return;
  }
  if (clusterIPs.length > 0 && clusterIPs[0] !== clusterIP) {
    errors.push(invalid('spec.clusterIPs', clusterIPs, 'first value must match `clusterIP`'));
    return;
  }
  if (clusterIPs[0] === 'None' && (type === 'NodePort' || type === 'LoadBalancer')) {
    errors.push(invalid('spec.clusterIPs[0]', 'None', `may not be set to 'None' for ${type} services`));
    return;
  }
  clusterIPs.forEach((address, index) => {
    if (address === 'None') {
      if (clusterIPs.length > 1) errors.push(invalid(`spec.clusterIPs[${index}]`, address, 'may not be set together with other addresses'));
      return;
    }
    const field = `spec.clusterIPs[${index}]`;
    const problems = addressErrors(field, address);
    errors.push(...problems);
    const family = addressFamily(address);
    const wanted = spec.ipFamilies?.[index];
    if (problems.length > 0) return;
    if (family === 'IPv6') errors.push(invalid(field, clusterIPs, 'IPv6 is not configured on this cluster'));
    else if (wanted !== undefined && wanted !== family) {
      errors.push(invalid(field, address, `expected an ${wanted} value as indicated by \`ipFamilies[${index}]\``));
    }
  });
}

/** A cluster of one family: services cannot ask for the other, but for those that have no addresses of their own. */
function checkFamilies(errors: FieldError[], spec: ServiceSpec): void {
  const { ipFamilyPolicy, ipFamilies = [] } = spec;
  if (!needsClusterIP(spec)) {
    if (ipFamilyPolicy !== undefined) errors.push(fieldForbidden('spec.ipFamilyPolicy', 'may not be set for ExternalName services'));
    if (ipFamilies.length > 0) errors.push(fieldForbidden('spec.ipFamilies', 'may not be set for ExternalName services'));
    return;
  }
  if (ipFamilyPolicy !== undefined && !familyPolicies.includes(ipFamilyPolicy)) {
    errors.push(notSupported('spec.ipFamilyPolicy', ipFamilyPolicy, familyPolicies));
  }
  const seen = new Set<string>();
  ipFamilies.forEach((family, index) => {
    if (!families.includes(family)) errors.push(notSupported(`spec.ipFamilies[${index}]`, family, families));
    else if (seen.has(family)) errors.push(duplicate(`spec.ipFamilies[${index}]`, family));
    seen.add(family);
  });
  const unselected = isHeadless(spec) && Object.keys(spec.selector ?? {}).length === 0;
  if (unselected || errors.length > 0) return;
  if (ipFamilyPolicy === 'RequireDualStack') {
    errors.push(invalid('spec.ipFamilyPolicy', ipFamilyPolicy, 'this cluster is not configured for dual-stack services'));
  }
  ipFamilies.forEach((family, index) => {
    const given = spec.clusterIPs?.[index];
    if (family === 'IPv6' && (given === undefined || given === 'None'))
      errors.push(invalid(`spec.ipFamilies[${index}]`, family, 'not configured on this cluster'));
  });
}

function checkTraffic(errors: FieldError[], spec: ServiceSpec): void {
  const { externalTrafficPolicy, internalTrafficPolicy, healthCheckNodePort } = spec;
  if (isExternal(spec)) {
    if (externalTrafficPolicy === undefined) errors.push(required('spec.externalTrafficPolicy'));
    else if (!policies.includes(externalTrafficPolicy)) {
      errors.push(notSupported('spec.externalTrafficPolicy', externalTrafficPolicy, policies));
    }
  } else if (externalTrafficPolicy !== undefined) {
    errors.push(invalid('spec.externalTrafficPolicy', externalTrafficPolicy, 'may only be set for externally-accessible services'));
  }
  if (healthCheckNodePort && !needsHealthCheckNodePort(spec)) {
    errors.push(
      invalid(
        'spec.healthCheckNodePort',
        healthCheckNodePort,
        "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'",
      ),
    );
  }
  if (internalTrafficPolicy !== undefined && !policies.includes(internalTrafficPolicy)) {
    errors.push(notSupported('spec.internalTrafficPolicy', internalTrafficPolicy, policies));
  }
}

function checkLoadBalancer(errors: FieldError[], spec: ServiceSpec): void {
  const only = "may only be used when `type` is 'LoadBalancer'";
  const balanced = spec.type === 'LoadBalancer';
  if (spec.loadBalancerSourceRanges !== undefined) {
    // The real server spells this field with a capital letter in its messages.
    if (!balanced) errors.push(fieldForbidden('spec.LoadBalancerSourceRanges', only));
    else
      spec.loadBalancerSourceRanges.forEach((range, index) =>
        errors.push(...cidrErrors(`spec.LoadBalancerSourceRanges[${index}]`, range.trim(), false)),
      );
  }
  if (!balanced && spec.allocateLoadBalancerNodePorts !== undefined)
    errors.push(fieldForbidden('spec.allocateLoadBalancerNodePorts', only));
  if (!balanced && spec.loadBalancerClass !== undefined) errors.push(fieldForbidden('spec.loadBalancerClass', only));
}

function checkAffinity(errors: FieldError[], { sessionAffinity, sessionAffinityConfig }: ServiceSpec): void {
  if (sessionAffinity === undefined) errors.push(required('spec.sessionAffinity'));
  else if (sessionAffinity !== 'ClientIP' && sessionAffinity !== 'None') {
    errors.push(notSupported('spec.sessionAffinity', sessionAffinity, ['ClientIP', 'None']));
  }
  const seconds = sessionAffinityConfig?.clientIP?.timeoutSeconds;
  if (seconds !== undefined && (seconds <= 0 || seconds > longestAffinity)) {
    errors.push(
      invalid('spec.sessionAffinityConfig.clientIP.timeoutSeconds', seconds, `must be greater than 0 and less than ${longestAffinity}`),
    );
  }
}

/** The broken rules of a service. */
export function serviceErrors(object: KubeObject): FieldError[] {
  const { spec } = asService(object) as Service & { readonly spec: ServiceSpec };
  const errors: FieldError[] = [];
  const ports = spec.ports ?? [];
  if (ports.length === 0 && !isHeadless(spec) && spec.type !== 'ExternalName') errors.push(required('spec.ports'));
  if (spec.type === 'ExternalName') {
    const name = (spec.externalName ?? '').replace(/\.$/, '');
    if (name === '') errors.push(required('spec.externalName'));
    else errors.push(...checkSubdomain('spec.externalName', name));
  }
  checkPorts(errors, ports);
  if (spec.selector !== undefined) errors.push(...labelMapErrors('spec.selector', spec.selector));
  checkAffinity(errors, spec);
  if (!types.includes(spec.type ?? '')) errors.push(notSupported('spec.type', spec.type ?? '', types));
  checkClusterIPs(errors, spec);
  checkFamilies(errors, spec);
  spec.externalIPs?.forEach((address, index) => {
    const field = `spec.externalIPs[${index}]`;
    const problems = addressErrors(field, address);
    errors.push(...(problems.length > 0 ? problems : specialAddressErrors(field, address)));
  });
  checkPortsAgainstType(errors, spec);
  checkLoadBalancer(errors, spec);
  checkTraffic(errors, spec);
  if (spec.trafficDistribution !== undefined && !distributions.includes(spec.trafficDistribution)) {
    errors.push(notSupported('spec.trafficDistribution', spec.trafficDistribution, distributions));
  }
  return errors;
}

/** Rules on what may change: addresses and the class of a load balancer stay. */
export function serviceUpdateErrors(object: KubeObject, before: KubeObject): FieldError[] {
  const { spec } = asService(object);
  const old = asService(before).spec;
  if (spec === undefined || old === undefined) return [];
  const errors: FieldError[] = [];
  if (needsClusterIP(spec) && needsClusterIP(old)) {
    const now = spec.clusterIPs ?? [];
    old.clusterIPs?.forEach((address, index) => {
      if (now[index] !== address) errors.push(invalid(`spec.clusterIPs[${index}]`, now, 'may not change once set'));
    });
  }
  const sameType = spec.type === 'LoadBalancer' && old.type === 'LoadBalancer';
  if (sameType && spec.loadBalancerClass !== old.loadBalancerClass) {
    errors.push(invalid('spec.loadBalancerClass', spec.loadBalancerClass ?? null, 'may not change once set'));
  }
  return errors;
}

export function serviceStatusErrors(object: KubeObject): FieldError[] {
  const { spec, status } = asService(object);
  const ingress = status?.loadBalancer?.ingress;
  if (ingress === undefined || ingress.length === 0) return [];
  if (spec?.type !== 'LoadBalancer')
    return [fieldForbidden('status.loadBalancer.ingress', "may only be used when `spec.type` is 'LoadBalancer'")];
  return ingress.flatMap(({ ip }, index) => (ip ? addressErrors(`status.loadBalancer.ingress[${index}].ip`, ip) : []));
}
