// The rules of security contexts. https://kubernetes.io/docs/tasks/configure-pod-container/security-context/
import type { PodSecurityContext, PodSpec, SecurityContext } from '../../../../openapi/types/core.v1.js';
import { invalid, notSupported, type FieldError } from '../../../apimachinery/errors/field-error.js';

const largestId = 2 ** 31 - 1;

function checkId(errors: FieldError[], field: string, id: number | undefined): void {
  if (id !== undefined && (id < 0 || id > largestId)) errors.push(invalid(field, id, `must be between 0 and ${largestId}, inclusive`));
}

/** A container's context as the API shows it in messages: all fields, capitalized. */
function shown(context: SecurityContext): Record<string, unknown> {
  const { capabilities, privileged, seLinuxOptions, windowsOptions, runAsUser, runAsGroup, runAsNonRoot, readOnlyRootFilesystem } = context;
  const { allowPrivilegeEscalation, procMount, seccompProfile, appArmorProfile } = context;
  return {
    Capabilities: capabilities ?? null,
    Privileged: privileged ?? null,
    SELinuxOptions: seLinuxOptions ?? null,
    WindowsOptions: windowsOptions ?? null,
    RunAsUser: runAsUser ?? null,
    RunAsGroup: runAsGroup ?? null,
    RunAsNonRoot: runAsNonRoot ?? null,
    ReadOnlyRootFilesystem: readOnlyRootFilesystem ?? null,
    AllowPrivilegeEscalation: allowPrivilegeEscalation ?? null,
    ProcMount: procMount ?? null,
    SeccompProfile: seccompProfile ?? null,
    AppArmorProfile: appArmorProfile ?? null,
  };
}

/** The rules of a container's security context; an absent one has none. */
export function checkContainerSecurity(
  errors: FieldError[],
  field: string,
  context: SecurityContext | undefined,
  _pod: PodSecurityContext | undefined,
): void {
  if (context === undefined) return;
  checkId(errors, `${field}.runAsUser`, context.runAsUser);
  checkId(errors, `${field}.runAsGroup`, context.runAsGroup);
  if (context.allowPrivilegeEscalation !== false) return;
  if (context.privileged === true) {
    errors.push(invalid(field, shown(context), 'cannot set `allowPrivilegeEscalation` to false and `privileged` to true'));
  }
  if (context.capabilities?.add?.some((one) => one === 'CAP_SYS_ADMIN' || one === 'SYS_ADMIN') === true) {
    errors.push(invalid(field, shown(context), 'cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN'));
  }
}

const groupPolicies = ['OnRootMismatch', 'Always'];

/** The rules of a pod's security context. */
export function checkPodSecurity(errors: FieldError[], field: string, spec: PodSpec): void {
  const context = spec.securityContext;
  if (context === undefined) return;
  checkId(errors, `${field}.fsGroup`, context.fsGroup);
  checkId(errors, `${field}.runAsUser`, context.runAsUser);
  checkId(errors, `${field}.runAsGroup`, context.runAsGroup);
  context.supplementalGroups?.forEach((id, index) => checkId(errors, `${field}.supplementalGroups[${index}]`, id));
  const policy = context.fsGroupChangePolicy;
  if (policy !== undefined && !groupPolicies.includes(policy))
    errors.push(notSupported(`${field}.fsGroupChangePolicy`, policy, groupPolicies));
  if (spec.shareProcessNamespace === true && spec.hostPID === true) {
    errors.push(invalid(`${field}.shareProcessNamespace`, true, 'ShareProcessNamespace and HostPID cannot both be enabled'));
  }
}
