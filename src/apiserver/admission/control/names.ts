// The names of kube-apiserver's admission plugins, and which of them run when nobody says otherwise.
// https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/

/** All names that `--enable-admission-plugins` takes, in the order in which the plugins run. */
export const pluginNames = [
  'AlwaysAdmit',
  'NamespaceAutoProvision',
  'NamespaceLifecycle',
  'NamespaceExists',
  'LimitPodHardAntiAffinityTopology',
  'LimitRanger',
  'ServiceAccount',
  'NodeRestriction',
  'TaintNodesByCondition',
  'AlwaysPullImages',
  'ImagePolicyWebhook',
  'PodSecurity',
  'PodNodeSelector',
  'Priority',
  'DefaultTolerationSeconds',
  'PodTolerationRestriction',
  'EventRateLimit',
  'ExtendedResourceToleration',
  'DefaultStorageClass',
  'StorageObjectInUseProtection',
  'PodGroupProtection',
  'OwnerReferencesPermissionEnforcement',
  'PersistentVolumeClaimResize',
  'RuntimeClass',
  'CertificateApproval',
  'CertificateSigning',
  'ClusterTrustBundleAttest',
  'CertificateSubjectRestriction',
  'DefaultIngressClass',
  'DenyServiceExternalIPs',
  'PodTopologyLabels',
  'PodGroupWorkloadExists',
  'NodeDeclaredFeatureValidator',
  'JobValidation',
  'PodResizeValidator',
  'MutatingAdmissionPolicy',
  'MutatingAdmissionWebhook',
  'ValidatingAdmissionPolicy',
  'ValidatingAdmissionWebhook',
  'ResourceQuota',
  'AlwaysDeny',
] as const;

export type PluginName = (typeof pluginNames)[number];

/** Those that run only when they are asked for. */
const offByDefault: ReadonlySet<PluginName> = new Set<PluginName>([
  'AlwaysAdmit',
  'NamespaceAutoProvision',
  'NamespaceExists',
  'LimitPodHardAntiAffinityTopology',
  'NodeRestriction',
  'AlwaysPullImages',
  'ImagePolicyWebhook',
  'PodNodeSelector',
  'PodTolerationRestriction',
  'EventRateLimit',
  'ExtendedResourceToleration',
  'OwnerReferencesPermissionEnforcement',
  'DenyServiceExternalIPs',
  'AlwaysDeny',
]);

export const defaultPlugins: readonly PluginName[] = pluginNames.filter((name) => !offByDefault.has(name));

export function isPluginName(name: string): name is PluginName {
  return (pluginNames as readonly string[]).includes(name);
}

/** A choice of plugins that cannot be; `message` is the real server's line. */
export class PluginChoiceError extends Error {}

/**
 * The plugins that run: those by default, those to be enabled, without those to be disabled.
 * Throws {@link PluginChoiceError} for an unknown name and one that is in both lists.
 */
export function choosePlugins(enable: readonly string[] = [], disable: readonly string[] = []): ReadonlySet<PluginName> {
  const unknown = [
    ...enable.filter((name) => !isPluginName(name)).map((name) => `enable-admission-plugins plugin ${JSON.stringify(name)} is unknown`),
    ...disable.filter((name) => !isPluginName(name)).map((name) => `disable-admission-plugins plugin ${JSON.stringify(name)} is unknown`),
  ];
  if (unknown.length > 0) throw new PluginChoiceError(unknown.length === 1 ? unknown[0]! : `[${unknown.join(', ')}]`);
  const both = [...new Set(enable)].filter((name) => disable.includes(name)).sort();
  if (both.length > 0)
    throw new PluginChoiceError(`[${both.join(' ')}] in enable-admission-plugins and disable-admission-plugins overlapped`);
  return new Set(pluginNames.filter((name) => !disable.includes(name) && (defaultPlugins.includes(name) || enable.includes(name))));
}
