// PodTemplates. https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-template-v1/
import type { PodTemplate } from '../../../openapi/types/core.v1.js';
import type { KindDefinition } from '../kind.js';
import { labelsText, nameOf } from '../printing/cells.js';
import { containerCells } from '../printing/workload-cells.js';
import { workloadDefaults } from './podspec/defaults.js';
import { templateErrors } from './podspec/template.js';
import { podSpecWarnings } from './podspec/warnings.js';

export const podtemplates: KindDefinition = {
  group: '',
  version: 'v1',
  resource: 'podtemplates',
  generation: true,
  deleteReturnsObject: true,
  strategy: {
    applyDefaults: workloadDefaults([], 'template'),
    validate: (object) => templateErrors('template', (object as PodTemplate).template),
    warnings: (object) => podSpecWarnings('template.spec', (object as PodTemplate).template?.spec),
  },
  cells: (object) => {
    const { template } = object as PodTemplate;
    return [nameOf(object), ...containerCells(template?.spec), labelsText(template?.metadata?.labels)];
  },
};
