// The rules of a PodSpec, wherever it stands. https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#PodSpec
import type { Container, EphemeralContainer, PodSpec } from '../../../../openapi/types/core.v1.js';
import { duplicate, fieldForbidden, invalid, notSupported, required, type FieldError } from '../../../apimachinery/errors/field-error.js';
import { checkLabelName, checkQualifiedName, checkSubdomain, needed } from '../../rules/fields.js';
import { labelMapErrors } from '../../rules/selectors.js';
import { checkContainer, checkHostPorts, checkLifecycleAndProbes, notFound, type PodFacts } from './validate-container.js';
import { checkDnsConfig, checkDnsPolicy, checkHostAliases } from './validate-network.js';
import { checkPlacement, checkTolerations } from './validate-scheduling.js';
import { checkPodSecurity } from './validate-security.js';
import { checkVolumes } from './validate-volume.js';

function checkInitContainers(
  errors: FieldError[],
  field: string,
  containers: readonly Container[],
  pod: PodFacts,
  names: Set<string>,
): void {
  containers.forEach((container, index) => {
    const at = `${field}[${index}]`;
    checkContainer(errors, at, container, pod, names);
    if (container.restartPolicy === 'Always') return checkLifecycleAndProbes(errors, at, container);
    const why = 'may not be set for init containers without restartPolicy=Always';
    for (const part of ['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe'] as const) {
      if (container[part] !== undefined) errors.push(fieldForbidden(`${at}.${part}`, why));
    }
  });
}

const notEphemeral = ['ports', 'livenessProbe', 'readinessProbe', 'startupProbe', 'lifecycle'] as const;

function checkEphemeral(
  errors: FieldError[],
  field: string,
  containers: readonly EphemeralContainer[],
  pod: PodFacts,
  names: Set<string>,
): void {
  const targets = new Set([...(pod.spec.containers ?? []), ...(pod.spec.initContainers ?? [])].map(({ name }) => name));
  containers.forEach((container, index) => {
    const at = `${field}[${index}]`;
    checkContainer(errors, at, container, pod, names);
    const target = container.targetContainerName;
    if (target !== undefined && target !== '' && !targets.has(target)) errors.push(notFound(`${at}.targetContainerName`, target));
    const why = 'cannot be set for an Ephemeral Container';
    for (const part of notEphemeral) if (container[part] !== undefined) errors.push(fieldForbidden(`${at}.${part}`, why));
    if (container.resources?.limits !== undefined || container.resources?.requests !== undefined) {
      errors.push(fieldForbidden(`${at}.resources`, why));
    }
  });
}

function checkContainers(errors: FieldError[], field: string, spec: PodSpec): void {
  const volumes = checkVolumes(errors, `${field}.volumes`, spec.volumes);
  const pod: PodFacts = { spec, volumes };
  const names = new Set<string>();
  const containers = spec.containers ?? [];
  if (containers.length === 0) errors.push(required(`${field}.containers`));
  containers.forEach((container, index) => {
    const at = `${field}.containers[${index}]`;
    checkContainer(errors, at, container, pod, names);
    checkLifecycleAndProbes(errors, at, container);
  });
  checkHostPorts(errors, `${field}.containers`, containers);
  if (spec.initContainers !== undefined) checkInitContainers(errors, `${field}.initContainers`, spec.initContainers, pod, names);
  if (spec.ephemeralContainers !== undefined) checkEphemeral(errors, `${field}.ephemeralContainers`, spec.ephemeralContainers, pod, names);
}

const restartPolicies = ['Always', 'OnFailure', 'Never'];
const systems = ['linux', 'windows'];
const preemptionPolicies = ['PreemptLowerPriority', 'Never'];
const longestDeadline = 2 ** 31 - 1;

function checkNames(errors: FieldError[], field: string, spec: PodSpec): void {
  const { serviceAccountName, nodeName, hostname, subdomain, priorityClassName, runtimeClassName } = spec;
  if (serviceAccountName) errors.push(...checkSubdomain(`${field}.serviceAccountName`, serviceAccountName));
  if (nodeName) errors.push(...checkSubdomain(`${field}.nodeName`, nodeName));
  const deadline = spec.activeDeadlineSeconds;
  if (deadline !== undefined && (deadline < 1 || deadline > longestDeadline)) {
    errors.push(invalid(`${field}.activeDeadlineSeconds`, deadline, `must be between 1 and ${longestDeadline}, inclusive`));
  }
  if (hostname) errors.push(...checkLabelName(`${field}.hostname`, hostname));
  if (subdomain) errors.push(...checkLabelName(`${field}.subdomain`, subdomain));
  checkTolerations(errors, `${field}.tolerations`, spec.tolerations);
  checkHostAliases(errors, `${field}.hostAliases`, spec.hostAliases);
  if (priorityClassName) errors.push(...checkSubdomain(`${field}.priorityClassName`, priorityClassName));
  if (runtimeClassName) errors.push(...checkSubdomain(`${field}.runtimeClassName`, runtimeClassName));
  const { preemptionPolicy, os } = spec;
  if (preemptionPolicy !== undefined && !preemptionPolicies.includes(preemptionPolicy)) {
    errors.push(notSupported(`${field}.preemptionPolicy`, preemptionPolicy, preemptionPolicies));
  }
  if (os === undefined) return;
  if (os.name === undefined || os.name === '') errors.push(required(`${field}.os.name`, 'cannot be empty'));
  else if (!systems.includes(os.name)) errors.push(notSupported(`${field}.os`, os.name, systems));
}

function checkResourceClaims(errors: FieldError[], field: string, claims: PodSpec['resourceClaims']): void {
  const names = new Set<string>();
  claims?.forEach(({ name, resourceClaimName, resourceClaimTemplateName }, index) => {
    const at = `${field}[${index}]`;
    errors.push(...needed(`${at}.name`, name, checkLabelName));
    if (names.has(name)) errors.push(duplicate(at, name));
    names.add(name);
    const shown = {
      Name: name,
      ResourceClaimName: resourceClaimName ?? null,
      ResourceClaimTemplateName: resourceClaimTemplateName ?? null,
    };
    const choice = '`resourceClaimName`, `resourceClaimTemplateName`';
    if (resourceClaimName === undefined && resourceClaimTemplateName === undefined) {
      errors.push(invalid(at, shown, `must specify one of: ${choice}`));
    } else if (resourceClaimName !== undefined && resourceClaimTemplateName !== undefined) {
      errors.push(invalid(at, shown, `at most one of ${choice} may be specified`));
    }
  });
}

/** The broken rules of a spec at `field` (`spec`, `spec.template.spec`), in the server's order as far as it matters to a reader. */
export function podSpecErrors(field: string, spec: PodSpec | undefined): FieldError[] {
  const errors: FieldError[] = [];
  const pod: PodSpec = spec ?? { containers: [] };
  checkContainers(errors, field, pod);
  const { restartPolicy } = pod;
  if (restartPolicy === undefined) errors.push(required(`${field}.restartPolicy`));
  else if (!restartPolicies.includes(restartPolicy)) errors.push(notSupported(`${field}.restartPolicy`, restartPolicy, restartPolicies));
  checkDnsPolicy(errors, `${field}.dnsPolicy`, pod.dnsPolicy);
  if (pod.nodeSelector !== undefined) errors.push(...labelMapErrors(`${field}.nodeSelector`, pod.nodeSelector));
  checkPodSecurity(errors, `${field}.securityContext`, pod);
  checkPlacement(errors, field, pod);
  checkDnsConfig(errors, `${field}.dnsConfig`, pod.dnsConfig, pod.dnsPolicy);
  pod.readinessGates?.forEach(({ conditionType }, index) =>
    errors.push(...checkQualifiedName(`${field}.readinessGates[${index}].conditionType`, conditionType ?? '')),
  );
  checkResourceClaims(errors, `${field}.resourceClaims`, pod.resourceClaims);
  checkNames(errors, field, pod);
  return errors;
}
