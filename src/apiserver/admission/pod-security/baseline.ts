// The baseline standard: no known way to more rights. https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline
import type { Container, LifecycleHandler, Probe } from '../../../../openapi/types/core.v1.js';
import { containersOf, namesOf, namesText, quotedText, sorted, withPod, type Finding, type JudgedPod, type Rule } from './check.js';
import { forbiddenAppArmor } from './app-armor.js';

const capabilities = new Set([
  ...['AUDIT_WRITE', 'CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'FSETID', 'KILL', 'MKNOD', 'NET_BIND_SERVICE', 'SETFCAP', 'SETGID'],
  ...['SETPCAP', 'SETUID', 'SYS_CHROOT'],
]);

function addedCapabilities(pod: JudgedPod): Finding | undefined {
  const isBad = (name: string): boolean => !capabilities.has(name);
  const names = namesOf(pod, ({ securityContext }) => (securityContext?.capabilities?.add ?? []).some(isBad));
  if (names.length === 0) return undefined;
  const bad = sorted(containersOf(pod).flatMap(({ securityContext }) => (securityContext?.capabilities?.add ?? []).filter(isBad)));
  const detail = `${namesText('container', names)} must not include ${quotedText(bad)} in securityContext.capabilities.add`;
  return { reason: 'non-default capabilities', detail };
}

function hostNamespaces({ spec }: JudgedPod): Finding | undefined {
  const used = (['hostNetwork', 'hostPID', 'hostIPC'] as const).filter((name) => spec[name] === true);
  return used.length === 0 ? undefined : { reason: 'host namespaces', detail: used.map((name) => `${name}=true`).join(', ') };
}

function hostPaths({ spec }: JudgedPod): Finding | undefined {
  const names = (spec.volumes ?? []).filter(({ hostPath }) => hostPath !== undefined).map(({ name }) => name);
  return names.length === 0 ? undefined : { reason: 'hostPath volumes', detail: namesText('volume', names) };
}

function hostPorts(pod: JudgedPod): Finding | undefined {
  const portsOf = ({ ports }: Container): string[] =>
    (ports ?? []).flatMap(({ hostPort = 0 }) => (hostPort === 0 ? [] : [String(hostPort)]));
  const names = namesOf(pod, (container) => portsOf(container).length > 0);
  if (names.length === 0) return undefined;
  const ports = sorted(containersOf(pod).flatMap(portsOf));
  const verb = names.length > 1 ? 'use' : 'uses';
  return {
    reason: 'hostPort',
    detail: `${namesText('container', names)} ${verb} hostPort${ports.length > 1 ? 's' : ''} ${ports.join(', ')}`,
  };
}

function hostsOf({ livenessProbe, readinessProbe, startupProbe, lifecycle }: Container): string[] {
  const handlers: readonly (Probe | LifecycleHandler | undefined)[] = [
    livenessProbe,
    readinessProbe,
    startupProbe,
    lifecycle?.postStart,
    lifecycle?.preStop,
  ];
  return handlers.flatMap((handler) => [handler?.httpGet?.host ?? '', handler?.tcpSocket?.host ?? '']).filter((host) => host !== '');
}

function probeHosts(pod: JudgedPod): Finding | undefined {
  const names = namesOf(pod, (container) => hostsOf(container).length > 0);
  if (names.length === 0) return undefined;
  const hosts = sorted(containersOf(pod).flatMap(hostsOf));
  const verb = names.length > 1 ? 'use' : 'uses';
  const detail = `${namesText('container', names)} ${verb} probe or lifecycle host${hosts.length > 1 ? 's' : ''} ${quotedText(hosts)}`;
  return { reason: 'probe or lifecycle host', detail };
}

function privileged(pod: JudgedPod): Finding | undefined {
  const names = namesOf(pod, ({ securityContext }) => securityContext?.privileged === true);
  if (names.length === 0) return undefined;
  return { reason: 'privileged', detail: `${namesText('container', names)} must not set securityContext.privileged=true` };
}

/** How much of /proc a container sees: all of it only where a container's root is nobody on the node, if even there. */
export function procMount(pod: JudgedPod): Finding | undefined {
  const mountOf = ({ securityContext }: Container): string => securityContext?.procMount ?? 'Default';
  const names = namesOf(pod, (container) => mountOf(container) !== 'Default');
  if (names.length === 0) return undefined;
  const mounts = sorted(containersOf(pod).map(mountOf)).filter((mount) => mount !== 'Default');
  return {
    reason: 'procMount',
    detail: `${namesText('container', names)} must not set securityContext.procMount to ${quotedText(mounts)}`,
  };
}

function seLinux(types: ReadonlySet<string>): (pod: JudgedPod) => Finding | undefined {
  type Options = { readonly type?: string; readonly user?: string; readonly role?: string } | undefined;
  const isBad = (options: Options): boolean =>
    !types.has(options?.type ?? '') || (options?.user ?? '') !== '' || (options?.role ?? '') !== '';
  return (pod) => {
    const own: Options = pod.spec.securityContext?.seLinuxOptions;
    const names = namesOf(pod, ({ securityContext }) => isBad(securityContext?.seLinuxOptions));
    if (!isBad(own) && names.length === 0) return undefined;
    const all: Options[] = [own, ...containersOf(pod).map(({ securityContext }) => securityContext?.seLinuxOptions)];
    const bad = sorted(all.map((options) => options?.type ?? '')).filter((type) => !types.has(type));
    const problems = [
      ...(bad.length === 0 ? [] : [`type${bad.length > 1 ? 's' : ''} ${quotedText(bad)}`]),
      ...(all.some((options) => (options?.user ?? '') !== '') ? ['user may not be set'] : []),
      ...(all.some((options) => (options?.role ?? '') !== '') ? ['role may not be set'] : []),
    ];
    const who = withPod(isBad(own), names);
    return { reason: 'seLinuxOptions', detail: `${who} set forbidden securityContext.seLinuxOptions: ${problems.join('; ')}` };
  };
}

function seccomp(pod: JudgedPod): Finding | undefined {
  const own = pod.spec.securityContext?.seccompProfile?.type === 'Unconfined';
  const names = namesOf(pod, ({ securityContext }) => securityContext?.seccompProfile?.type === 'Unconfined');
  if (!own && names.length === 0) return undefined;
  return { reason: 'seccompProfile', detail: `${withPod(own, names)} must not set securityContext.seccompProfile.type to "Unconfined"` };
}

function sysctls(allowed: readonly string[]): (pod: JudgedPod) => Finding | undefined {
  return ({ spec }) => {
    const names = (spec.securityContext?.sysctls ?? []).map(({ name }) => name).filter((name) => !allowed.includes(name));
    return names.length === 0 ? undefined : { reason: 'forbidden sysctls', detail: names.join(', ') };
  };
}

function hostProcess(pod: JudgedPod): Finding | undefined {
  const own = pod.spec.securityContext?.windowsOptions?.hostProcess === true;
  const names = namesOf(pod, ({ securityContext }) => securityContext?.windowsOptions?.hostProcess === true);
  if (!own && names.length === 0) return undefined;
  return { reason: 'hostProcess', detail: `${withPod(own, names)} must not set securityContext.windowsOptions.hostProcess=true` };
}

const types = ['', 'container_t', 'container_init_t', 'container_kvm_t'];
const firstSysctls = [
  ...['kernel.shm_rmid_forced', 'net.ipv4.ip_local_port_range', 'net.ipv4.tcp_syncookies', 'net.ipv4.ping_group_range'],
  'net.ipv4.ip_unprivileged_port_start',
];
const sysctls27 = [...firstSysctls, 'net.ipv4.ip_local_reserved_ports'];
const keepalive = ['net.ipv4.tcp_keepalive_time', 'net.ipv4.tcp_keepalive_intvl', 'net.ipv4.tcp_keepalive_probes'];
const sysctls29 = [...sysctls27, 'net.ipv4.tcp_fin_timeout', ...keepalive];
const sysctls32 = [...sysctls29, 'net.ipv4.tcp_rmem', 'net.ipv4.tcp_wmem'];

export const baseline: readonly Rule[] = [
  { id: 'appArmorProfile', versions: [{ since: 0, check: forbiddenAppArmor }] },
  { id: 'capabilities_baseline', versions: [{ since: 0, check: addedCapabilities }] },
  { id: 'hostNamespaces', versions: [{ since: 0, check: hostNamespaces }] },
  { id: 'hostPathVolumes', versions: [{ since: 0, check: hostPaths }] },
  { id: 'hostPorts', versions: [{ since: 0, check: hostPorts }] },
  { id: 'hostProbesAndHostLifecycle', versions: [{ since: 34, check: probeHosts }] },
  { id: 'privileged', versions: [{ since: 0, check: privileged }] },
  {
    id: 'procMount',
    versions: [
      { since: 0, check: procMount },
      { since: 35, check: (pod) => (pod.spec.hostUsers === false ? undefined : procMount(pod)) },
    ],
  },
  {
    id: 'seLinuxOptions',
    versions: [
      { since: 0, check: seLinux(new Set(types)) },
      { since: 31, check: seLinux(new Set([...types, 'container_engine_t'])) },
    ],
  },
  { id: 'seccompProfile_baseline', versions: [{ since: 19, check: seccomp }] },
  {
    id: 'sysctls',
    versions: [
      { since: 0, check: sysctls(firstSysctls) },
      { since: 27, check: sysctls(sysctls27) },
      { since: 29, check: sysctls(sysctls29) },
      { since: 32, check: sysctls(sysctls32) },
    ],
  },
  { id: 'windowsHostProcess', versions: [{ since: 0, check: hostProcess }] },
];
