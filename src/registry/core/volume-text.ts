// Texts that the tables of volumes and claims share. https://kubernetes.io/docs/concepts/storage/persistent-volumes/#access-modes
import type { KubeObject } from '../../apimachinery/object.js';

const modes: readonly (readonly [mode: string, short: string])[] = [
  ['ReadWriteOnce', 'RWO'],
  ['ReadOnlyMany', 'ROX'],
  ['ReadWriteMany', 'RWX'],
  ['ReadWriteOncePod', 'RWOP'],
];

/** `RWO,ROX` in the usual order. */
export function accessModesText(given: readonly string[] | undefined): string {
  return modes
    .filter(([mode]) => given?.includes(mode))
    .map(([, short]) => short)
    .join(',');
}

const classAnnotation = 'volume.beta.kubernetes.io/storage-class';

/** The storage class; an annotation was its place before the field was. */
export function storageClassText({ metadata }: KubeObject, name: string | undefined): string {
  return metadata.annotations?.[classAnnotation] ?? name ?? '';
}

export const accessModes = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'];
