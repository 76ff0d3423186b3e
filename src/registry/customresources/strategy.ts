// What a custom resource's strategy does: all of it is said by its definition.
import type { FieldError } from '../../apimachinery/errors/field-error.js';
import type { FieldSet } from '../../apimachinery/managedfields/field-set.js';
import type { KubeObject, Mutable } from '../../apimachinery/object.js';
import type { Strategy } from '../kind.js';
import { keepField } from '../rules/status.js';
import { replicasError, scalePathsOf } from './scale.js';
import type { CustomVersion } from './version.js';

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

function withRules(
  version: CustomVersion,
  object: KubeObject,
  old: KubeObject | undefined,
  errors: readonly FieldError[],
): readonly FieldError[] {
  return [...errors, ...version.ruleErrors(object, old, errors)];
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

export function customStrategy(version: CustomVersion): Strategy {
  const { subresources } = version.definition;
  const hasStatus = subresources?.status !== undefined;
  const scale = scalePathsOf(subresources?.scale);
  const replicas = (object: KubeObject, ...paths: readonly (readonly string[])[]): readonly FieldError[] =>
    scale === undefined ? [] : paths.flatMap((path) => replicasError(object, path) ?? []);
  let resets: FieldSet | undefined;
  return {
    applyDefaults: (draft) => version.applyDefaults(draft),
    prepareForCreate: (draft) => {
      if (hasStatus) delete draft['status'];
    },
    prepareForUpdate: (draft, old) => {
      if (hasStatus) keepField(draft, old, 'status');
    },
    prepareForStatusUpdate: keepAllButStatus,
    get statusResetFields() {
      return (resets ??= statusResets(version));
    },
    warnings: (object, old) => [...version.ruleWarnings(object), ...finalizerWarnings(object, old)],
    validate: (object, old) =>
      withRules(version, object, old, [
        ...version.schemaErrors(object, old),
        ...(scale === undefined ? [] : replicas(object, scale.spec, ...(hasStatus ? [] : [scale.status]))),
        ...version.embeddedErrors(object),
        ...version.listErrors(object),
      ]),
    validateStatusUpdate: (object, old) =>
      withRules(version, object, old, [
        ...version.statusErrors(object, old),
        ...(scale === undefined ? [] : replicas(object, scale.status)),
        ...version.embeddedErrors(object),
        ...version.listErrors(object),
      ]),
  };
}
