// Namespaces. https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/namespace-v1/
import type { Namespace } from '../../../openapi/types/core.v1.js';
import { invalid, type FieldError } from '../../apimachinery/errors/field-error.js';
import { isRecord, type KubeObject, type Mutable } from '../../apimachinery/object.js';
import type { DeletionHold, KindDefinition } from '../kind.js';
import { ageOf, nameOf } from '../printing/cells.js';
import { checkQualifiedName } from '../rules/fields.js';
import { metadataAgain } from './metadata-again.js';
import { keepField } from '../rules/status.js';

/** What selectors find a namespace by. https://kubernetes.io/docs/reference/labels-annotations-taints/#kubernetes-io-metadata-name */
const nameLabel = 'kubernetes.io/metadata.name';

function applyDefaults(draft: Mutable): void {
  const metadata = draft['metadata'];
  if (isRecord(metadata) && typeof metadata['name'] === 'string' && metadata['name'] !== '') {
    metadata['labels'] = { ...(isRecord(metadata['labels']) ? metadata['labels'] : {}), [nameLabel]: metadata['name'] };
  }
  const status = draft['status'];
  if (isRecord(status)) status['phase'] ??= 'Active';
  else draft['status'] = { phase: 'Active' };
}

function prepareForCreate(draft: Mutable): void {
  applyDefaults(draft); // A generated name was not known before.
  draft['status'] = { phase: 'Active' };
  const given = (draft as unknown as Namespace).spec?.finalizers ?? [];
  draft['spec'] = { finalizers: given.includes('kubernetes') ? given : [...given, 'kubernetes'] };
}

function prepareForUpdate(draft: Mutable, old: KubeObject): void {
  keepField(draft, old, 'status');
  // Finalizers change through the `finalize` subresource only.
  keepField(draft, old, 'spec');
}

const standard = ['kubernetes', 'orphan', 'foregroundDeletion'];

function validate(object: KubeObject): FieldError[] {
  return ((object as Namespace).spec?.finalizers ?? []).flatMap((finalizer) => {
    const isKnown = finalizer.includes('/') || standard.includes(finalizer);
    const unknown = invalid('spec.finalizers', finalizer, 'name is neither a standard finalizer name nor is it fully qualified');
    return [...checkQualifiedName('spec.finalizers', finalizer), ...(isKnown ? [] : [unknown])];
  });
}

function validateStatus(object: KubeObject): FieldError[] {
  const { metadata, status } = object as Namespace;
  const phase = status?.phase ?? '';
  const deleted = metadata.deletionTimestamp !== undefined;
  if (deleted && phase !== 'Terminating') {
    return [invalid('status.Phase', phase, "may only be 'Terminating' if `deletionTimestamp` is not empty")];
  }
  if (!deleted && phase !== 'Active') return [invalid('status.Phase', phase, "may only be 'Active' if `deletionTimestamp` is empty")];
  return [];
}

const deletionHold: DeletionHold = {
  held: (object) => ((object as Namespace).spec?.finalizers?.length ?? 0) > 0,
  mark: (draft) => {
    draft['status'] = { ...(draft['status'] as Mutable | undefined), phase: 'Terminating' };
  },
};

export const namespaces: KindDefinition = {
  group: '',
  version: 'v1',
  resource: 'namespaces',
  nameRule: 'label',
  deleteReturnsObject: true,
  deletionHold,
  selectableFields: { 'status.phase': (object) => (object as Namespace).status?.phase ?? '' },
  strategy: {
    applyDefaults,
    prepareForCreate,
    prepareForUpdate,
    validate,
    validateUpdate: (object) => metadataAgain(object, false, 'label'),
    validateStatusUpdate: validateStatus,
  },
  cells: (object, context) => [nameOf(object), (object as Namespace).status?.phase ?? '', ageOf(object, context)],
};
