// Subresources that are written like the object itself, but may change only a part of it.
import { invalid, type FieldError } from '../../apimachinery/errors/field-error.js';
import { isRecord, type KubeObject, type Mutable } from '../../apimachinery/object.js';
import type { Kind, StrategyContext } from '../../registry/kind.js';
import { checkQualifiedName } from '../../registry/rules/fields.js';
import type { Core } from '../core/core.js';
import { prepareResize, resizeErrors } from './resize.js';

export interface SubresourceUpdate {
  /** Takes back from the draft what the subresource may not change. */
  prepare(kind: Kind, draft: Mutable, old: KubeObject, context: StrategyContext): void;
  validate(kind: Kind, object: KubeObject, old: KubeObject): readonly FieldError[];
  /** Whether a change raises `metadata.generation`, as one of the object itself does. */
  readonly raisesGeneration?: boolean;
  /** Asked when the object is valid; refuses by throwing an ApiError. */
  check?(core: Core, kind: Kind, object: KubeObject, old: KubeObject): Promise<void>;
}

/** Everything but these fields is the old object's. */
function keepAllBut(fields: readonly string[], draft: Mutable, old: KubeObject): void {
  const before = old as unknown as Mutable;
  for (const field of Object.keys(draft)) {
    if (field === 'metadata' || field === 'apiVersion' || field === 'kind' || fields.includes(field)) continue;
    if (before[field] === undefined) delete draft[field];
  }
  for (const field of Object.keys(before)) if (field !== 'metadata' && !fields.includes(field)) draft[field] = before[field];
}

/** Labels, annotations and the rest of metadata stay too; only the books of who manages what are the draft's. */
function keepMetadata(draft: Mutable, old: KubeObject): void {
  const metadata = draft['metadata'] as Mutable;
  const { managedFields } = metadata;
  for (const field of Object.keys(metadata)) delete metadata[field];
  Object.assign(metadata, old.metadata);
  if (managedFields === undefined) delete metadata['managedFields'];
  else metadata['managedFields'] = managedFields;
}

const status: SubresourceUpdate = {
  prepare: (kind, draft, old, context) => {
    keepAllBut(['status'], draft, old);
    kind.strategy.prepareForStatusUpdate?.(draft, old, context, 'status');
  },
  validate: (kind, object, old) => kind.strategy.validateStatusUpdate?.(object, old) ?? [],
};

const standardFinalizers = ['kubernetes', 'orphan', 'foregroundDeletion'];

/** A namespace's `spec.finalizers`. https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/ */
const finalize: SubresourceUpdate = {
  prepare: (_kind, draft, old) => keepAllBut(['spec'], draft, old),
  validate: (_kind, object) => {
    const { finalizers = [] } = (object as { spec?: { finalizers?: readonly string[] } }).spec ?? {};
    return finalizers.flatMap((finalizer, index) => {
      const field = `spec.finalizers[${index}]`;
      const isKnown = finalizer.includes('/') || standardFinalizers.includes(finalizer);
      const unknown = isKnown ? [] : [invalid(field, finalizer, 'name is neither a standard finalizer name nor is it fully qualified')];
      return [...checkQualifiedName(field, finalizer), ...unknown];
    });
  },
};

/** A certificate signing request's conditions `Approved` and `Denied`. */
const approval: SubresourceUpdate = {
  prepare: (kind, draft, old, context) => {
    const conditions = isRecord(draft['status']) ? draft['status']['conditions'] : undefined;
    keepAllBut([], draft, old);
    const { conditions: _, ...kept } = (draft['status'] as Mutable | undefined) ?? {};
    draft['status'] = { ...kept, ...(conditions === undefined ? {} : { conditions }) };
    kind.strategy.prepareForStatusUpdate?.(draft, old, context, 'approval');
  },
  validate: (kind, object, old) => kind.strategy.validateStatusUpdate?.(object, old, 'approval') ?? [],
};

/** Containers for debugging, added to a pod that runs. https://kubernetes.io/docs/concepts/workloads/pods/ephemeral-containers/ */
const ephemeralContainers: SubresourceUpdate = {
  raisesGeneration: true,
  prepare: (_kind, draft, old) => {
    const wanted = isRecord(draft['spec']) ? draft['spec']['ephemeralContainers'] : undefined;
    keepAllBut([], draft, old);
    keepMetadata(draft, old);
    const { ephemeralContainers: _, ...spec } = (old as unknown as Mutable)['spec'] as Mutable;
    draft['spec'] = { ...spec, ...(wanted === undefined ? {} : { ephemeralContainers: wanted }) };
  },
  validate: (kind, object, old) => kind.strategy.validateStatusUpdate?.(object, old, 'ephemeralcontainers') ?? [],
};

const resize: SubresourceUpdate = {
  raisesGeneration: true,
  prepare: (_kind, draft, old) => {
    const wanted = draft['spec'];
    keepAllBut([], draft, old);
    keepMetadata(draft, old);
    draft['spec'] = prepareResize(wanted, old);
  },
  validate: (_kind, object, old) => resizeErrors(object, old),
};

export const subresourceUpdates: ReadonlyMap<string, SubresourceUpdate> = new Map([
  ['status', status],
  ['finalize', finalize],
  ['approval', approval],
  ['ephemeralcontainers', ephemeralContainers],
  ['resize', resize],
]);
