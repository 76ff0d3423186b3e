// ReplicationControllers, the older form of ReplicaSets.
// https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/replication-controller-v1/
import type { ReplicationController } from '../../../openapi/types/core.v1.js';
import { invalid, required, type FieldError } from '../../apimachinery/errors/field-error.js';
import { isRecord, type KubeObject, type Mutable } from '../../apimachinery/object.js';
import { compileLabelMap } from '../../apimachinery/selectors/labels.js';
import { replicaCountErrors } from '../apps/replicasets.js';
import type { Cell, KindDefinition, TableContext } from '../kind.js';
import { ageOf, labelsText, nameOf } from '../printing/cells.js';
import { containerCells } from '../printing/workload-cells.js';
import { notNegative } from '../rules/fields.js';
import { statusHooks } from '../rules/status.js';
import { workloadDefaults } from './podspec/defaults.js';
import { mismatch, servingTemplateErrors } from './podspec/template.js';
import { hostNameWarnings, podSpecWarnings } from './podspec/warnings.js';

const fill = workloadDefaults([['spec.replicas', 1]]);

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
  return [...errors, ...servingTemplateErrors(template, undefined)];
}

function cells(object: KubeObject, context: TableContext): readonly Cell[] {
  const { spec, status } = object as ReplicationController;
  return [
    nameOf(object),
    spec?.replicas ?? 0,
    status?.replicas ?? 0,
    status?.readyReplicas ?? 0,
    ageOf(object, context),
    ...containerCells(spec?.template?.spec),
    labelsText(spec?.selector),
  ];
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
    ...statusHooks(() => ({ replicas: 0 })),
    validate,
    validateStatusUpdate: (object) => replicaCountErrors((object as ReplicationController).status),
    warnings: (object, old) => [
      ...(old === undefined ? hostNameWarnings(object.metadata.name, 'Pod names and hostnames') : []),
      ...podSpecWarnings('spec.template.spec', (object as ReplicationController).spec?.template?.spec),
    ],
  },
  cells,
};
