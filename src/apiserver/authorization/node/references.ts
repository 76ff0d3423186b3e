// What a pod and a persistent volume refer to.
import type { PersistentVolume, Pod, Volume } from '../../../../openapi/types/core.v1.js';

/** The place of an object in the graph. No name holds the separator. */
export function keyOf(resource: string, namespace: string, name: string): string {
  return `${resource}/${namespace}/${name}`;
}

/** Annotation of the pods that a kubelet makes for its own static ones. */
export const mirrorAnnotation = 'kubernetes.io/config.mirror';

/**
 * Keys of the objects that the kubelet of the pod's node needs. A mirror pod says nothing of that: a kubelet makes it, and could name what it
 * likes. Each key is there once.
 */
export function referencesOf(pod: Pod): readonly string[] {
  const { metadata } = pod;
  const [namespace, name] = [metadata.namespace ?? '', metadata.name ?? ''];
  const keys = new Set<string>([keyOf('pods', namespace, name)]);
  if (metadata.annotations?.[mirrorAnnotation] === undefined) {
    const { secrets, configMaps, claims, resourceClaims, serviceAccount } = namedBy(pod);
    for (const one of secrets) keys.add(keyOf('secrets', namespace, one));
    for (const one of configMaps) keys.add(keyOf('configmaps', namespace, one));
    for (const one of claims) keys.add(keyOf('persistentvolumeclaims', namespace, one));
    for (const one of resourceClaims) keys.add(keyOf('resourceclaims', namespace, one));
    if (serviceAccount !== '') keys.add(keyOf('serviceaccounts', namespace, serviceAccount));
  }
  return [...keys];
}

export interface NamedByPod {
  readonly secrets: ReadonlySet<string>;
  readonly configMaps: ReadonlySet<string>;
  readonly claims: ReadonlySet<string>;
  readonly resourceClaims: ReadonlySet<string>;
  /** '' for none. */
  readonly serviceAccount: string;
}

/** The names of objects in the pod's namespace that it refers to. */
export function namedBy({ metadata, spec = {} as NonNullable<Pod['spec']>, status }: Pod): NamedByPod {
  const secrets = new Set<string>();
  const configMaps = new Set<string>();
  const claims = new Set<string>();
  const resourceClaims = new Set<string>();
  const note = (names: Set<string>, one: string | undefined): void => {
    if (one !== undefined && one !== '') names.add(one);
  };
  for (const { name } of spec.imagePullSecrets ?? []) note(secrets, name);
  for (const { env, envFrom } of [...(spec.initContainers ?? []), ...(spec.containers ?? []), ...(spec.ephemeralContainers ?? [])]) {
    for (const { valueFrom } of env ?? []) {
      note(secrets, valueFrom?.secretKeyRef?.name);
      note(configMaps, valueFrom?.configMapKeyRef?.name);
    }
    for (const { secretRef, configMapRef } of envFrom ?? []) {
      note(secrets, secretRef?.name);
      note(configMaps, configMapRef?.name);
    }
  }
  for (const volume of spec.volumes ?? []) {
    for (const name of secretsIn(volume)) note(secrets, name);
    note(configMaps, volume.configMap?.name);
    for (const { configMap } of volume.projected?.sources ?? []) note(configMaps, configMap?.name);
    note(claims, volume.persistentVolumeClaim?.claimName);
    if (volume.ephemeral != null) claims.add(`${metadata.name ?? ''}-${volume.name}`);
  }
  for (const { resourceClaimName } of [...(spec.resourceClaims ?? []), ...(status?.resourceClaimStatuses ?? [])])
    note(resourceClaims, resourceClaimName);
  note(resourceClaims, status?.extendedResourceClaimStatus?.resourceClaimName);
  return { secrets, configMaps, claims, resourceClaims, serviceAccount: spec.serviceAccountName ?? '' };
}

function secretsIn(volume: Volume): readonly (string | undefined)[] {
  return [
    volume.secret?.secretName,
    volume.azureFile?.secretName,
    volume.cephfs?.secretRef?.name,
    volume.cinder?.secretRef?.name,
    volume.csi?.nodePublishSecretRef?.name,
    volume.flexVolume?.secretRef?.name,
    volume.iscsi?.secretRef?.name,
    volume.rbd?.secretRef?.name,
    volume.scaleIO?.secretRef?.name,
    volume.storageos?.secretRef?.name,
    ...(volume.projected?.sources ?? []).map(({ secret }) => secret?.name),
  ];
}

interface Reference {
  readonly name?: string | undefined;
  readonly namespace?: string | undefined;
}

/** Keys of the secrets that a node needs for the volume; a controller's own secrets are none of its business. */
export function secretsOfVolume({ spec = {} }: PersistentVolume): readonly string[] {
  const usual = spec.claimRef?.namespace ?? '';
  const { azureFile } = spec;
  const references: readonly (Reference | null | undefined)[] = [
    azureFile == null ? undefined : { name: azureFile.secretName, namespace: azureFile.secretNamespace ?? undefined },
    spec.cephfs?.secretRef,
    spec.cinder?.secretRef,
    spec.csi?.nodePublishSecretRef,
    spec.csi?.nodeStageSecretRef,
    spec.csi?.nodeExpandSecretRef,
    spec.flexVolume?.secretRef,
    spec.iscsi?.secretRef,
    spec.rbd?.secretRef,
    spec.scaleIO?.secretRef,
    spec.storageos?.secretRef,
  ];
  const keys = references.flatMap((reference) => {
    const name = reference?.name ?? '';
    if (name === '') return [];
    const namespace = reference?.namespace ?? '';
    return [keyOf('secrets', namespace === '' ? usual : namespace, name)];
  });
  return [...new Set(keys)];
}
