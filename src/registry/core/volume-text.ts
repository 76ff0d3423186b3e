// Texts that the tables of volumes and claims share. https://kubernetes.io/docs/concepts/storage/persistent-volumes/#access-modes
import { invalid, type FieldError } from '../../apimachinery/errors/field-error.js';
import type { KubeObject } from '../../apimachinery/object.js';
import { quantityValue } from '../../apimachinery/quantity/quantity.js';

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

/** An amount of a volume that may not be negative; messages show it as the whole number that it is. */
export function volumeAmountErrors(field: string, amount: string | number): FieldError[] {
  const value = quantityValue(amount);
  return value < 0 ? [invalid(field, value, 'must be a valid resource quantity')] : [];
}
