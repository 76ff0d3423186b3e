// The rules of a PodSpec, wherever it stands. https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#PodSpec
import type { Container, EphemeralContainer, PodSpec, Volume } from '../../../../openapi/types/core.v1.js';
import type { ObjectMeta } from '../../../../openapi/types/meta.v1.js';
import {
  duplicate,
  fieldForbidden,
  invalid,
  notSupported,
  required,
  tooLong,
  type FieldError,
} from '../../../apimachinery/errors/field-error.js';
import { eachApart } from '../../../clock/apart.js';
import { checkLabelName, checkQualifiedName, checkSubdomain, missing, needed } from '../../rules/fields.js';
import { labelMapErrors } from '../../rules/selectors.js';
import { mirrorAnnotation } from './validate-annotations.js';
import {
  checkContainer,
  checkContainerRestart,
  checkHostPorts,
  checkLifecycleAndProbes,
  checkUnique,
  type PodFacts,
} from './validate-container.js';
import { checkFileVolumes } from './validate-env.js';
import { checkDnsConfig, checkDnsPolicy, checkHostAliases } from './validate-network.js';
import { checkOperatingSystem } from './validate-os.js';
import { checkPodResources } from './validate-pod-resources.js';
import { checkResources } from './validate-resources.js';
import { checkAffinity, checkGates, checkSpread } from './validate-scheduling.js';
import { checkPodSecurity } from './validate-security.js';
import { checkTolerations } from './validate-tolerations.js';
import { checkVolumes } from './validate-volume.js';
import { checkHostProcess } from './validate-windows.js';

const beside = ['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe'] as const;

function checkInitContainers(
  errors: FieldError[],
  field: string,
  containers: readonly Container[],
  pod: PodFacts,
  names: Set<string>,
  gracePeriod: number,
): void {
  containers.forEach((container, index) => {
    const at = `${field}[${index}]`;
    checkContainer(errors, at, container, pod);
    checkContainerRestart(errors, at, container);
    checkUnique(errors, at, container, names);
    // Each runs for itself: only its own ports can be in its way.
    // The real server takes it for the first, whichever it is.
    if (container.ports !== undefined) checkHostPorts(errors, [container], () => `${field}[0]`);
    if (container.restartPolicy === 'Always') return checkLifecycleAndProbes(errors, at, container, gracePeriod);
    const why = 'may not be set for init containers without restartPolicy=Always';
    for (const part of beside) if (container[part] !== undefined) errors.push(fieldForbidden(`${at}.${part}`, why));
  });
}

const notEphemeral = ['ports', 'resources', 'livenessProbe', 'readinessProbe', 'startupProbe', 'lifecycle'] as const;

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
    checkContainer(errors, at, container, pod);
    checkUnique(errors, at, container, names);
    const target = container.targetContainerName;
    if (target !== undefined && target !== '' && !targets.has(target)) errors.push(missing(`${at}.targetContainerName`, target));
    const why = 'cannot be set for an Ephemeral Container';
    for (const part of notEphemeral) {
      const { resources } = container;
      const given = part === 'resources' ? (resources?.limits ?? resources?.requests) : container[part];
      if (given !== undefined) errors.push(fieldForbidden(`${at}.${part}`, why));
    }
  });
}

/** The time that a hook may take: the pod's grace period in seconds; a negative one counts as 1. */
function gracePeriodOf({ terminationGracePeriodSeconds: seconds = 0 }: PodSpec): number {
  return seconds < 0 ? 1 : seconds;
}

function checkContainers(errors: FieldError[], field: string, spec: PodSpec, volumes: ReadonlyMap<string, Volume>): void {
  const pod: PodFacts = { spec, volumes };
  const names = new Set<string>();
  const gracePeriod = gracePeriodOf(spec);
  const containers = spec.containers ?? [];
  if (containers.length === 0) errors.push(required(`${field}.containers`));
  containers.forEach((container, index) => {
    const at = `${field}.containers[${index}]`;
    checkContainer(errors, at, container, pod);
    checkUnique(errors, at, container, names);
    checkLifecycleAndProbes(errors, at, container, gracePeriod);
    checkContainerRestart(errors, at, container);
  });
  checkHostPorts(errors, containers, (index) => `${field}.containers[${index}]`);
  if (spec.initContainers !== undefined) {
    checkInitContainers(errors, `${field}.initContainers`, spec.initContainers, pod, names, gracePeriod);
  }
  if (spec.ephemeralContainers !== undefined) checkEphemeral(errors, `${field}.ephemeralContainers`, spec.ephemeralContainers, pod, names);
  for (const list of containerLists) {
    spec[list]?.forEach(({ env }, index) => {
      if (env !== undefined) checkFileVolumes(errors, `${field}.${list}[${index}].env`, env, volumes);
    });
  }
}

const containerLists = ['containers', 'initContainers', 'ephemeralContainers'] as const;

/** A pod's images are names without spaces around them; a template may have them. */
function checkImages(errors: FieldError[], field: string, spec: PodSpec): void {
  for (const list of containerLists) {
    spec[list]?.forEach(({ image = '' }, index) => {
      if (image.trim() === image) return;
      errors.push(invalid(`${field}.${list}[${index}].image`, image, 'must not have leading or trailing whitespace'));
    });
  }
}

const longestHostName = 64;

/** Host and user namespaces. https://kubernetes.io/docs/concepts/workloads/pods/user-namespaces/ */
function checkHostNamespaces(errors: FieldError[], field: string, spec: PodSpec): void {
  if (spec.hostUsers === false) {
    const why = 'when `hostUsers` is false';
    if (spec.hostNetwork === true) errors.push(fieldForbidden(`${field}.hostNetwork`, why));
    // The real server's own capitals.
    if (spec.hostPID === true) errors.push(fieldForbidden(`${field}.HostPID`, why));
    if (spec.hostIPC === true) errors.push(fieldForbidden(`${field}.HostIPC`, why));
    for (const list of ['initContainers', 'containers', 'ephemeralContainers'] as const) {
      spec[list]?.forEach(({ volumeDevices = [] }, index) => {
        if (volumeDevices.length > 0) errors.push(fieldForbidden(`${field}.${list}[${index}].volumeDevices`, why));
      });
    }
  }
  const { hostnameOverride } = spec;
  if (hostnameOverride === undefined) return;
  const at = `${field}.hostnameOverride`;
  if (spec.setHostnameAsFQDN === true) errors.push(fieldForbidden(at, 'may not be specified when setHostnameAsFQDN is true'));
  if (spec.hostNetwork === true) errors.push(fieldForbidden(at, 'may not be specified when hostNetwork is true'));
  if (hostnameOverride.length > longestHostName) errors.push(tooLong(at, longestHostName));
  errors.push(...checkSubdomain(at, hostnameOverride));
}

const longestDeadline = 2 ** 31 - 1;
const preemptionPolicies = ['PreemptLowerPriority', 'Never'];

function checkNames(errors: FieldError[], field: string, spec: PodSpec): void {
  const { serviceAccountName, nodeName, hostname, subdomain, priorityClassName, runtimeClassName, preemptionPolicy, overhead } = spec;
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
  if (preemptionPolicy !== undefined && !preemptionPolicies.includes(preemptionPolicy)) {
    errors.push(notSupported(`${field}.preemptionPolicy`, preemptionPolicy, preemptionPolicies));
  }
  if (overhead !== undefined) checkResources(errors, `${field}.overhead`, { limits: overhead });
}

function checkResourceClaims(errors: FieldError[], field: string, claims: PodSpec['resourceClaims'], mirror: boolean): void {
  if (claims === undefined || claims.length === 0) return;
  if (mirror) return void errors.push(fieldForbidden('[]', 'static pods do not support resource claims'));
  const names = new Set<string>();
  claims.forEach(({ name, resourceClaimName, resourceClaimTemplateName }, index) => {
    const at = `${field}[${index}]`;
    if (name !== '' && names.has(name)) errors.push(duplicate(`${at}.name`, name));
    else errors.push(...needed(`${at}.name`, name, checkLabelName));
    names.add(name);
    const shown = {
      Name: name ?? '',
      ResourceClaimName: resourceClaimName ?? null,
      ResourceClaimTemplateName: resourceClaimTemplateName ?? null,
    };
    if (resourceClaimName === undefined && resourceClaimTemplateName === undefined) {
      errors.push(invalid(at, shown, 'must specify one of: `resourceClaimName`, `resourceClaimTemplateName`'));
    } else if (resourceClaimName !== undefined && resourceClaimTemplateName !== undefined) {
      errors.push(invalid(at, shown, 'at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified'));
    }
    if (resourceClaimName !== undefined) errors.push(...checkSubdomain(`${at}.resourceClaimName`, resourceClaimName));
    if (resourceClaimTemplateName !== undefined) {
      errors.push(...checkSubdomain(`${at}.resourceClaimTemplateName`, resourceClaimTemplateName));
    }
  });
}

const restartPolicies = ['Always', 'OnFailure', 'Never'];

/**
 * The broken rules of a spec at `field` (`spec`, `spec.template.spec`), in the server's order. `metadata` is a pod's own, which some rules
 * depend on; absent for a template.
 */
export function podSpecErrors(field: string, spec: PodSpec | undefined, metadata?: ObjectMeta): FieldError[] {
  const errors: FieldError[] = [];
  const pod: PodSpec = spec ?? { containers: [] };
  const volumes = checkVolumes(errors, `${field}.volumes`, pod.volumes, metadata?.name);
  checkResourceClaims(errors, `${field}.resourceClaims`, pod.resourceClaims, metadata?.annotations?.[mirrorAnnotation] !== undefined);
  checkContainers(errors, field, pod, volumes);
  checkPodResources(errors, `${field}.resources`, pod);
  const { restartPolicy } = pod;
  if (restartPolicy === undefined) errors.push(required(`${field}.restartPolicy`));
  else if (!restartPolicies.includes(restartPolicy)) errors.push(notSupported(`${field}.restartPolicy`, restartPolicy, restartPolicies));
  checkDnsPolicy(errors, `${field}.dnsPolicy`, pod.dnsPolicy);
  if (pod.nodeSelector !== undefined) errors.push(...labelMapErrors(`${field}.nodeSelector`, pod.nodeSelector));
  checkPodSecurity(errors, `${field}.securityContext`, pod);
  checkAffinity(errors, `${field}.affinity`, pod.affinity, metadata?.labels);
  checkDnsConfig(errors, `${field}.dnsConfig`, pod.dnsConfig, pod.dnsPolicy);
  const gates = pod.readinessGates ?? [];
  eachApart(`${field}.readinessGates`, gates.length, errors, (index) =>
    errors.push(...checkQualifiedName(`${field}.readinessGates[${index}].conditionType`, gates[index]!.conditionType ?? '')),
  );
  checkGates(errors, `${field}.schedulingGates`, pod.schedulingGates);
  checkSpread(errors, `${field}.topologySpreadConstraints`, pod.topologySpreadConstraints, metadata?.labels);
  checkHostProcess(errors, field, pod);
  checkHostNamespaces(errors, field, pod);
  checkNames(errors, field, pod);
  checkOperatingSystem(errors, field, pod);
  if (metadata !== undefined) checkImages(errors, field, pod);
  return errors;
}
