// ControllerRevisions. https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/controller-revision-v1/
import type { ControllerRevision } from '../../../openapi/types/apps.v1.js';
import { required, type FieldError } from '../../apimachinery/errors/field-error.js';
import { isRecord, type KubeObject } from '../../apimachinery/object.js';
import type { Cell, KindDefinition, TableContext } from '../kind.js';
import { ageOf, nameOf } from '../printing/cells.js';
import { immutable, notNegative } from '../rules/fields.js';

function validate(object: KubeObject): readonly FieldError[] {
  return notNegative('revision', (object as ControllerRevision).revision);
}

function dataErrors(object: KubeObject): readonly FieldError[] {
  const { data } = object as ControllerRevision;
  if (data === undefined || data === null) return [required('data', 'data is mandatory')];
  return isRecord(data) ? [] : [required('data', 'data must be a valid JSON object')];
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
    validate: (object, old) => [...validate(object), ...(old === undefined ? dataErrors(object) : [])],
    validateUpdate: (object, old) => [...immutable('data', (object as ControllerRevision).data, (old as ControllerRevision).data)],
  },
  cells,
};
