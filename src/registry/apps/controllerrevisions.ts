// ControllerRevisions. https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/controller-revision-v1/
import type { ControllerRevision } from '../../../openapi/types/apps.v1.js';
import { required, type FieldError } from '../../apimachinery/errors/field-error.js';
import { isRecord, type KubeObject } from '../../apimachinery/object.js';
import type { Cell, KindDefinition, TableContext } from '../kind.js';
import { ageOf, nameOf } from '../printing/cells.js';
import { immutable, notNegative } from '../rules/fields.js';

function validate(object: KubeObject): FieldError[] {
  const { data, revision } = object as ControllerRevision;
  const errors: FieldError[] = [];
  if (data === undefined || data === null) errors.push(required('data', 'data is mandatory'));
  else if (!isRecord(data)) errors.push(required('data', 'data must be a valid JSON object'));
  errors.push(...notNegative('revision', revision));
  return errors;
}

/** The owner as `daemonset.apps/name`. */
function controllerText({ metadata }: KubeObject): string {
  const owner = metadata.ownerReferences?.find(({ controller }) => controller === true);
  if (owner === undefined) return '<none>';
  const slash = owner.apiVersion.indexOf('/');
  const group = slash < 0 ? '' : `.${owner.apiVersion.slice(0, slash)}`;
  return `${owner.kind.toLowerCase()}${group}/${owner.name}`;
}

function cells(object: KubeObject, context: TableContext): readonly Cell[] {
  return [nameOf(object), controllerText(object), (object as ControllerRevision).revision ?? 0, ageOf(object, context)];
}

export const controllerrevisions: KindDefinition = {
  group: 'apps',
  version: 'v1',
  resource: 'controllerrevisions',
  strategy: {
    validate,
    validateUpdate: (object, old) => [...immutable('data', (object as ControllerRevision).data, (old as ControllerRevision).data)],
  },
  cells,
};
