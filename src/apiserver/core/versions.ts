// Objects between the version that is stored and the version that is asked for.
import type { KubeObject, Mutable } from '../../apimachinery/object.js';
import type { Kind } from '../../registry/kind.js';
import type { Entry } from '../../storage/store.js';

const converted = new WeakMap<KubeObject, Map<Kind, KubeObject>>();

/** The object in `kind`'s version; the stored object itself when that is its version. Conversions are kept as long as the object. */
export function inVersion(kind: Kind, stored: KubeObject): KubeObject {
  if (kind.conversion === undefined) return stored;
  let forms = converted.get(stored);
  if (forms === undefined) converted.set(stored, (forms = new Map<Kind, KubeObject>()));
  let form = forms.get(kind);
  if (form === undefined) forms.set(kind, (form = kind.conversion.fromStored(stored)));
  return form;
}

/** A draft of `kind`'s version as it is stored. */
export function asStored(kind: Kind, draft: Mutable): KubeObject {
  return (kind.conversion === undefined ? draft : kind.conversion.toStored(draft)) as unknown as KubeObject;
}

/** The entry when its value is in `kind`'s version, so that its bytes can be reused. */
export function reusable(kind: Kind, entry: Entry<KubeObject>): Entry<KubeObject> | undefined {
  return kind.conversion === undefined ? entry : undefined;
}
