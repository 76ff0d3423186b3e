// The rules of Services. https://kubernetes.io/docs/reference/kubernetes-api/service-resources/service-v1/
import type { Service, ServicePort, ServiceSpec } from '../../../../openapi/types/core.v1.js';
import { duplicate, fieldForbidden, invalid, notSupported, required, type FieldError } from '../../../apimachinery/errors/field-error.js';
import type { KubeObject } from '../../../apimachinery/object.js';
import { addressErrors, addressFamily, cidrErrors, givenAddressErrors, portErrors, specialAddressErrors } from '../../rules/addresses.js';
import { checkLabelName, checkQualifiedName, checkSubdomain } from '../../rules/fields.js';
import { labelMapErrors } from '../../rules/selectors.js';
import { portReferenceErrors } from '../podspec/validate-probe.js';
import { addressChangeErrors, addressRuleErrors } from './address-rules.js';
import { asService, isExternal, isHeadless, needsHealthCheckNodePort } from './shape.js';

const types = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'];
const protocols = ['SCTP', 'TCP', 'UDP'];
const policies = ['Cluster', 'Local'];
const distributions = ['PreferClose', 'PreferSameZone', 'PreferSameNode'];
const longestAffinity = 86400;
const ipModes = ['Proxy', 'VIP'];

function checkPorts(errors: FieldError[], ports: readonly ServicePort[]): void {
  const names = new Set<string>();
  ports.forEach(({ name = '', port, protocol, targetPort, appProtocol }, index) => {
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
  if (healthCheckNodePort && needsHealthCheckNodePort(spec)) errors.push(...portErrors('spec.healthCheckNodePort', healthCheckNodePort));
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

const rangesAnnotation = 'service.beta.kubernetes.io/load-balancer-source-ranges';

/** The old place of `loadBalancerSourceRanges`, still looked at. */
function checkRangesAnnotation(errors: FieldError[], text: string | undefined, balanced: boolean): void {
  if (text === undefined) return;
  const at = `metadata.annotations[${rangesAnnotation}]`;
  if (!balanced) errors.push(fieldForbidden(at, "may only be used when `type` is 'LoadBalancer'"));
  const ranges = text.trim() === '' ? [] : text.split(',');
  for (const range of ranges) errors.push(...cidrErrors(at, range.trim(), false));
}

function checkLoadBalancer(errors: FieldError[], spec: ServiceSpec, annotations: Readonly<Record<string, string>> | undefined): void {
  const only = "may only be used when `type` is 'LoadBalancer'";
  const balanced = spec.type === 'LoadBalancer';
  if (spec.loadBalancerSourceRanges !== undefined) {
    // The real server spells this field with a capital letter in its messages.
    if (!balanced) errors.push(fieldForbidden('spec.LoadBalancerSourceRanges', only));
    else
      spec.loadBalancerSourceRanges.forEach((range, index) =>
        errors.push(...cidrErrors(`spec.LoadBalancerSourceRanges[${index}]`, range.trim(), false)),
      );
  } else checkRangesAnnotation(errors, annotations?.[rangesAnnotation], balanced);
  if (!balanced && spec.allocateLoadBalancerNodePorts !== undefined)
    errors.push(fieldForbidden('spec.allocateLoadBalancerNodePorts', only));
  if (spec.loadBalancerClass === undefined) return;
  if (!balanced) errors.push(fieldForbidden('spec.loadBalancerClass', only));
  else errors.push(...checkQualifiedName('spec.loadBalancerClass', spec.loadBalancerClass));
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

/** The broken rules of a service; those of its change from `old`, when there is one, come first. */
export function serviceErrors(object: KubeObject, old?: KubeObject): FieldError[] {
  const { spec } = asService(object) as Service & { readonly spec: ServiceSpec };
  const errors: FieldError[] = old === undefined ? [] : serviceUpdateErrors(object, old);
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
  errors.push(...addressRuleErrors(spec));
  spec.externalIPs?.forEach((address, index) => {
    const field = `spec.externalIPs[${index}]`;
    const problems = givenAddressErrors(field, address);
    errors.push(...(problems.length > 0 ? problems : specialAddressErrors(field, address)));
  });
  checkPortsAgainstType(errors, spec);
  checkLoadBalancer(errors, spec, object.metadata.annotations);
  checkTraffic(errors, spec);
  if (spec.trafficDistribution !== undefined && !distributions.includes(spec.trafficDistribution)) {
    errors.push(notSupported('spec.trafficDistribution', spec.trafficDistribution, distributions));
  }
  return errors;
}

/** Rules on what may change: addresses and the class of a load balancer stay. */
function serviceUpdateErrors(object: KubeObject, before: KubeObject): FieldError[] {
  const { spec } = asService(object);
  const old = asService(before).spec;
  if (spec === undefined || old === undefined) return [];
  const errors: FieldError[] = [];
  errors.push(...addressChangeErrors(spec, old));
  const sameType = spec.type === 'LoadBalancer' && old.type === 'LoadBalancer';
  if (sameType && spec.loadBalancerClass !== old.loadBalancerClass) {
    errors.push(invalid('spec.loadBalancerClass', spec.loadBalancerClass ?? null, 'may not change once set'));
  }
  const checked = needsHealthCheckNodePort(spec) && needsHealthCheckNodePort(old);
  if (checked && spec.healthCheckNodePort !== old.healthCheckNodePort)
    errors.push(fieldForbidden('spec.healthCheckNodePort', 'field is immutable'));
  return errors;
}

export function serviceStatusErrors(object: KubeObject): FieldError[] {
  const { spec, status } = asService(object);
  const ingress = status?.loadBalancer?.ingress;
  if (ingress === undefined || ingress.length === 0) return [];
  if (spec?.type !== 'LoadBalancer')
    return [fieldForbidden('status.loadBalancer.ingress', "may only be used when `spec.type` is 'LoadBalancer'")];
  return ingress.flatMap(({ ip, ipMode, hostname }, index) => {
    const at = `status.loadBalancer.ingress[${index}]`;
    const errors: FieldError[] = ip ? [...addressErrors(`${at}.ip`, ip)] : [];
    if (ip && ipMode === undefined) errors.push(required(`${at}.ipMode`, 'must be specified when `ip` is set'));
    else if (!ip && ipMode !== undefined) errors.push(fieldForbidden(`${at}.ipMode`, 'may not be specified when `ip` is not set'));
    else if (ipMode !== undefined && !ipModes.includes(ipMode)) errors.push(notSupported(`${at}.ipMode`, ipMode, ipModes));
    if (!hostname) return errors;
    if (addressFamily(hostname) !== undefined) errors.push(invalid(`${at}.hostname`, hostname, 'must be a DNS name, not an IP address'));
    else errors.push(...checkSubdomain(`${at}.hostname`, hostname));
    return errors;
  });
}
