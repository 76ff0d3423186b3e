// Deployments. https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/deployment-v1/
import type { Deployment, DeploymentStrategy } from '../../../openapi/types/apps.v1.js';
import { deepEqual } from '../../apimachinery/equality.js';
import { fieldForbidden, invalid, notSupported, required, type FieldError } from '../../apimachinery/errors/field-error.js';
import { isRecord, type KubeObject, type Mutable } from '../../apimachinery/object.js';
import { workloadDefaults } from '../core/podspec/defaults.js';
import { preparingTemplate } from '../core/podspec/prepare.js';
import { selectedTemplateErrors, selectorErrors, shownSelector } from '../core/podspec/template.js';
import { hostNameWarnings } from '../core/podspec/warnings.js';
import type { Cell, KindDefinition, TableContext } from '../kind.js';
import { ageOf, nameOf } from '../printing/cells.js';
import { containerCells, selectorText } from '../printing/workload-cells.js';
import { immutable, notNegative } from '../rules/fields.js';
import { atMostAllErrors, isZero, numberOrPercentErrors } from '../rules/int-or-percent.js';
import { keepField, statusHooks } from '../rules/status.js';
import { collisionErrors, countErrors, countOf, partErrors } from './counts.js';
import { boundsDefaults, shownStrategy } from './rolling-update.js';
import { changesContent, templateWarnings } from './warnings.js';

const fill = workloadDefaults([
  ['spec.replicas', 1],
  ['spec.revisionHistoryLimit', 10],
  ['spec.progressDeadlineSeconds', 600],
  ['spec.strategy', () => ({})],
  ['spec.strategy.type', 'RollingUpdate'],
]);
const fillBounds = boundsDefaults('strategy', '25%', '25%');

function applyDefaults(draft: Mutable): void {
  fill(draft);
  fillBounds(draft);
}

const status = statusHooks(() => ({}));

function prepareForUpdate(draft: Mutable, old: KubeObject): void {
  keepField(draft, old, 'status');
  const metadata = draft['metadata'];
  if (!isRecord(metadata)) return;
  // The deployment controller reads annotations as it reads the spec.
  const changed = !deepEqual(metadata['annotations'] ?? {}, old.metadata.annotations ?? {});
  if (changed) metadata['generation'] = (old.metadata.generation ?? 0) + 1;
}

/** A write of the status leaves labels as they are, but takes annotations. */
function prepareForStatusUpdate(draft: Mutable, old: KubeObject): void {
  const metadata = draft['metadata'];
  if (!isRecord(metadata)) return;
  if (old.metadata.labels === undefined) delete metadata['labels'];
  else metadata['labels'] = old.metadata.labels;
}

const types = ['Recreate', 'RollingUpdate'];

function strategyErrors(strategy: DeploymentStrategy | undefined): FieldError[] {
  const update = strategy?.rollingUpdate;
  const field = 'spec.strategy.rollingUpdate';
  switch (strategy?.type) {
    case 'Recreate':
      return update === undefined ? [] : [fieldForbidden(field, "may not be specified when strategy `type` is 'Recreate'")];
    case 'RollingUpdate': {
      if (update === undefined) return [required(field, 'this should be defaulted and never be nil')];
      const { maxSurge, maxUnavailable } = update;
      return [
        ...numberOrPercentErrors(`${field}.maxUnavailable`, maxUnavailable),
        ...numberOrPercentErrors(`${field}.maxSurge`, maxSurge),
        ...(isZero(maxSurge) && isZero(maxUnavailable)
          ? [invalid(`${field}.maxUnavailable`, maxUnavailable, 'may not be 0 when `maxSurge` is 0')]
          : []),
        ...atMostAllErrors(`${field}.maxUnavailable`, maxUnavailable),
      ];
    }
    default:
      return [notSupported('spec.strategy', shownStrategy(strategy?.type, update), types)];
  }
}

function validate(object: KubeObject): FieldError[] {
  const { spec } = object as Deployment;
  const { selector, template, progressDeadlineSeconds, minReadySeconds = 0 } = spec ?? {};
  const errors: FieldError[] = [
    ...notNegative('spec.replicas', spec?.replicas),
    ...selectorErrors(selector, 'deployment'),
    ...selectedTemplateErrors(selector, template, 'ReplicaSet'),
    ...strategyErrors(spec?.strategy),
    ...notNegative('spec.minReadySeconds', minReadySeconds),
    ...notNegative('spec.revisionHistoryLimit', spec?.revisionHistoryLimit),
  ];
  if (progressDeadlineSeconds !== undefined) {
    const field = 'spec.progressDeadlineSeconds';
    errors.push(...notNegative(field, progressDeadlineSeconds));
    if (progressDeadlineSeconds <= minReadySeconds)
      errors.push(invalid(field, progressDeadlineSeconds, 'must be greater than minReadySeconds'));
  }
  return errors;
}

const counts = [
  'observedGeneration',
  'replicas',
  'updatedReplicas',
  'readyReplicas',
  'availableReplicas',
  'unavailableReplicas',
  'terminatingReplicas',
  'collisionCount',
];

function validateStatus(object: KubeObject, before: KubeObject): FieldError[] {
  const now = (object as Deployment).status;
  return [
    ...countErrors(now, counts),
    ...partErrors(now, ['updatedReplicas', 'readyReplicas', 'availableReplicas'], 'replicas'),
    ...(countOf(now, 'availableReplicas') > countOf(now, 'readyReplicas') && countOf(now, 'readyReplicas') >= 0
      ? partErrors(now, ['availableReplicas'], 'readyReplicas', 'readyReplicas')
      : []),
    ...collisionErrors(now, (before as Deployment).status),
  ];
}

function cells(object: KubeObject, context: TableContext): readonly Cell[] {
  const { spec, status: now } = object as Deployment;
  return [
    nameOf(object),
    `${now?.readyReplicas ?? 0}/${spec?.replicas ?? 0}`,
    now?.updatedReplicas ?? 0,
    now?.availableReplicas ?? 0,
    ageOf(object, context),
    ...containerCells(spec?.template?.spec),
    selectorText(spec?.selector),
  ];
}

export const deployments: KindDefinition = {
  group: 'apps',
  version: 'v1',
  resource: 'deployments',
  generation: true,
  scale: { spec: ['spec', 'replicas'], status: ['status', 'replicas'], selector: ['spec', 'selector'] },
  strategy: {
    applyDefaults,
    ...preparingTemplate(['spec', 'template'], { ...status, prepareForUpdate }),
    prepareForStatusUpdate,
    statusResetFields: { 'f:spec': {}, 'f:metadata': { 'f:labels': {} } },
    validate,
    validateUpdate: (object, old) => [
      ...immutable(
        'spec.selector',
        (object as Deployment).spec?.selector,
        (old as Deployment).spec?.selector,
        shownSelector((object as Deployment).spec?.selector),
      ),
    ],
    validateStatusUpdate: validateStatus,
    warnings: (object, old) => [
      ...(old === undefined ? hostNameWarnings(object.metadata.name, 'Pod names and hostnames') : []),
      ...(changesContent(object, old) ? templateWarnings((object as Deployment).spec?.template) : []),
    ],
  },
  cells,
};
