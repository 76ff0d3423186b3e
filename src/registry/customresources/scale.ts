// The scale subresource of a custom resource: where its numbers are, and what they may be.
// https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#scale-subresource
import type { CustomResourceSubresourceScale } from '../../../openapi/types/apiextensions.v1.js';
import { invalid, type FieldError } from '../../apimachinery/errors/field-error.js';
import { isRecord } from '../../apimachinery/object.js';
import type { ScalePaths } from '../kind.js';

/** `.spec.replicas` as steps. */
function stepsOf(path: string | undefined): readonly string[] {
  return path === undefined || path === '' ? [] : path.replace(/^\./, '').split('.');
}

export function scalePathsOf(scale: CustomResourceSubresourceScale | undefined): ScalePaths | undefined {
  if (scale === undefined) return undefined;
  return {
    spec: stepsOf(scale.specReplicasPath),
    status: stepsOf(scale.statusReplicasPath),
    selector: stepsOf(scale.labelSelectorPath),
  };
}

/** How the real server's language prints a value and its type. */
function goValue(value: unknown): string {
  if (Array.isArray(value)) return `[${(value as readonly unknown[]).map(goValue).join(' ')}]`;
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (!isRecord(value)) return '<nil>';
  return `map[${Object.keys(value)
    .sort()
    .map((key) => `${key}:${goValue(value[key])}`)
    .join(' ')}]`;
}

function goType(value: unknown): string {
  if (Array.isArray(value)) return '[]interface {}';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int64' : 'float64';
  if (typeof value === 'boolean') return 'bool';
  if (value === null) return '<nil>';
  return typeof value === 'string' ? 'string' : 'map[string]interface {}';
}

/** Why a number of replicas cannot be read or is none; undefined when it can, or is absent. */
export function replicasError(object: unknown, path: readonly string[]): FieldError | undefined {
  const field = `.${path.join('.')}`;
  let value: unknown = object;
  for (const [at, step] of path.entries()) {
    if (value === undefined) return undefined;
    if (!isRecord(value)) {
      const where = path.slice(0, at + 1).join('.');
      return invalid(
        field,
        0,
        `.${where} accessor error: ${goValue(value)} is of the type ${goType(value)}, expected map[string]interface{}`,
      );
    }
    value = Object.hasOwn(value, step) ? value[step] : undefined;
  }
  if (value === undefined) return undefined;
  if (typeof value !== 'number' || !Number.isInteger(value)) {
    return invalid(field, 0, `${field} accessor error: ${goValue(value)} is of the type ${goType(value)}, expected int64`);
  }
  if (value < 0) return invalid(field, value, 'should be a non-negative integer');
  return value > 2 ** 31 - 1 ? invalid(field, value, `should be less than or equal to ${2 ** 31 - 1}`) : undefined;
}
