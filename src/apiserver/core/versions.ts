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

/** Makes {@link inVersion} ready for these stored objects; undefined when it is, as it is but for custom resources with a webhook for conversion. */
export function prepared(kind: Kind, stored: readonly KubeObject[]): Promise<void> | undefined {
  return kind.conversion?.prepare?.(stored);
}

/** A draft of `from`'s version in `to`'s; the draft itself when they are the same. Also where somebody else converts, who may refuse. */
export async function draftInVersion(from: Kind, to: Kind, draft: Mutable): Promise<Mutable> {
  if (from === to) return draft;
  // Conversions are kept with what they are made of, and drafts change.
  const stored = asStored(from, structuredClone(draft));
  await prepared(to, [stored]);
  return inVersion(to, stored) as unknown as Mutable;
}

/** {@link asStored}, also where somebody else converts: a promise then. */
export function storedForm(kind: Kind, draft: Mutable): KubeObject | Promise<KubeObject> {
  const storing = kind.conversion?.store?.(draft);
  return storing === undefined ? asStored(kind, draft) : storing.then((stored) => stored as unknown as KubeObject);
}

/** A draft of `kind`'s version as it is stored. */
export function asStored(kind: Kind, draft: Mutable): KubeObject {
  return (kind.conversion === undefined ? draft : kind.conversion.toStored(draft)) as unknown as KubeObject;
}

/** The entry when its value is what `kind`'s version shows, so that its bytes can be reused. */
export function reusable(kind: Kind, entry: Entry<KubeObject>): Entry<KubeObject> | undefined {
  return inVersion(kind, entry.value) === entry.value ? entry : undefined;
}
