// The restricted standard: what is known of hardening pods. https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
import { procMount } from './baseline.js';
import {
  containersOf,
  isWindows,
  namesOf,
  namesText,
  quotedText,
  sorted,
  withPod,
  type Finding,
  type JudgedPod,
  type Rule,
} from './check.js';

type Check = (pod: JudgedPod) => Finding | undefined;

/** What Windows does not have is not asked of pods that say that they are for it. */
const notOnWindows =
  (check: Check): Check =>
  (pod) =>
    isWindows(pod) ? undefined : check(pod);

/** Who is nobody on the node may be anybody in the pod. */
const notInUserNamespace =
  (check: Check): Check =>
  (pod) =>
    pod.spec.hostUsers === false ? undefined : check(pod);

function privilegeEscalation(pod: JudgedPod): Finding | undefined {
  const names = namesOf(pod, ({ securityContext }) => securityContext?.allowPrivilegeEscalation !== false);
  if (names.length === 0) return undefined;
  const detail = `${namesText('container', names)} must set securityContext.allowPrivilegeEscalation=false`;
  return { reason: 'allowPrivilegeEscalation != false', detail };
}

function capabilities(pod: JudgedPod): Finding | undefined {
  const isBad = (name: string): boolean => name !== 'NET_BIND_SERVICE';
  const keep = namesOf(pod, ({ securityContext }) => !(securityContext?.capabilities?.drop ?? []).includes('ALL'));
  const add = namesOf(pod, ({ securityContext }) => (securityContext?.capabilities?.add ?? []).some(isBad));
  const bad = sorted(containersOf(pod).flatMap(({ securityContext }) => (securityContext?.capabilities?.add ?? []).filter(isBad)));
  const details = [
    ...(keep.length === 0 ? [] : [`${namesText('container', keep)} must set securityContext.capabilities.drop=["ALL"]`]),
    ...(add.length === 0 ? [] : [`${namesText('container', add)} must not include ${quotedText(bad)} in securityContext.capabilities.add`]),
  ];
  return details.length === 0 ? undefined : { reason: 'unrestricted capabilities', detail: details.join('; ') };
}

const volumeTypes = new Set([
  ...['configMap', 'csi', 'downwardAPI', 'emptyDir', 'ephemeral', 'image', 'persistentVolumeClaim', 'projected', 'secret'],
]);

function volumes({ spec }: JudgedPod): Finding | undefined {
  const typeOf = (volume: object): string => Object.keys(volume).find((key) => key !== 'name') ?? 'emptyDir';
  const bad = (spec.volumes ?? []).filter((volume) => !volumeTypes.has(typeOf(volume)));
  if (bad.length === 0) return undefined;
  const types = sorted(bad.map(typeOf));
  const names = bad.map(({ name }) => name);
  const verb = names.length > 1 ? 'use' : 'uses';
  const detail = `${namesText('volume', names)} ${verb} restricted volume type${types.length > 1 ? 's' : ''} ${quotedText(types)}`;
  return { reason: 'restricted volume types', detail };
}

function runAsNonRoot(pod: JudgedPod): Finding | undefined {
  const own = pod.spec.securityContext?.runAsNonRoot;
  const root = namesOf(pod, ({ securityContext }) => securityContext?.runAsNonRoot === false);
  const reason = 'runAsNonRoot != true';
  if (own === false || root.length > 0)
    return { reason, detail: `${withPod(own === false, root)} must not set securityContext.runAsNonRoot=false` };
  const silent = own === true ? [] : namesOf(pod, ({ securityContext }) => securityContext?.runAsNonRoot === undefined);
  if (silent.length === 0) return undefined;
  return { reason, detail: `pod or ${namesText('container', silent)} must set securityContext.runAsNonRoot=true` };
}

function runAsUser(pod: JudgedPod): Finding | undefined {
  const own = pod.spec.securityContext?.runAsUser === 0;
  const names = namesOf(pod, ({ securityContext }) => securityContext?.runAsUser === 0);
  return own || names.length > 0 ? { reason: 'runAsUser=0', detail: `${withPod(own, names)} must not set runAsUser=0` } : undefined;
}

const seccompTypes = ['RuntimeDefault', 'Localhost'];

function seccomp(pod: JudgedPod): Finding | undefined {
  const own = pod.spec.securityContext?.seccompProfile?.type;
  const isBad = (type: string | undefined): boolean => type !== undefined && !seccompTypes.includes(type);
  const names = namesOf(pod, ({ securityContext }) => isBad(securityContext?.seccompProfile?.type));
  const reason = 'seccompProfile';
  if (isBad(own) || names.length > 0) {
    const all = [own, ...containersOf(pod).map(({ securityContext }) => securityContext?.seccompProfile?.type)];
    const bad = sorted(all.filter((type): type is NonNullable<typeof own> => isBad(type)));
    return { reason, detail: `${withPod(isBad(own), names)} must not set securityContext.seccompProfile.type to ${quotedText(bad)}` };
  }
  const silent = own !== undefined ? [] : namesOf(pod, ({ securityContext }) => securityContext?.seccompProfile === undefined);
  if (silent.length === 0) return undefined;
  const detail = `pod or ${namesText('container', silent)} must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"`;
  return { reason, detail };
}

export const restricted: readonly Rule[] = [
  {
    id: 'allowPrivilegeEscalation',
    versions: [
      { since: 8, check: privilegeEscalation },
      { since: 25, check: notOnWindows(privilegeEscalation) },
    ],
  },
  {
    id: 'capabilities_restricted',
    replaces: ['capabilities_baseline'],
    versions: [
      { since: 22, check: capabilities },
      { since: 25, check: notOnWindows(capabilities) },
    ],
  },
  { id: 'procMount_restricted', replaces: ['procMount'], versions: [{ since: 35, check: procMount }] },
  { id: 'restrictedVolumes', replaces: ['hostPathVolumes'], versions: [{ since: 0, check: volumes }] },
  {
    id: 'runAsNonRoot',
    versions: [
      { since: 0, check: runAsNonRoot },
      { since: 35, check: notInUserNamespace(runAsNonRoot) },
    ],
  },
  {
    id: 'runAsUser',
    versions: [
      { since: 23, check: runAsUser },
      { since: 35, check: notInUserNamespace(runAsUser) },
    ],
  },
  {
    id: 'seccompProfile_restricted',
    replaces: ['seccompProfile_baseline'],
    versions: [
      { since: 19, check: seccomp },
      { since: 25, check: notOnWindows(seccomp) },
    ],
  },
];
