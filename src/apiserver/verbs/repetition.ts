// A change that changes nothing. Admission is asked all the same: it may change the object, refuse it, or count it.
import type { KubeObject, Mutable } from '../../apimachinery/object.js';
import type { Kind } from '../../registry/kind.js';
import { copyOf } from './patched-object.js';

/** A draft that is as the object was: with metadata of its own, which is written into, and with all other parts the object's very own. */
export function draftAsItWas(old: KubeObject): Mutable {
  const { managedFields, ...metadata } = old.metadata;
  const own = copyOf(metadata) as Mutable;
  if (managedFields !== undefined) own['managedFields'] = managedFields;
  return { ...old, metadata: own };
}

/**
 * Whether what was right when it was stored is right as long as it stays as it is. Not so of custom resources: their schema may be another
 * now, and their rules may be about what changes.
 */
export function isRightStill({ customSchema }: Kind): boolean {
  return customSchema === undefined;
}
