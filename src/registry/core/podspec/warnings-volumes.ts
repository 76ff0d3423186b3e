// Warnings of volumes: sorts that are no more, and files that hide one another. https://kubernetes.io/docs/concepts/storage/volumes/
import type { Volume, VolumeProjection } from '../../../../openapi/types/core.v1.js';
import { byteWarnings } from './warnings-amounts.js';

/** Sorts of volumes that are no more. https://kubernetes.io/docs/concepts/storage/volumes/#volume-types */
export const deprecatedVolumes: Readonly<Record<string, string>> = {
  photonPersistentDisk: 'deprecated in v1.11, non-functional in v1.16+',
  gitRepo: 'deprecated in v1.11, and disabled by default in v1.33+',
  scaleIO: 'deprecated in v1.16, non-functional in v1.22+',
  flocker: 'deprecated in v1.22, non-functional in v1.25+',
  storageos: 'deprecated in v1.22, non-functional in v1.25+',
  quobyte: 'deprecated in v1.22, non-functional in v1.25+',
  glusterfs: 'deprecated in v1.25, non-functional in v1.26+',
  cephfs: 'deprecated in v1.28, non-functional in v1.31+',
  rbd: 'deprecated in v1.28, non-functional in v1.31+',
};

/** Warnings of sorts, by volume. */
export function volumeWarnings(field: string, volumes: readonly Volume[]): string[] {
  const warnings: string[] = [];
  volumes.forEach((volume, index) => {
    const at = `${field}[${index}]`;
    for (const sort in volume) {
      const why = Object.hasOwn(deprecatedVolumes, sort) ? deprecatedVolumes[sort] : undefined;
      // The real server's own capitals.
      if (why !== undefined) warnings.push(`${at}.${sort === 'storageos' ? 'storageOS' : sort}: ${why}`);
    }
    const requests = volume.ephemeral?.volumeClaimTemplate?.spec?.resources?.requests;
    if (requests !== undefined) {
      warnings.push(...byteWarnings(`${at}.ephemeral.volumeClaimTemplate.spec.resources.requests`, requests));
    }
  });
  return warnings;
}

/** A file of a volume, and what writes it where a volume has several sources. */
interface File {
  readonly path: string;
  readonly source: string;
}

const trimmed = (path = ''): string => path.replace(/\/+$/, '');

function filesOf(items: readonly { readonly path?: string }[] | undefined, source = ''): File[] {
  return (items ?? []).map(({ path }) => ({ path: trimmed(path), source })).filter(({ path }) => path !== '');
}

function projectedFiles({ secret, configMap, downwardAPI, serviceAccountToken }: VolumeProjection): File[] {
  if (secret !== undefined) return filesOf(secret.items, ` (Secret ${JSON.stringify(secret.name ?? '')})`);
  if (configMap !== undefined) return filesOf(configMap.items, ` (ConfigMap ${JSON.stringify(configMap.name ?? '')})`);
  if (downwardAPI !== undefined) return filesOf(downwardAPI.items, ' (DownwardAPI)');
  return serviceAccountToken === undefined ? [] : filesOf([serviceAccountToken], ' (ServiceAccountToken)');
}

function overlaps(one: string, other: string): boolean {
  return one === other || one.startsWith(`${other}/`) || other.startsWith(`${one}/`);
}

/** A volume's files as far as its sources name them, and how messages call the volume. */
function namedFiles({
  name,
  secret,
  configMap,
  downwardAPI,
  projected,
}: Volume): readonly [called: string, files: readonly File[]] | undefined {
  const called = `volume ${JSON.stringify(name)}`;
  if (secret !== undefined) return [`${called} (Secret ${JSON.stringify(secret.secretName ?? '')})`, filesOf(secret.items)];
  if (configMap !== undefined) return [`${called} (ConfigMap ${JSON.stringify(configMap.name ?? '')})`, filesOf(configMap.items)];
  if (downwardAPI !== undefined) return [`${called} (DownwardAPI)`, filesOf(downwardAPI.items)];
  return projected === undefined ? undefined : [`${called} (Projected)`, (projected.sources ?? []).flatMap(projectedFiles)];
}

type Items = readonly { readonly path?: string }[] | undefined;

/** Whether all files that a list of items names are in no folder and are not among `seen`, which they join. */
function areApart(items: Items, seen: Set<string>): boolean {
  if (items === undefined) return true;
  for (const { path = '' } of items) {
    if (path.includes('/') || seen.has(path)) return false;
    seen.add(path);
  }
  return true;
}

/** Whether a volume surely has nothing to warn of: the volume with a pod's token, which nearly every pod has, is so. */
function isPlain({ secret, configMap, downwardAPI, projected }: Volume): boolean {
  const single = secret ?? configMap ?? downwardAPI;
  if (single !== undefined) return areApart(single.items, new Set());
  if (projected === undefined) return true;
  const seen = new Set<string>();
  for (const source of projected.sources ?? []) {
    if (source === null) return false;
    const one = source.secret ?? source.configMap ?? source.downwardAPI;
    const items: Items =
      one !== undefined ? one.items : source.serviceAccountToken === undefined ? undefined : [source.serviceAccountToken];
    // What names no files may be an empty source.
    if (items === undefined || !areApart(items, seen)) return false;
  }
  return true;
}

/** So many pairs of files are compared: of a pod with thousands, each could be told with each. */
const mostPairs = 100_000;

/** Warnings of sources that are empty and of files of which one hides the other. */
export function overlapWarnings(volumes: readonly Volume[]): string[] {
  const warnings: string[] = [];
  let pairs = 0;
  for (const volume of volumes) {
    if (isPlain(volume)) continue;
    const named = namedFiles(volume);
    if (named === undefined) continue;
    const [called, files] = named;
    for (const source of volume.projected?.sources ?? []) {
      if (source === null || Object.keys(source).length === 0) warnings.push(`${called} has no sources provided`);
    }
    const seen: File[] = [];
    for (const file of files) {
      if ((pairs += seen.length) > mostPairs) break;
      for (const before of seen) {
        if (!overlaps(file.path, before.path)) continue;
        const one = `${JSON.stringify(file.path)}${file.source}`;
        warnings.push(`${called}: overlapping paths: ${one} with ${JSON.stringify(before.path)}${before.source}`);
      }
      // The same file again tells nothing new.
      if (!seen.some(({ path, source }) => path === file.path && source === file.source)) seen.push(file);
    }
  }
  return warnings;
}
