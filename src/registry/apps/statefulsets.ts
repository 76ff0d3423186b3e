// StatefulSets. https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/stateful-set-v1/
import type { StatefulSet, StatefulSetSpec } from '../../../openapi/types/apps.v1.js';
import { deepEqual } from '../../apimachinery/equality.js';
import { fieldForbidden, invalid, notSupported, type FieldError } from '../../apimachinery/errors/field-error.js';
import { isRecord, type KubeObject, type Mutable } from '../../apimachinery/object.js';
import { workloadDefaults } from '../core/podspec/defaults.js';
import { selectedTemplateErrors, selectorErrors } from '../core/podspec/template.js';
import { podSpecWarnings } from '../core/podspec/warnings.js';
import { claimRows, settleClaim } from '../core/claim-defaults.js';
import type { Cell, KindDefinition, TableContext } from '../kind.js';
import { ageOf, nameOf } from '../printing/cells.js';
import { containerCells } from '../printing/workload-cells.js';
import { under } from '../rules/defaults.js';
import { checkLabelName, notNegative } from '../rules/fields.js';
import { statusHooks } from '../rules/status.js';
import { collisionErrors, countErrors, partErrors } from './counts.js';

const isRolling = (strategy: Mutable): boolean => strategy['type'] === undefined || strategy['type'] === 'RollingUpdate';

const fill = workloadDefaults([
  ['spec.replicas', 1],
  ['spec.serviceName', ''],
  ['spec.podManagementPolicy', 'OrderedReady'],
  ['spec.revisionHistoryLimit', 10],
  ['spec.updateStrategy', () => ({})],
  ['spec.updateStrategy.type', 'RollingUpdate'],
  ['spec.updateStrategy.rollingUpdate', (strategy) => (isRolling(strategy) ? {} : undefined)],
  ['spec.updateStrategy.rollingUpdate.partition', 0],
  ['spec.persistentVolumeClaimRetentionPolicy', () => ({})],
  ['spec.persistentVolumeClaimRetentionPolicy.whenDeleted', 'Retain'],
  ['spec.persistentVolumeClaimRetentionPolicy.whenScaled', 'Retain'],
  ['spec.ordinals.start', 0],
  ['spec.volumeClaimTemplates[].apiVersion', 'v1'],
  ['spec.volumeClaimTemplates[].kind', 'PersistentVolumeClaim'],
  ['spec.volumeClaimTemplates[].status', () => ({})],
  ...under('spec.volumeClaimTemplates[]', claimRows),
]);

function applyDefaults(draft: Mutable): void {
  fill(draft);
  const { spec } = draft;
  if (!isRecord(spec)) return;
  const templates = spec['volumeClaimTemplates'];
  if (Array.isArray(templates)) for (const claim of templates as unknown[]) settleClaim(claim);
  const strategy = spec['updateStrategy'];
  // The field exists, but is behind a feature that is off. https://kubernetes.io/docs/reference/command-line-tools-reference/feature-gates/
  if (isRecord(strategy) && isRecord(strategy['rollingUpdate'])) delete strategy['rollingUpdate']['maxUnavailable'];
}

const retention = ['Retain', 'Delete'];

function updateStrategyErrors({ updateStrategy }: StatefulSetSpec): FieldError[] {
  const field = 'spec.updateStrategy';
  const { type, rollingUpdate } = updateStrategy ?? {};
  switch (type) {
    case 'OnDelete':
      return rollingUpdate === undefined
        ? []
        : [invalid(`${field}.rollingUpdate`, rollingUpdate, "only allowed for updateStrategy 'RollingUpdate'")];
    case 'RollingUpdate':
      return [...notNegative(`${field}.rollingUpdate.partition`, rollingUpdate?.partition)];
    default:
      return [invalid(field, { Type: type ?? '', RollingUpdate: rollingUpdate ?? null }, "must be 'RollingUpdate' or 'OnDelete'")];
  }
}

function retentionErrors({ persistentVolumeClaimRetentionPolicy: policy }: StatefulSetSpec): FieldError[] {
  return (['whenDeleted', 'whenScaled'] as const).flatMap((when) => {
    const value = policy?.[when];
    const field = `spec.persistentVolumeClaimRetentionPolicy.${when}`;
    return value === undefined || retention.includes(value) ? [] : [notSupported(field, value, retention)];
  });
}

function validate(object: KubeObject): FieldError[] {
  const spec = (object as StatefulSet).spec ?? ({} as StatefulSetSpec);
  const policy = spec.podManagementPolicy;
  return [
    ...(policy === 'OrderedReady' || policy === 'Parallel'
      ? []
      : [invalid('spec.podManagementPolicy', policy ?? '', "must be 'OrderedReady' or 'Parallel'")]),
    ...updateStrategyErrors(spec),
    ...retentionErrors(spec),
    ...notNegative('spec.replicas', spec.replicas),
    ...notNegative('spec.minReadySeconds', spec.minReadySeconds),
    ...notNegative('spec.ordinals.start', spec.ordinals?.start),
    ...(spec.serviceName ? checkLabelName('spec.serviceName', spec.serviceName) : []),
    ...selectorErrors(spec.selector, 'statefulset'),
    ...selectedTemplateErrors(spec.selector, spec.template, 'StatefulSet'),
  ];
}

const changeable = [
  'replicas',
  'ordinals',
  'template',
  'updateStrategy',
  'revisionHistoryLimit',
  'persistentVolumeClaimRetentionPolicy',
  'minReadySeconds',
];
const changeText =
  "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden";

function fixed(object: KubeObject): Mutable {
  const rest: Mutable = { ...(object as StatefulSet).spec };
  for (const field of changeable) delete rest[field];
  return rest;
}

const counts = [
  'replicas',
  'readyReplicas',
  'currentReplicas',
  'updatedReplicas',
  'observedGeneration',
  'collisionCount',
  'availableReplicas',
];

function validateStatus(object: KubeObject, before: KubeObject): FieldError[] {
  const now = (object as StatefulSet).status;
  return [
    ...countErrors(now, counts),
    ...partErrors(now, ['readyReplicas', 'currentReplicas', 'updatedReplicas', 'availableReplicas'], 'replicas'),
    ...partErrors(now, ['availableReplicas'], 'readyReplicas'),
    ...collisionErrors(now, (before as StatefulSet).status),
  ];
}

function cells(object: KubeObject, context: TableContext): readonly Cell[] {
  const { spec, status } = object as StatefulSet;
  const ready = `${status?.readyReplicas ?? 0}/${spec?.replicas ?? 0}`;
  return [nameOf(object), ready, ageOf(object, context), ...containerCells(spec?.template?.spec)];
}

export const statefulsets: KindDefinition = {
  group: 'apps',
  version: 'v1',
  resource: 'statefulsets',
  nameRule: 'label',
  generation: true,
  scale: { spec: ['spec', 'replicas'], status: ['status', 'replicas'], selector: ['spec', 'selector'] },
  strategy: {
    applyDefaults,
    ...statusHooks(() => ({ replicas: 0, availableReplicas: 0 })),
    validate,
    validateUpdate: (object, old) => (deepEqual(fixed(object), fixed(old)) ? [] : [fieldForbidden('spec', changeText)]),
    validateStatusUpdate: validateStatus,
    warnings: (object) => podSpecWarnings('spec.template.spec', (object as StatefulSet).spec?.template?.spec),
  },
  cells,
};
