// What a custom resource's strategy does: all of it is said by its definition.
import type { FieldError } from '../../apimachinery/errors/field-error.js';
import type { FieldSet } from '../../apimachinery/managedfields/field-set.js';
import type { KubeObject, Mutable } from '../../apimachinery/object.js';
import { finish, inSlices, type Work } from '../../clock/slices.js';
import type { Strategy } from '../kind.js';
import { keepField } from '../rules/status.js';
import { replicasError, scalePathsOf } from './scale.js';
import type { CustomVersion, Found } from './version.js';

/** A write of `status` changes nothing else, metadata included: only the books of who manages what are the draft's. */
function keepAllButStatus(draft: Mutable, old: KubeObject): void {
  const metadata = draft['metadata'] as Mutable;
  const { managedFields } = metadata;
  for (const field of Object.keys(metadata)) delete metadata[field];
  Object.assign(metadata, old.metadata);
  if (managedFields === undefined) delete metadata['managedFields'];
  else metadata['managedFields'] = managedFields;
}

/** Everything but `status`, as managedFields name it. */
function statusResets(version: CustomVersion): FieldSet {
  const names = ['metadata', ...version.structural.properties.keys()].filter((name) => name !== 'status');
  return Object.fromEntries([...names, 'spec'].map((name) => [`f:${name}`, {}]));
}

const plainFinalizers = new Set(['orphan', 'foregroundDeletion']);

/** New finalizers that others may use as well. */
function finalizerWarnings({ metadata }: KubeObject, old: KubeObject | undefined): readonly string[] {
  const before = old?.metadata.finalizers ?? [];
  return (metadata.finalizers ?? [])
    .filter((finalizer) => !finalizer.includes('/') && !plainFinalizers.has(finalizer) && !before.includes(finalizer))
    .map(
      (finalizer) =>
        `metadata.finalizers: ${JSON.stringify(finalizer)}: prefer a domain-qualified finalizer name to avoid accidental conflicts with other finalizer writers`,
    );
}

/** Whether it took no work. */
function isThere(found: Found): found is readonly FieldError[] {
  return Array.isArray(found);
}

export function customStrategy(version: CustomVersion): Strategy {
  const { subresources } = version.definition;
  const hasStatus = subresources?.status !== undefined;
  const scale = scalePathsOf(subresources?.scale);
  const replicas = (object: KubeObject, ...paths: readonly (readonly string[])[]): readonly FieldError[] =>
    scale === undefined ? [] : paths.flatMap((path) => replicasError(object, path) ?? []);
  let resets: FieldSet | undefined;
  /** What was found of objects that are about to be written. */
  const found = new WeakMap<KubeObject, readonly FieldError[]>();
  function* look(object: KubeObject, old: KubeObject | undefined, subresource: '' | 'status'): Work<readonly FieldError[]> {
    const errors: FieldError[] = [];
    if (subresource === '') {
      const broken = version.schemaErrors(object, old);
      errors.push(...(isThere(broken) ? broken : yield* broken));
      if (scale !== undefined) errors.push(...replicas(object, scale.spec, ...(hasStatus ? [] : [scale.status])));
    } else {
      const broken = old === undefined ? [] : version.statusErrors(object, old);
      errors.push(...(isThere(broken) ? broken : yield* broken));
      if (scale !== undefined) errors.push(...replicas(object, scale.status));
    }
    yield;
    const embedded = version.embeddedErrors(object);
    errors.push(...(isThere(embedded) ? embedded : yield* embedded));
    yield;
    const twice = version.listErrors(object, old);
    errors.push(...(isThere(twice) ? twice : yield* twice));
    yield;
    errors.push(...(yield* version.ruleErrors(object, old, errors)));
    return errors;
  }
  return {
    applyDefaults: (draft) => version.applyDefaults(draft),
    prepareForCreate: (draft) => {
      if (!hasStatus) return;
      delete draft['status'];
      // A new object's status is what its defaults say, such as conditions that wait for a controller.
      version.applyDefaults(draft);
    },
    prepareForUpdate: (draft, old) => {
      if (hasStatus) keepField(draft, old, 'status');
    },
    prepareForStatusUpdate: keepAllButStatus,
    get statusResetFields() {
      return (resets ??= statusResets(version));
    },
    warnings: (object, old) => [...version.ruleWarnings(object), ...finalizerWarnings(object, old)],
    // Rules may take a second, when they spend all that they may.
    validateAhead: (object, old, subresource) => {
      if (subresource !== '' && subresource !== 'status') return undefined;
      const ahead = inSlices(look(object, old, subresource));
      const keep = (errors: readonly FieldError[]): void => void found.set(object, errors);
      if (ahead instanceof Promise) return ahead.then(keep);
      keep(ahead);
      return undefined;
    },
    validate: (object, old) => found.get(object) ?? finish(look(object, old, '')),
    validateStatusUpdate: (object, old) => found.get(object) ?? finish(look(object, old, 'status')),
  };
}
