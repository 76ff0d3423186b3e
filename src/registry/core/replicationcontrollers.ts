// ReplicationControllers, the older form of ReplicaSets.
// https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/replication-controller-v1/
import type { ReplicationController } from '../../../openapi/types/core.v1.js';
import { invalid, required, type FieldError } from '../../apimachinery/errors/field-error.js';
import { isRecord, type KubeObject, type Mutable } from '../../apimachinery/object.js';
import { compileLabelMap } from '../../apimachinery/selectors/labels.js';
import { replicaCells, replicaCountErrors } from '../apps/replicasets.js';
import type { KindDefinition } from '../kind.js';
import { labelsText } from '../printing/cells.js';
import { notNegative } from '../rules/fields.js';
import { keepField, statusHooks } from '../rules/status.js';
import { workloadDefaults } from './podspec/defaults.js';
import { dropDisabledTemplateFields } from './podspec/prepare.js';
import { mismatch, servingTemplateErrors } from './podspec/template.js';
import { hostNameWarnings, podSpecWarnings } from './podspec/warnings.js';

const fill = workloadDefaults([['spec.replicas', 1]]);

const statuses = statusHooks(() => ({ replicas: 0 }));

const empty = (value: unknown): boolean => !isRecord(value) || Object.keys(value).length === 0;

/** Labels and selector come from the template unless the client names them. */
function applyDefaults(draft: Mutable): void {
  const { metadata, spec } = draft;
  const labels = (draft as unknown as Partial<ReplicationController>).spec?.template?.metadata?.labels;
  if (labels !== undefined && isRecord(spec) && isRecord(metadata)) {
    if (empty(spec['selector'])) spec['selector'] = { ...labels };
    if (empty(metadata['labels'])) metadata['labels'] = { ...labels };
  }
  fill(draft);
}

function validate(object: KubeObject): FieldError[] {
  const { spec } = object as ReplicationController;
  const { selector, template } = spec ?? {};
  const errors: FieldError[] = [...notNegative('spec.minReadySeconds', spec?.minReadySeconds)];
  if (empty(selector)) errors.push(required('spec.selector'));
  errors.push(...notNegative('spec.replicas', spec?.replicas));
  if (template === undefined) return [...errors, required('spec.template')];
  const labels = template.metadata?.labels;
  if (!empty(selector) && !compileLabelMap(selector).matches(labels)) {
    errors.push(invalid('spec.template.metadata.labels', labels ?? null, mismatch));
  }
  return [...errors, ...servingTemplateErrors(template, 'ReplicationController')];
}

function templateWarnings({ spec }: ReplicationController): readonly string[] {
  return podSpecWarnings('spec.template.spec', spec?.template?.spec, spec?.template?.metadata, 'spec.template.metadata');
}

export const replicationcontrollers: KindDefinition = {
  group: '',
  version: 'v1',
  resource: 'replicationcontrollers',
  storage: 'controllers',
  generation: true,
  orphansByDefault: true,
  scale: { spec: ['spec', 'replicas'], status: ['status', 'replicas'], selector: ['spec', 'selector'] },
  selectableFields: { 'status.replicas': (object) => String((object as ReplicationController).status?.replicas ?? 0) },
  strategy: {
    applyDefaults,
    prepareForCreate: (draft, context) => {
      statuses.prepareForCreate?.(draft, context);
      dropDisabledTemplateFields(draft, ['spec', 'template']);
    },
    prepareForUpdate: (draft, old, context) => {
      statuses.prepareForUpdate?.(draft, old, context);
      dropDisabledTemplateFields(draft, ['spec', 'template']);
    },
    // As it is read, so a controller without labels gets its template's.
    prepareForStatusUpdate: (draft, old) => {
      keepField(draft, old, 'spec');
      const labels = (old as ReplicationController).spec?.template?.metadata?.labels;
      const { metadata } = draft;
      if (labels !== undefined && isRecord(metadata) && empty(metadata['labels'])) metadata['labels'] = { ...labels };
    },
    validate,
    validateStatusUpdate: (object) => replicaCountErrors((object as ReplicationController).status),
    warnings: (object, old) => [
      ...(old === undefined ? hostNameWarnings(object.metadata.name, 'Pod names and hostnames') : []),
      ...(old === undefined || object.metadata.generation !== old.metadata.generation
        ? templateWarnings(object as ReplicationController)
        : []),
    ],
  },
  cells: (object, context) => replicaCells(object, context, labelsText((object as ReplicationController).spec?.selector)),
};
