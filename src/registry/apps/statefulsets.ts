// StatefulSets. https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/stateful-set-v1/
import type { PersistentVolumeClaim, Volume } from '../../../openapi/types/core.v1.js';
import type { StatefulSet, StatefulSetSpec } from '../../../openapi/types/apps.v1.js';
import { deepEqual } from '../../apimachinery/equality.js';
import { fieldForbidden, invalid, notSupported, type FieldError } from '../../apimachinery/errors/field-error.js';
import { validateAnnotations, validateLabels } from '../../apimachinery/names/object-meta.js';
import { isRecord, type KubeObject, type Mutable } from '../../apimachinery/object.js';
import { workloadDefaults } from '../core/podspec/defaults.js';
import { preparingTemplate } from '../core/podspec/prepare.js';
import { claimRows } from '../core/claim-defaults.js';
import { persistentvolumeclaims } from '../core/persistentvolumeclaims.js';
import { mismatchErrors, selectorErrors, servingErrors, templateErrors } from '../core/podspec/template.js';
import { byteWarnings } from '../core/podspec/warnings.js';
import type { Cell, KindDefinition, TableContext } from '../kind.js';
import { ageOf, nameOf } from '../printing/cells.js';
import { containerCells } from '../printing/workload-cells.js';
import { under } from '../rules/defaults.js';
import { metadataAgain } from '../rules/metadata.js';
import { checkLabelName, notNegative } from '../rules/fields.js';
import { labelSelectorErrors } from '../rules/selectors.js';
import { statusHooks } from '../rules/status.js';
import { collisionErrors, countErrors, partErrors } from './counts.js';
import { changesContent, templateWarnings } from './warnings.js';

const isRolling = (strategy: Mutable): boolean => strategy['type'] === undefined || strategy['type'] === 'RollingUpdate';

/** A claim template is what it is, whatever the client calls it. */
const claimType = { apiVersion: 'v1', kind: 'PersistentVolumeClaim' };

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
  ['spec.volumeClaimTemplates[].status', () => ({})],
  ...under('spec.volumeClaimTemplates[]', claimRows),
]);

function applyDefaults(draft: Mutable): void {
  fill(draft);
  const { spec } = draft;
  const templates = isRecord(spec) ? spec['volumeClaimTemplates'] : undefined;
  if (!Array.isArray(templates)) return;
  for (const claim of templates as unknown[]) if (isRecord(claim)) Object.assign(claim, claimType);
}

/** The field exists, but is behind a feature that is off. https://kubernetes.io/docs/reference/command-line-tools-reference/feature-gates/ */
function dropMaxUnavailable({ spec }: Mutable): void {
  const strategy = isRecord(spec) ? spec['updateStrategy'] : undefined;
  if (isRecord(strategy) && isRecord(strategy['rollingUpdate'])) delete strategy['rollingUpdate']['maxUnavailable'];
}

const status = statusHooks(() => ({ replicas: 0, availableReplicas: 0 }));

/** The rules of a claim, where it stands in the list of templates. */
function claimErrors(claim: PersistentVolumeClaim, index: number): FieldError[] {
  const errors = persistentvolumeclaims.strategy?.validate?.(claim) ?? [];
  return errors.map((error) => ({ ...error, field: `spec.volumeClaimTemplates[${index}].${error.field}` }));
}

/** The template as the pods get it: with a volume for each claim, in the place of one of that name. */
function withClaimVolumes({ template, volumeClaimTemplates }: StatefulSetSpec): StatefulSetSpec['template'] {
  if (template?.spec === undefined || volumeClaimTemplates === undefined) return template;
  const claims = new Map<string, Volume>();
  for (const { metadata } of volumeClaimTemplates) {
    const name = metadata?.name ?? '';
    claims.set(name, { name, persistentVolumeClaim: { claimName: name } });
  }
  const others = (template.spec.volumes ?? []).filter(({ name }) => !claims.has(name));
  return { ...template, spec: { ...template.spec, volumes: [...claims.values(), ...others] } };
}

/** The template's rules; its labels and annotations are told of twice. */
function selectedErrors({ selector, template, ...spec }: StatefulSetSpec): FieldError[] {
  if (labelSelectorErrors('', selector).length > 0) return [];
  const { labels, annotations } = template?.metadata ?? {};
  return [
    ...mismatchErrors(selector, template),
    ...templateErrors('spec.template', withClaimVolumes({ selector, template, ...spec })),
    ...validateLabels(labels, 'spec.template.labels'),
    ...validateAnnotations(annotations, 'spec.template.annotations'),
    ...servingErrors(template, 'StatefulSet'),
  ];
}

const retention = ['Retain', 'Delete'];

function updateStrategyErrors({ updateStrategy }: StatefulSetSpec): FieldError[] {
  const field = 'spec.updateStrategy';
  const { type, rollingUpdate } = updateStrategy ?? {};
  const shown = rollingUpdate === undefined ? null : { Partition: rollingUpdate.partition ?? 0, MaxUnavailable: null };
  switch (type) {
    case 'OnDelete':
      return shown === null ? [] : [invalid(`${field}.rollingUpdate`, shown, "only allowed for updateStrategy 'RollingUpdate'")];
    case 'RollingUpdate':
      return [...notNegative(`${field}.rollingUpdate.partition`, rollingUpdate?.partition)];
    default:
      return [invalid(field, { Type: type ?? '', RollingUpdate: shown }, "must be 'RollingUpdate' or 'OnDelete'")];
  }
}

function retentionErrors({ persistentVolumeClaimRetentionPolicy: policy }: StatefulSetSpec): FieldError[] {
  return (['whenDeleted', 'whenScaled'] as const).flatMap((when) => {
    const value = policy?.[when];
    const field = `spec.persistentVolumeClaimRetentionPolicy.${when}`;
    return value === undefined || retention.includes(value) ? [] : [notSupported(field, value, retention)];
  });
}

function validate(object: KubeObject, old?: KubeObject): FieldError[] {
  const spec = (object as StatefulSet).spec ?? ({} as StatefulSetSpec);
  const policy = spec.podManagementPolicy;
  return [
    ...(policy === 'OrderedReady' || policy === 'Parallel'
      ? []
      : [invalid('spec.podManagementPolicy', policy ?? '', "must be 'OrderedReady' or 'Parallel'")]),
    ...updateStrategyErrors(spec),
    ...retentionErrors(spec),
    ...(old === undefined ? (spec.volumeClaimTemplates ?? []).flatMap(claimErrors) : []),
    ...notNegative('spec.replicas', spec.replicas),
    ...notNegative('spec.minReadySeconds', spec.minReadySeconds),
    ...notNegative('spec.ordinals.start', spec.ordinals?.start),
    ...(spec.serviceName ? checkLabelName('spec.serviceName', spec.serviceName) : []),
    ...selectorErrors(spec.selector, 'statefulset', ''),
    ...selectedErrors(spec),
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
  'availableReplicas',
  'observedGeneration',
  'collisionCount',
];

function validateStatus(object: KubeObject, before: KubeObject): FieldError[] {
  const now = (object as StatefulSet).status;
  return [
    ...countErrors(now, counts),
    ...partErrors(now, ['readyReplicas', 'currentReplicas', 'updatedReplicas', 'availableReplicas'], 'replicas'),
    ...partErrors(now, ['availableReplicas'], 'readyReplicas'),
    ...collisionErrors(now, (before as StatefulSet).status),
    ...metadataAgain(object, before),
  ];
}

const historyWarning = 'spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is recommended';

function warnings(object: KubeObject, old: KubeObject | undefined): string[] {
  const { spec } = object as StatefulSet;
  // So the real server names the place in a change.
  const within = old === undefined ? 'resources' : 'Spec.resources';
  const claims = (spec?.volumeClaimTemplates ?? []).flatMap(({ spec: claim }, index) =>
    (['requests', 'limits'] as const).flatMap((part) =>
      byteWarnings(`spec.volumeClaimTemplates[${index}].${within}.${part}`, claim?.resources?.[part]),
    ),
  );
  return [
    ...(changesContent(object, old) ? templateWarnings(spec?.template) : []),
    ...claims,
    ...((spec?.revisionHistoryLimit ?? 0) < 0 ? [historyWarning] : []),
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
    ...preparingTemplate(['spec', 'template'], {
      prepareForCreate: (draft, context) => {
        dropMaxUnavailable(draft);
        status.prepareForCreate?.(draft, context);
      },
      prepareForUpdate: (draft, old, context) => {
        dropMaxUnavailable(draft);
        status.prepareForUpdate?.(draft, old, context);
      },
    }),
    validate,
    validateUpdate: (object, old) => (deepEqual(fixed(object), fixed(old)) ? [] : [fieldForbidden('spec', changeText)]),
    validateStatusUpdate: validateStatus,
    warnings,
  },
  cells,
};
