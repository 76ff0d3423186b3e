// The rules of security contexts. https://kubernetes.io/docs/tasks/configure-pod-container/security-context/
import type { AppArmorProfile, PodSecurityContext, PodSpec, SeccompProfile, SecurityContext } from '../../../../openapi/types/core.v1.js';
import { duplicate, invalid, notSupported, required, tooLong, type FieldError } from '../../../apimachinery/errors/field-error.js';
import { optionalOneOf } from '../../rules/fields.js';
import { shownAs, type Shape } from '../../rules/shown.js';
import { noBackstepErrors } from './validate-paths.js';
import { checkWindowsOptions } from './validate-windows.js';

const largestId = 2 ** 31 - 1;

function checkId(errors: FieldError[], field: string, id: number | undefined): void {
  if (id !== undefined && (id < 0 || id > largestId)) errors.push(invalid(field, id, `must be between 0 and ${largestId}, inclusive`));
}

const profileShape: Shape = [
  ['Type', ''],
  ['LocalhostProfile', null],
];

/** How messages show a container's context. */
const securityContext: Shape = [
  [
    'Capabilities',
    null,
    [
      ['Add', null],
      ['Drop', null],
    ],
  ],
  ['Privileged', null],
  ['SELinuxOptions', null, (['User', 'Role', 'Type', 'Level'] as const).map((name) => [name, ''] as const), 'seLinuxOptions'],
  [
    'WindowsOptions',
    null,
    [
      ['GMSACredentialSpecName', null, undefined, 'gmsaCredentialSpecName'],
      ['GMSACredentialSpec', null, undefined, 'gmsaCredentialSpec'],
      ['RunAsUserName', null],
      ['HostProcess', null],
    ],
  ],
  ['RunAsUser', null],
  ['RunAsGroup', null],
  ['RunAsNonRoot', null],
  ['ReadOnlyRootFilesystem', null],
  ['AllowPrivilegeEscalation', null],
  ['ProcMount', null],
  ['SeccompProfile', null, profileShape],
  ['AppArmorProfile', null, profileShape],
];

const profileTypes = ['Localhost', 'RuntimeDefault', 'Unconfined'];

/** https://kubernetes.io/docs/tutorials/security/seccomp/ */
function checkSeccomp(errors: FieldError[], field: string, profile: SeccompProfile | undefined): void {
  if (profile === undefined) return;
  const { type = '', localhostProfile } = profile as { readonly type?: string; readonly localhostProfile?: string };
  if (type === '') errors.push(required(`${field}.type`, 'type is required when seccompProfile is set'));
  else if (!profileTypes.includes(type)) errors.push(notSupported(`${field}.type`, type, profileTypes));
  const at = `${field}.localhostProfile`;
  if (type !== 'Localhost') {
    if (localhostProfile !== undefined)
      errors.push(invalid(at, shownAs(profileShape, profile), 'can only be set when seccomp type is Localhost'));
  } else if (localhostProfile === undefined) errors.push(required(at, 'must be set when seccomp type is Localhost'));
  else if (localhostProfile.startsWith('/')) errors.push(invalid(at, localhostProfile, 'must be a relative path'));
  else errors.push(...noBackstepErrors(at, localhostProfile));
}

const longestProfile = 4095;

/** https://kubernetes.io/docs/tutorials/security/apparmor/ */
function checkAppArmor(errors: FieldError[], field: string, profile: AppArmorProfile | undefined): void {
  if (profile === undefined) return;
  const { type = '', localhostProfile } = profile as { readonly type?: string; readonly localhostProfile?: string };
  const at = `${field}.localhostProfile`;
  if (type === '') errors.push(required(`${field}.type`, 'type is required when appArmorProfile is set'));
  else if (!profileTypes.includes(type)) errors.push(notSupported(`${field}.type`, type, profileTypes));
  if (type !== 'Localhost') {
    if (localhostProfile !== undefined) errors.push(invalid(at, localhostProfile, 'can only be set when AppArmor type is Localhost'));
    return;
  }
  const trimmed = localhostProfile?.trim() ?? '';
  if (trimmed === '') errors.push(required(at, 'must be set when AppArmor type is Localhost'));
  else if (trimmed !== localhostProfile) errors.push(invalid(at, localhostProfile, 'must not be padded with whitespace'));
  if (Buffer.byteLength(localhostProfile ?? '') > longestProfile) errors.push(tooLong(at, longestProfile));
}

const procMounts = ['Default', 'Unmasked'];

/** The rules of a container's security context; `hostUsers` is the pod's. */
export function checkContainerSecurity(
  errors: FieldError[],
  field: string,
  context: SecurityContext,
  hostUsers: boolean | undefined,
): void {
  checkId(errors, `${field}.runAsUser`, context.runAsUser);
  checkId(errors, `${field}.runAsGroup`, context.runAsGroup);
  const { procMount } = context;
  if (procMount !== undefined) {
    if (!procMounts.includes(procMount)) errors.push(notSupported(`${field}.procMount`, procMount, procMounts));
    else if (procMount === 'Unmasked' && hostUsers !== false) {
      errors.push(invalid(`${field}.procMount`, procMount, '`hostUsers` must be false to use `Unmasked`'));
    }
  }
  checkSeccomp(errors, `${field}.seccompProfile`, context.seccompProfile);
  if (context.allowPrivilegeEscalation === false) {
    if (context.privileged === true) {
      errors.push(
        invalid(field, shownAs(securityContext, context), 'cannot set `allowPrivilegeEscalation` to false and `privileged` to true'),
      );
    }
    if (context.capabilities?.add?.includes('CAP_SYS_ADMIN') === true) {
      errors.push(
        invalid(
          field,
          shownAs(securityContext, context),
          'cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN',
        ),
      );
    }
  }
  checkWindowsOptions(errors, `${field}.windowsOptions`, context.windowsOptions);
  checkAppArmor(errors, `${field}.appArmorProfile`, context.appArmorProfile);
}

const sysctlPart = /^[a-z0-9](?:[-_a-z0-9]*[a-z0-9])?$/;
const sysctlForm = '^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$';
const longestSysctl = 253;
/** Kernel parameters that have a value in each IPC namespace. https://kubernetes.io/docs/tasks/administer-cluster/sysctl-cluster/ */
const ipcSysctl = /^(?:kernel\.(?:shm|msg|sem$)|fs\.mqueue\.)/;

/** Names with dots, whichever separator the client wrote: what comes first decides. */
function dotted(name: string): string {
  const first = /[./]/.exec(name)?.[0];
  return first === '/' ? name.replace(/[./]/g, (one) => (one === '/' ? '.' : '/')) : name;
}

function checkSysctls(errors: FieldError[], field: string, { securityContext, hostIPC, hostNetwork }: PodSpec): void {
  const seen = new Set<string>();
  securityContext?.sysctls?.forEach(({ name = '' }, index) => {
    const at = `${field}[${index}].name`;
    if (name === '') errors.push(required(at));
    else if (name.length > longestSysctl || !name.split(/[./]/).every((part) => sysctlPart.test(part))) {
      errors.push(invalid(at, name, `must have at most ${longestSysctl} characters and match regex ${sysctlForm}`));
    } else if (seen.has(name)) errors.push(duplicate(at, name));
    seen.add(name);
    if (hostNetwork === true && dotted(name).startsWith('net.'))
      errors.push(invalid(at, name, "may not be specified when 'hostNetwork' is true"));
    if (hostIPC === true && ipcSysctl.test(dotted(name))) errors.push(invalid(at, name, "may not be specified when 'hostIPC' is true"));
  });
}

/** The rules of a pod's security context. */
export function checkPodSecurity(errors: FieldError[], field: string, spec: PodSpec): void {
  const context: PodSecurityContext | undefined = spec.securityContext;
  if (context === undefined) return;
  checkId(errors, `${field}.fsGroup`, context.fsGroup);
  checkId(errors, `${field}.runAsUser`, context.runAsUser);
  checkId(errors, `${field}.runAsGroup`, context.runAsGroup);
  context.supplementalGroups?.forEach((id, index) => checkId(errors, `${field}.supplementalGroups[${index}]`, id));
  if (spec.shareProcessNamespace === true && spec.hostPID === true) {
    errors.push(invalid(`${field}.shareProcessNamespace`, true, 'ShareProcessNamespace and HostPID cannot both be enabled'));
  }
  if (context.sysctls !== undefined) checkSysctls(errors, `${field}.sysctls`, spec);
  errors.push(...optionalOneOf(`${field}.fsGroupChangePolicy`, context.fsGroupChangePolicy, ['Always', 'OnRootMismatch']));
  checkSeccomp(errors, `${field}.seccompProfile`, context.seccompProfile);
  checkWindowsOptions(errors, `${field}.windowsOptions`, context.windowsOptions);
  checkAppArmor(errors, `${field}.appArmorProfile`, context.appArmorProfile);
  errors.push(...optionalOneOf(`${field}.supplementalGroupsPolicy`, context.supplementalGroupsPolicy, ['Merge', 'Strict']));
  // The other policy is not on by default in this version.
  errors.push(...optionalOneOf(`${field}.seLinuxChangePolicy`, context.seLinuxChangePolicy, ['Recursive']));
}
