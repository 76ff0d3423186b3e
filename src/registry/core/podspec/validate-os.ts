// What a pod may not say on the operating system that it is for. https://kubernetes.io/docs/concepts/workloads/pods/#pod-os
import type { Container, PodSpec } from '../../../../openapi/types/core.v1.js';
import { fieldForbidden, notSupported, required, type FieldError } from '../../../apimachinery/errors/field-error.js';

const systems = ['linux', 'windows'];

/** In the server's order: some of the pod itself stand between those of its security context. */
const linuxPodFields = [
  ...['securityContext.appArmorProfile', 'securityContext.seLinuxOptions', 'hostUsers', 'hostPID', 'hostIPC'],
  ...['securityContext.seccompProfile', 'securityContext.fsGroup', 'securityContext.fsGroupChangePolicy', 'securityContext.sysctls'],
  ...['shareProcessNamespace', 'securityContext.runAsUser', 'securityContext.runAsGroup', 'securityContext.supplementalGroups'],
  ...['securityContext.supplementalGroupsPolicy', 'securityContext.seLinuxChangePolicy'],
] as const;
/** Flags that may be there as long as they are false. */
const flags: ReadonlySet<string> = new Set(['hostPID', 'hostIPC']);
const linuxContainerFields = [
  ...['appArmorProfile', 'seLinuxOptions', 'seccompProfile', 'capabilities', 'readOnlyRootFilesystem', 'privileged'],
  ...['allowPrivilegeEscalation', 'procMount', 'runAsUser', 'runAsGroup'],
];

const forWindows = 'cannot be set for a windows pod';
const forLinux = 'windows options cannot be set for a linux pod';

type Holder = Readonly<Record<string, unknown>>;

function isSet(spec: PodSpec, path: string): boolean {
  const inContext = path.startsWith('securityContext.');
  const holder = (inContext ? spec.securityContext : spec) as Holder | undefined;
  const field = inContext ? path.slice('securityContext.'.length) : path;
  const value = holder?.[field];
  if (flags.has(path)) return value === true;
  return value !== undefined && !(Array.isArray(value) && value.length === 0);
}

/** Calls `visit` with the security context of each container that has one: those that start first come first. */
function eachContext(spec: PodSpec, field: string, visit: (at: string, context: Holder) => void): void {
  for (const list of ['initContainers', 'containers', 'ephemeralContainers'] as const) {
    (spec[list] as readonly Pick<Container, 'securityContext'>[] | undefined)?.forEach(({ securityContext }, index) => {
      if (securityContext !== undefined) visit(`${field}.${list}[${index}].securityContext`, securityContext as Holder);
    });
  }
}

/** The rules of `os` and of what it rules out. */
export function checkOperatingSystem(errors: FieldError[], field: string, spec: PodSpec): void {
  if (spec.os === undefined) return;
  const { name } = spec.os as { readonly name?: string };
  if (name === undefined || name === '') return void errors.push(required(`${field}.os.name`));
  if (name === 'linux') {
    if (spec.securityContext?.windowsOptions !== undefined) {
      errors.push(fieldForbidden(`${field}.securityContext.windowsOptions`, forLinux));
    }
    eachContext(spec, field, (at, { windowsOptions }) => {
      if (windowsOptions !== undefined) errors.push(fieldForbidden(`${at}.windowsOptions`, forLinux));
    });
  } else if (name === 'windows') {
    for (const path of linuxPodFields) if (isSet(spec, path)) errors.push(fieldForbidden(`${field}.${path}`, forWindows));
    eachContext(spec, field, (at, context) => {
      for (const one of linuxContainerFields) if (context[one] !== undefined) errors.push(fieldForbidden(`${at}.${one}`, forWindows));
    });
  } else errors.push(notSupported(`${field}.os`, name, systems));
}
