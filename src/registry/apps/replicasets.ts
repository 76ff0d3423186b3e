// ReplicaSets. https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/replica-set-v1/
import type { ReplicaSet } from '../../../openapi/types/apps.v1.js';
import type { FieldError } from '../../apimachinery/errors/field-error.js';
import type { KubeObject } from '../../apimachinery/object.js';
import { workloadDefaults } from '../core/podspec/defaults.js';
import { preparingTemplate } from '../core/podspec/prepare.js';
import { selectedTemplateErrors, selectorErrors, shownSelector } from '../core/podspec/template.js';
import { hostNameWarnings } from '../core/podspec/warnings.js';
import type { Cell, KindDefinition, TableContext } from '../kind.js';
import { ageOf, nameOf } from '../printing/cells.js';
import { containerCells, selectorText } from '../printing/workload-cells.js';
import { immutable, notNegative } from '../rules/fields.js';
import { metadataAgain } from '../rules/metadata.js';
import { statusHooks } from '../rules/status.js';
import { countErrors, partErrors, type Counts } from './counts.js';
import { changesContent, templateWarnings } from './warnings.js';

function validate(object: KubeObject): FieldError[] {
  const { spec } = object as ReplicaSet;
  return [
    ...notNegative('spec.replicas', spec?.replicas),
    ...notNegative('spec.minReadySeconds', spec?.minReadySeconds),
    ...selectorErrors(spec?.selector, 'deployment'),
    ...selectedTemplateErrors(spec?.selector, spec?.template, 'ReplicaSet'),
  ];
}

const counts = ['replicas', 'fullyLabeledReplicas', 'readyReplicas', 'availableReplicas', 'observedGeneration', 'terminatingReplicas'];

/** The rules of the counts of replica sets and replication controllers. */
export function replicaCountErrors(status: Counts | undefined): FieldError[] {
  return [
    ...countErrors(status, counts),
    ...partErrors(status, ['fullyLabeledReplicas', 'readyReplicas', 'availableReplicas'], 'replicas'),
    ...partErrors(status, ['availableReplicas'], 'readyReplicas', 'readyReplicas'),
  ];
}

/** The row of replica sets and replication controllers; `selector` is its text. */
export function replicaCells(object: KubeObject, context: TableContext, selector: string): readonly Cell[] {
  const { spec, status } = object as ReplicaSet;
  return [
    nameOf(object),
    spec?.replicas ?? 0,
    status?.replicas ?? 0,
    status?.readyReplicas ?? 0,
    ageOf(object, context),
    ...containerCells(spec?.template?.spec),
    selector,
  ];
}

export const replicasets: KindDefinition = {
  group: 'apps',
  version: 'v1',
  resource: 'replicasets',
  generation: true,
  scale: { spec: ['spec', 'replicas'], status: ['status', 'replicas'], selector: ['spec', 'selector'] },
  strategy: {
    applyDefaults: workloadDefaults([['spec.replicas', 1]]),
    ...preparingTemplate(
      ['spec', 'template'],
      statusHooks(() => ({ replicas: 0 })),
    ),
    validate,
    validateUpdate: (object, old) => [
      ...immutable(
        'spec.selector',
        (object as ReplicaSet).spec?.selector,
        (old as ReplicaSet).spec?.selector,
        shownSelector((object as ReplicaSet).spec?.selector),
      ),
    ],
    validateStatusUpdate: (object, old) => [...replicaCountErrors((object as ReplicaSet).status), ...metadataAgain(object, old)],
    warnings: (object, old) => [
      ...(old === undefined ? hostNameWarnings(object.metadata.name, 'Pod names and hostnames') : []),
      ...(changesContent(object, old) ? templateWarnings((object as ReplicaSet).spec?.template) : []),
    ],
  },
  cells: (object, context) => replicaCells(object, context, selectorText((object as ReplicaSet).spec?.selector)),
};
