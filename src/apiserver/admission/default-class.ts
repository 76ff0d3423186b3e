// DefaultStorageClass and DefaultIngressClass: a claim or an ingress that names no class gets the one that is marked as the default.
// https://kubernetes.io/docs/concepts/storage/storage-classes/#default-storageclass
// https://kubernetes.io/docs/concepts/services-networking/ingress/#default-ingress-class
import { isRecord, type KubeObject, type Mutable } from '../../apimachinery/object.js';
import type { Registry } from '../../registry/index.js';
import type { Storages } from '../core/resource-storage.js';
import type { AdmissionPlugin } from './chain.js';

interface DefaultClass {
  readonly plugin: string;
  /** What gets a class. */
  readonly group: string;
  readonly resource: string;
  /** Where it names its class. */
  readonly field: string;
  /** The annotation that names a class in the field's place. */
  readonly annotation: string;
  /** The classes. */
  readonly classes: { readonly group: string; readonly resource: string };
  /** The annotations by which a class is the default. */
  readonly marks: readonly string[];
}

const storage: DefaultClass = {
  plugin: 'DefaultStorageClass',
  group: '',
  resource: 'persistentvolumeclaims',
  field: 'storageClassName',
  annotation: 'volume.beta.kubernetes.io/storage-class',
  classes: { group: 'storage.k8s.io', resource: 'storageclasses' },
  marks: ['storageclass.kubernetes.io/is-default-class', 'storageclass.beta.kubernetes.io/is-default-class'],
};

const ingress: DefaultClass = {
  plugin: 'DefaultIngressClass',
  group: 'networking.k8s.io',
  resource: 'ingresses',
  field: 'ingressClassName',
  annotation: 'kubernetes.io/ingress.class',
  classes: { group: 'networking.k8s.io', resource: 'ingressclasses' },
  marks: ['ingressclass.kubernetes.io/is-default-class'],
};

export function defaultStorageClass(registry: Registry, storages: Storages): AdmissionPlugin {
  return defaultClass(storage, registry, storages);
}

export function defaultIngressClass(registry: Registry, storages: Storages): AdmissionPlugin {
  return defaultClass(ingress, registry, storages);
}

function defaultClass(what: DefaultClass, registry: Registry, storages: Storages): AdmissionPlugin {
  return {
    name: what.plugin,
    handles: ({ operation, kind, subresource }) =>
      operation === 'CREATE' && kind.resource === what.resource && kind.group === what.group && subresource === '',
    admit: async ({ object }) => {
      if (object === undefined || namesClass(what, object)) return;
      const { cache } = storages.of(registry.byResource(what.classes.group, 'v1', what.classes.resource)!);
      await cache.fresh();
      const marked = cache.list().entries.flatMap(({ value }) => (isDefault(what, value) ? [value] : []));
      // Of several, the newest; of those of one second, the first by name.
      const chosen = marked.sort(
        ({ metadata: a }, { metadata: b }) =>
          (b.creationTimestamp ?? '').localeCompare(a.creationTimestamp ?? '') || (a.name < b.name ? -1 : 1),
      )[0];
      if (chosen === undefined) return;
      const spec: Mutable = isRecord(object['spec']) ? object['spec'] : {};
      object['spec'] = { ...spec, [what.field]: chosen.metadata.name };
    },
  };
}

/** Also a class without a name is a choice: none. */
function namesClass({ field, annotation }: DefaultClass, object: Mutable): boolean {
  const { spec, metadata } = object;
  if (isRecord(spec) && spec[field] !== undefined) return true;
  const annotations = isRecord(metadata) ? metadata['annotations'] : undefined;
  return isRecord(annotations) && annotations[annotation] !== undefined;
}

function isDefault({ marks }: DefaultClass, { metadata }: KubeObject): boolean {
  return marks.some((mark) => metadata.annotations?.[mark] === 'true');
}
