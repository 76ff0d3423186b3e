// PodTemplates. https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-template-v1/
import type { PodTemplate } from '../../../openapi/types/core.v1.js';
import type { KindDefinition } from '../kind.js';
import { labelsText, nameOf } from '../printing/cells.js';
import { containerCells } from '../printing/workload-cells.js';
import { workloadDefaults } from './podspec/defaults.js';
import { dropDisabledTemplateFields } from './podspec/prepare.js';
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
    prepareForCreate: (draft) => dropDisabledTemplateFields(draft, ['template']),
    prepareForUpdate: (draft) => dropDisabledTemplateFields(draft, ['template']),
    warnings: (object) => {
      const { template } = object as PodTemplate;
      return podSpecWarnings('template.spec', template?.spec, template?.metadata, 'template.metadata');
    },
  },
  cells: (object) => {
    const { template } = object as PodTemplate;
    return [nameOf(object), ...containerCells(template?.spec), labelsText(template?.metadata?.labels)];
  },
};
