// DaemonSets. https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/daemon-set-v1/
import type { DaemonSet, DaemonSetSpec } from '../../../openapi/types/apps.v1.js';
import { deepEqual } from '../../apimachinery/equality.js';
import { invalid, notSupported, required, type FieldError } from '../../apimachinery/errors/field-error.js';
import { isRecord, type KubeObject, type Mutable } from '../../apimachinery/object.js';
import { workloadDefaults } from '../core/podspec/defaults.js';
import { isEmptySelector, mismatchErrors, servingTemplateErrors, shownSelector } from '../core/podspec/template.js';
import { podSpecWarnings } from '../core/podspec/warnings.js';
import type { Cell, KindDefinition, TableContext } from '../kind.js';
import { ageOf, labelsText, nameOf } from '../printing/cells.js';
import { containerCells, selectorText } from '../printing/workload-cells.js';
import { immutable, notNegative } from '../rules/fields.js';
import { labelSelectorErrors } from '../rules/selectors.js';
import { keepField } from '../rules/status.js';
import { atMostAllErrors, collisionErrors, countErrors, isZero, numberOrPercentErrors } from './counts.js';

/** Kept for clients of the old API. */
const templateGeneration = 'deprecated.daemonset.template.generation';

const rolling = (strategy: Mutable): boolean => strategy['type'] === undefined || strategy['type'] === 'RollingUpdate';

const applyDefaults = workloadDefaults([
  ['spec.revisionHistoryLimit', 10],
  ['spec.updateStrategy', () => ({})],
  ['spec.updateStrategy.type', 'RollingUpdate'],
  ['spec.updateStrategy.rollingUpdate', (strategy) => (rolling(strategy) ? {} : undefined)],
  ['spec.updateStrategy.rollingUpdate.maxUnavailable', 1],
  ['spec.updateStrategy.rollingUpdate.maxSurge', 0],
]);

function setTemplateGeneration(draft: Mutable, generation: number): void {
  const metadata = draft['metadata'];
  if (!isRecord(metadata)) return;
  metadata['annotations'] = {
    ...(isRecord(metadata['annotations']) ? metadata['annotations'] : {}),
    [templateGeneration]: String(generation),
  };
}

function templateGenerationOf(object: KubeObject): number {
  const generation = Number(object.metadata.annotations?.[templateGeneration] ?? 0);
  return Number.isSafeInteger(generation) ? generation : 0;
}

function prepareForCreate(draft: Mutable): void {
  draft['status'] = { currentNumberScheduled: 0, numberMisscheduled: 0, desiredNumberScheduled: 0, numberReady: 0 };
  setTemplateGeneration(draft, 1);
}

function prepareForUpdate(draft: Mutable, old: KubeObject): void {
  keepField(draft, old, 'status');
  const template = (draft as unknown as DaemonSet).spec?.template;
  const before = templateGenerationOf(old);
  setTemplateGeneration(draft, deepEqual(template, (old as DaemonSet).spec?.template) ? before : before + 1);
}

const types = ['RollingUpdate', 'OnDelete'];

function updateStrategyErrors({ updateStrategy }: DaemonSetSpec): FieldError[] {
  const { type, rollingUpdate } = updateStrategy ?? {};
  if (type === 'OnDelete') return [];
  if (type !== 'RollingUpdate')
    return [notSupported('spec.updateStrategy', { Type: type ?? '', RollingUpdate: rollingUpdate ?? null }, types)];
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

function validate(object: KubeObject): FieldError[] {
  const spec = (object as DaemonSet).spec ?? ({} as DaemonSetSpec);
  const { selector, template } = spec;
  return [
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
    prepareForCreate,
    prepareForUpdate,
    validate,
    validateUpdate: (object, old) => [
      ...immutable(
        'spec.selector',
        (object as DaemonSet).spec?.selector,
        (old as DaemonSet).spec?.selector,
        shownSelector((object as DaemonSet).spec?.selector),
      ),
    ],
    validateStatusUpdate: (object, old) => {
      const now = (object as DaemonSet).status;
      return [...countErrors(now, counts), ...collisionErrors(now, (old as DaemonSet).status)];
    },
    warnings: (object) => podSpecWarnings('spec.template.spec', (object as DaemonSet).spec?.template?.spec),
  },
  cells,
};
