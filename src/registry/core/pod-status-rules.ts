// What a kubelet may not write into a pod's status. https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/
import type { ContainerStatus, Pod, PodStatus } from '../../../openapi/types/core.v1.js';
import { fieldForbidden, invalid, required, type FieldError } from '../../apimachinery/errors/field-error.js';
import { addressErrors, addressFamily } from '../rules/addresses.js';
import { checkQualifiedName, checkSubdomain, immutableText } from '../rules/fields.js';

/** At most one address of each family. */
function addressListErrors(field: string, list: readonly { readonly ip?: string }[] | undefined): FieldError[] {
  if (list === undefined) return [];
  const errors: FieldError[] = list.flatMap(({ ip = '' }, index) => [...addressErrors(`${field}[${index}]`, ip)]);
  if (list.length < 2) return errors;
  const families = list.map(({ ip = '' }) => addressFamily(ip));
  const broken = families.indexOf(undefined);
  if (broken >= 0) {
    const why = `failed to check for dual stack with error:invalid IP[${broken}]: ${list[broken]?.ip ?? ''}`;
    errors.push({ field, reason: 'InternalError', message: `Internal error: ${why}` });
  }
  if (list.length > 2 || broken >= 0 || families[0] === families[1]) {
    const shown = list.map(({ ip }) => ({ IP: ip }));
    errors.push(invalid(field, shown, 'may specify no more than one IP for each IP family'));
  }
  return errors;
}

/** Whether a container that ended with this exit code may run again. https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#restart-policy */
function mayRestart({ spec }: Pod, name: string, exitCode: number): boolean {
  const container = spec.containers.find((one) => one.name === name);
  if (container === undefined) return false;
  const policy = container.restartPolicy ?? spec.restartPolicy;
  if (container.restartPolicyRules !== undefined) return true;
  return policy === 'Always' || (policy === 'OnFailure' && exitCode !== 0);
}

function containerStateErrors(pod: Pod, old: Pod): FieldError[] {
  const before = new Map((old.status?.containerStatuses ?? []).map((one) => [one.name, one.state]));
  return (pod.status?.containerStatuses ?? []).flatMap(({ name, state }, index) => {
    const ended = before.get(name)?.terminated;
    if (ended === undefined || state?.terminated !== undefined || mayRestart(pod, name, ended.exitCode)) return [];
    return [fieldForbidden(`status.containerStatuses[${index}].state`, 'may not be transitioned to non-terminated state')];
  });
}

const largestId = 2 ** 31 - 1;

function idErrors(field: string, id: number | undefined): FieldError[] {
  return id === undefined || (id >= 0 && id <= largestId) ? [] : [invalid(field, id, `must be between 0 and ${largestId}, inclusive`)];
}

/** The user that a container's first process runs as. */
function userErrors(field: string, statuses: readonly ContainerStatus[] | undefined): FieldError[] {
  return (statuses ?? []).flatMap(({ user }, index) => {
    const linux = user?.linux;
    if (linux === undefined) return [];
    const at = `${field}[${index}].user.linux`;
    return [
      ...idErrors(`${at}.uid`, linux.uid),
      ...idErrors(`${at}.gid`, linux.gid),
      ...(linux.supplementalGroups ?? []).flatMap((id, place) => idErrors(`${at}.supplementalGroups[${place}]`, id)),
    ];
  });
}

function claimErrors({ spec, status }: Pod): FieldError[] {
  const errors: FieldError[] = [];
  const names = new Set(spec.resourceClaims?.map(({ name }) => name));
  status?.resourceClaimStatuses?.forEach(({ name, resourceClaimName }, index) => {
    const at = `status.resourceClaimStatuses[${index}]`;
    if (!names.has(name)) errors.push(invalid(`${at}.name`, name, 'must match the name of an entry in `spec.resourceClaims`'));
    if (resourceClaimName !== undefined) errors.push(...checkSubdomain(`${at}.resourceClaimName`, resourceClaimName));
  });
  const extended = status?.extendedResourceClaimStatus;
  if (extended === undefined) return errors;
  const at = 'status.extendedResourceClaimStatus';
  const mappings = (extended.requestMappings as typeof extended.requestMappings | null) ?? [];
  if (mappings.length === 0) errors.push(required(`${at}.requestMappings`, 'at least one request mapping is required'));
  return [...errors, ...checkSubdomain(`${at}.resourceClaimName`, extended.resourceClaimName ?? '')];
}

function conditionErrors(conditions: PodStatus['conditions']): FieldError[] {
  return (conditions ?? []).flatMap(({ type, observedGeneration = 0 }, index) => {
    const at = `status.conditions[${index}]`;
    return [
      // The real server's own capital.
      ...checkQualifiedName(`${at}.Type`, type ?? ''),
      ...(observedGeneration < 0 ? [invalid(`${at}.observedGeneration`, observedGeneration, 'must be a non-negative integer')] : []),
    ];
  });
}

/** The broken rules of a write of the status. */
export function podStatusErrors(pod: Pod, old: Pod): FieldError[] {
  const { status } = pod;
  const errors: FieldError[] = [];
  const nominated = status?.nominatedNodeName;
  if (nominated) {
    errors.push(...checkSubdomain('status.nominatedNodeName', nominated));
    if (pod.spec.nodeName && nominated !== old.status?.nominatedNodeName) {
      errors.push(fieldForbidden('status.nominatedNodeName', 'may not be set on pods that are already bound to a node'));
    }
  }
  if ((status?.observedGeneration ?? 0) < 0) {
    errors.push(invalid('status.observedGeneration', status?.observedGeneration, 'must be a non-negative integer'));
  }
  if (old.status?.qosClass !== undefined && status?.qosClass !== old.status.qosClass) {
    errors.push(invalid('status.qosClass', status?.qosClass ?? '', immutableText));
  }
  errors.push(...conditionErrors(status?.conditions), ...claimErrors(pod), ...containerStateErrors(pod, old));
  errors.push(...userErrors('status.containerStatuses', status?.containerStatuses));
  errors.push(...userErrors('status.initContainerStatuses', status?.initContainerStatuses));
  errors.push(...addressListErrors('status.podIPs', status?.podIPs));
  const host = status?.hostIPs?.[0]?.ip;
  if (host !== undefined && host !== status?.hostIP) errors.push(invalid('status.hostIPs[0].ip', host, 'must be equal to `hostIP`'));
  return [...errors, ...addressListErrors('status.hostIPs', status?.hostIPs)];
}
