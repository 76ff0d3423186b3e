// What flow schemas and priority levels have in common: their status.
import type { FlowSchemaCondition } from '../../../openapi/types/flowcontrol.v1.js';
import { duplicate, required } from '../../apimachinery/errors/field-error.js';
import type { Draft } from '../../apimachinery/object.js';
import { each, type Errors } from '../rules/fields.js';

/** A write of the status leaves all else alone, metadata included. */
export const statusResetFields = { 'f:metadata': {}, 'f:spec': {} } as const;

/** Each type of condition once. */
export function conditionErrors(conditions: readonly Draft<FlowSchemaCondition>[] | undefined): Errors {
  const types = new Set<string>();
  return each('status.conditions', conditions, (field, { type = '' }) => {
    const errors: Errors[number][] = [];
    if (types.has(type)) errors.push(duplicate(`${field}.type`, type));
    types.add(type);
    if (type === '') errors.push(required(`${field}.type`));
    return errors;
  });
}
