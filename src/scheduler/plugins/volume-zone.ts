// VolumeZone: volumes that carry the labels of a zone or region are for nodes there.
import type { PersistentVolume } from '../../../openapi/types/core.v1.js';
import type { NodeInfo, Plugin, PluginHandle, Rejection } from '../framework.js';

const rejection: Rejection = { reasons: ['node(s) had no available volume zone'], resolvable: false };

/** Each label with the name that it had before. */
const labelNames = [
  ['topology.kubernetes.io/zone', 'failure-domain.beta.kubernetes.io/zone'],
  ['topology.kubernetes.io/region', 'failure-domain.beta.kubernetes.io/region'],
] as const;

interface Place {
  readonly names: readonly string[];
  readonly values: readonly string[];
}

function placesOf({ metadata }: PersistentVolume): readonly Place[] {
  return labelNames.flatMap((names) =>
    names.flatMap((name) => {
      const text = metadata.labels?.[name];
      // One volume may be in several zones.
      return text === undefined ? [] : [{ names: [name, ...names.filter((one) => one !== name)], values: text.split('__') }];
    }),
  );
}

function isIn({ labels }: NodeInfo, places: readonly Place[]): boolean {
  // A node that says nothing of zones is in a cluster without them.
  if (!labelNames.flat().some((name) => Object.hasOwn(labels, name))) return true;
  return places.every(({ names, values }) => {
    const name = names.find((one) => Object.hasOwn(labels, one));
    return name !== undefined && values.includes(labels[name]!);
  });
}

export function volumeZone({ listers }: PluginHandle): Plugin {
  return {
    name: 'VolumeZone',
    preFilter({ claims }) {
      const places: Place[] = [];
      for (const { key } of claims) {
        const name = listers.persistentVolumeClaims.store.get(key)?.spec.volumeName ?? '';
        // Those without a volume are VolumeBinding's.
        if (name === '') continue;
        const volume = listers.persistentVolumes.store.get(name);
        if (volume === undefined) return { rejected: `persistentvolume "${name}" not found`, resolvable: false };
        places.push(...placesOf(volume));
      }
      return places.length === 0 ? undefined : { filter: (node) => (isIn(node, places) ? undefined : rejection) };
    },
    listens: ['node', 'persistentVolume', 'persistentVolumeClaim', 'storageClass'],
    helps: ({ resource, change, object }, { claims }) =>
      change !== 'delete' &&
      (resource !== 'persistentVolumeClaim' ||
        claims.some(({ name }) => name === (object as { metadata: { name: string } }).metadata.name)),
  };
}
