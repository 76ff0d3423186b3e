// DaemonSets. https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/daemon-set-v1/
import type { DaemonSet, DaemonSetSpec } from '../../../openapi/types/apps.v1.js';
import { deepEqual } from '../../apimachinery/equality.js';
import { badRequest } from '../../apimachinery/errors/api-error.js';
import { invalid, notSupported, required, type FieldError } from '../../apimachinery/errors/field-error.js';
import { isRecord, type KubeObject, type Mutable } from '../../apimachinery/object.js';
import { workloadDefaults } from '../core/podspec/defaults.js';
import { preparingTemplate } from '../core/podspec/prepare.js';
import { isEmptySelector, mismatchErrors, servingTemplateErrors, shownSelector } from '../core/podspec/template.js';
import { templateWarnings } from './warnings.js';
import type { Cell, KindDefinition, TableContext } from '../kind.js';
import { ageOf, labelsText, nameOf } from '../printing/cells.js';
import { containerCells, selectorText } from '../printing/workload-cells.js';
import { immutable, notNegative } from '../rules/fields.js';
import { metadataAgain } from '../rules/metadata.js';
import { atMostAllErrors, isZero, numberOrPercentErrors } from '../rules/int-or-percent.js';
import { labelSelectorErrors } from '../rules/selectors.js';
import { keepField } from '../rules/status.js';
import { collisionErrors, countErrors } from './counts.js';
import { boundsDefaults, shownStrategy } from './rolling-update.js';

/** Kept for clients of the old API. */
const templateGeneration = 'deprecated.daemonset.template.generation';

const fill = workloadDefaults([
  ['spec.revisionHistoryLimit', 10],
  ['spec.updateStrategy', () => ({})],
  ['spec.updateStrategy.type', 'RollingUpdate'],
]);
const fillBounds = boundsDefaults('updateStrategy', 1, 0);

/** The draft's annotations, for writing. */
function annotationsOf(draft: Mutable): Mutable {
  const metadata = isRecord(draft['metadata']) ? draft['metadata'] : (draft['metadata'] = {} as Mutable);
  if (isRecord(metadata['annotations'])) return metadata['annotations'];
  const fresh: Mutable = {};
  metadata['annotations'] = fresh;
  return fresh;
}

/** A 64-bit number as the real server reads it; it refuses the object otherwise. */
function generationOf(text: unknown): bigint {
  if (text === undefined) return 0n;
  const what = `DaemonSet in version "v1" cannot be handled as a DaemonSet: strconv.ParseInt: parsing ${JSON.stringify(text)}`;
  if (typeof text !== 'string' || text.length > 64 || !/^[-+]?[0-9]+$/.test(text)) throw badRequest(`${what}: invalid syntax`);
  const value = BigInt(text.replace(/^\+/, ''));
  if (value !== BigInt.asIntN(64, value)) throw badRequest(`${what}: value out of range`);
  return value;
}

/** The annotation is there in every answer, and whoever writes owns it. */
function applyDefaults(draft: Mutable): void {
  fill(draft);
  fillBounds(draft);
  const annotations = annotationsOf(draft);
  annotations[templateGeneration] = String(generationOf(annotations[templateGeneration]));
}

function prepareForCreate(draft: Mutable): void {
  draft['status'] = { currentNumberScheduled: 0, numberMisscheduled: 0, desiredNumberScheduled: 0, numberReady: 0 };
  const annotations = annotationsOf(draft);
  if (generationOf(annotations[templateGeneration]) < 1n) annotations[templateGeneration] = '1';
}

function prepareForUpdate(draft: Mutable, old: KubeObject): void {
  keepField(draft, old, 'status');
  const same = deepEqual((draft as unknown as DaemonSet).spec?.template, (old as DaemonSet).spec?.template);
  const before = generationOf(old.metadata.annotations?.[templateGeneration]);
  annotationsOf(draft)[templateGeneration] = String(same ? before : before + 1n);
}

const types = ['RollingUpdate', 'OnDelete'];

function updateStrategyErrors({ updateStrategy }: DaemonSetSpec): FieldError[] {
  const { type, rollingUpdate } = updateStrategy ?? {};
  if (type === 'OnDelete') return [];
  if (type !== 'RollingUpdate') return [notSupported('spec.updateStrategy', shownStrategy(type, rollingUpdate), types)];
  const field = 'spec.updateStrategy.rollingUpdate';
  if (rollingUpdate === undefined) return [required(field)];
  const { maxSurge, maxUnavailable } = rollingUpdate;
  const errors: FieldError[] = [];
  for (const [name, value] of [
    ['maxUnavailable', maxUnavailable],
    ['maxSurge', maxSurge],
  ] as const) {
    errors.push(...numberOrPercentErrors(`${field}.${name}`, value), ...atMostAllErrors(`${field}.${name}`, value));
  }
  if (isZero(maxSurge) && isZero(maxUnavailable)) errors.push(required(`${field}.maxUnavailable`, 'cannot be 0 when maxSurge is 0'));
  if (!isZero(maxSurge) && !isZero(maxUnavailable))
    errors.push(invalid(`${field}.maxSurge`, maxSurge, 'may not be set when maxUnavailable is non-zero'));
  return errors;
}

function validate(object: KubeObject, old?: KubeObject): FieldError[] {
  const spec = (object as DaemonSet).spec ?? ({} as DaemonSetSpec);
  const { selector, template } = spec;
  return [
    ...(old === undefined ? [] : immutable('spec.selector', selector, (old as DaemonSet).spec?.selector, shownSelector(selector))),
    ...labelSelectorErrors('spec.selector', selector),
    ...mismatchErrors(selector, template),
    ...(selector != null && isEmptySelector(selector) ? [invalid('spec.selector', {}, 'empty selector is invalid for daemonset')] : []),
    ...servingTemplateErrors(template, 'DaemonSet'),
    ...notNegative('spec.minReadySeconds', spec.minReadySeconds),
    ...updateStrategyErrors(spec),
    ...notNegative('spec.revisionHistoryLimit', spec.revisionHistoryLimit),
  ];
}

const counts = [
  'currentNumberScheduled',
  'numberMisscheduled',
  'desiredNumberScheduled',
  'numberReady',
  'observedGeneration',
  'updatedNumberScheduled',
  'numberAvailable',
  'numberUnavailable',
  'collisionCount',
];

function cells(object: KubeObject, context: TableContext): readonly Cell[] {
  const { spec, status } = object as DaemonSet;
  return [
    nameOf(object),
    status?.desiredNumberScheduled ?? 0,
    status?.currentNumberScheduled ?? 0,
    status?.numberReady ?? 0,
    status?.updatedNumberScheduled ?? 0,
    status?.numberAvailable ?? 0,
    labelsText(spec?.template?.spec?.nodeSelector),
    ageOf(object, context),
    ...containerCells(spec?.template?.spec),
    selectorText(spec?.selector),
  ];
}

export const daemonsets: KindDefinition = {
  group: 'apps',
  version: 'v1',
  resource: 'daemonsets',
  generation: true,
  strategy: {
    applyDefaults,
    ...preparingTemplate(['spec', 'template'], { prepareForCreate, prepareForUpdate }),
    prepareForStatusUpdate: (draft, old) => {
      annotationsOf(draft)[templateGeneration] = String(generationOf(old.metadata.annotations?.[templateGeneration]));
    },
    validate,
    validateStatusUpdate: (object, old) => {
      const now = (object as DaemonSet).status;
      return [...countErrors(now, counts), ...collisionErrors(now, (old as DaemonSet).status), ...metadataAgain(object, old)];
    },
    warnings: (object, old) => {
      const template = (object as DaemonSet).spec?.template;
      return old !== undefined && deepEqual(template, (old as DaemonSet).spec?.template) ? [] : templateWarnings(template);
    },
  },
  cells,
};
