// Subresources that are written like the object itself, but may change only a part of it.
import type { FieldError } from '../../apimachinery/errors/field-error.js';
import type { KubeObject, Mutable } from '../../apimachinery/object.js';
import type { Kind, StrategyContext } from '../../registry/kind.js';

export interface SubresourceUpdate {
  /** Takes back from the draft what the subresource may not change. */
  prepare(kind: Kind, draft: Mutable, old: KubeObject, context: StrategyContext): void;
  validate(kind: Kind, object: KubeObject, old: KubeObject): readonly FieldError[];
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

const status: SubresourceUpdate = {
  prepare: (kind, draft, old, context) => {
    keepAllBut(['status'], draft, old);
    kind.strategy.prepareForStatusUpdate?.(draft, old, context, 'status');
  },
  validate: (kind, object, old) => kind.strategy.validateStatusUpdate?.(object, old) ?? [],
};

/** A namespace's `spec.finalizers`. https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/ */
const finalize: SubresourceUpdate = {
  prepare: (_kind, draft, old) => keepAllBut(['spec'], draft, old),
  validate: () => [],
};

/** A certificate signing request's conditions `Approved` and `Denied`. */
const approval: SubresourceUpdate = {
  prepare: (kind, draft, old, context) => {
    const conditions = (draft['status'] as Mutable | undefined)?.['conditions'];
    keepAllBut([], draft, old);
    draft['status'] = { ...(draft['status'] as Mutable | undefined), ...(conditions === undefined ? {} : { conditions }) };
    kind.strategy.prepareForStatusUpdate?.(draft, old, context, 'approval');
  },
  validate: (kind, object, old) => kind.strategy.validateStatusUpdate?.(object, old, 'approval') ?? [],
};

/** A pod's `spec.<field>`; the rest of the spec is the old one's. */
function podSpecField(subresource: string, field: 'ephemeralContainers' | 'containers'): SubresourceUpdate {
  return {
    prepare: (_kind, draft, old) => {
      const spec = draft['spec'] as Mutable | undefined;
      keepAllBut([], draft, old);
      draft['spec'] = {
        ...((old as unknown as Mutable)['spec'] as Mutable),
        ...(spec?.[field] === undefined ? {} : { [field]: spec[field] }),
      };
    },
    validate: (kind, object, old) => kind.strategy.validateStatusUpdate?.(object, old, subresource) ?? [],
  };
}

export const subresourceUpdates: ReadonlyMap<string, SubresourceUpdate> = new Map([
  ['status', status],
  ['finalize', finalize],
  ['approval', approval],
  ['ephemeralcontainers', podSpecField('ephemeralcontainers', 'ephemeralContainers')],
  ['resize', podSpecField('resize', 'containers')],
]);
