// The operations of a JSON Patch that an expression constructed, as JSON.
import { toJson } from '../../../apimachinery/cel/values/json.js';
import {
  ListValue,
  MapValue,
  OpaqueValue,
  StructValue,
  TypeValue,
  UintValue,
  type CelValue,
} from '../../../apimachinery/cel/values/value.js';
import type { CompiledMutation } from '../../../registry/admissionregistration/mutation-programs.js';
import { PolicyProblem } from './params.js';
import { failureText } from './run.js';

/** Throws PolicyProblem for an operation or a value that has no JSON. */
export function operationsOf(mutation: CompiledMutation, value: CelValue): readonly unknown[] {
  if (!(value instanceof ListValue)) throw new PolicyProblem(failureText(mutation, 'no such overload'));
  const operations: unknown[] = [];
  for (let index = 0; index < value.size; index++) {
    const operation = value.at(index);
    if (!(operation instanceof MapValue)) throw new PolicyProblem(failureText(mutation, 'no such overload'));
    for (const field of ['op', 'path', 'from']) {
      const given = operation.has(field) ? operation.get(field) : undefined;
      if (given !== undefined && typeof given !== 'string')
        throw new PolicyProblem(failureText(mutation, `unexpected type ${nativeType(given)} for JSONPatchType '${field}' field`));
    }
    refuseUnmarshalable(operation.has('value') ? operation.get('value') : undefined);
    // Without an operation it is the empty one, which there is not.
    operations.push({ op: '', ...(withTexts(toJson(operation)) as object) });
  }
  return operations;
}

function nativeType(value: CelValue): string {
  switch (typeof value) {
    case 'bigint':
      return 'int64';
    case 'number':
      return 'float64';
    case 'boolean':
      return 'bool';
    default:
      return value instanceof UintValue ? 'uint64' : value === null ? 'structpb.NullValue' : 'map[ref.Val]ref.Val';
  }
}

function refuseUnmarshalable(value: CelValue | undefined): void {
  const refuse = (why: string): PolicyProblem =>
    new PolicyProblem(`JSONPath valueExpression evaluated to a type that could not marshal to JSON: ${why}`);
  if (value instanceof TypeValue) throw refuse("type conversion not supported for 'type'");
  if (value instanceof OpaqueValue)
    throw refuse(`type conversion error from '${value.type.name.slice(value.type.name.lastIndexOf('.') + 1)}' to '*structpb.Value'`);
  if (value instanceof StructValue && value.type.name === 'JSONPatch') throw refuse('cannot convert to native type: *structpb.Value');
  if (value instanceof ListValue) for (let index = 0; index < value.size; index++) refuseUnmarshalable(value.at(index));
  else if (value instanceof MapValue) for (const key of value.keys()) refuseUnmarshalable(value.get(key));
}

/** Integers that a JSON number cannot hold exactly are texts. */
function withTexts(json: unknown): unknown {
  if (typeof json === 'bigint') return json.toString();
  if (Array.isArray(json)) return json.map(withTexts);
  if (typeof json !== 'object' || json === null || !hasBigint(json)) return json;
  return Object.fromEntries(Object.entries(json).map(([name, value]) => [name, withTexts(value)]));
}

function hasBigint(json: unknown): boolean {
  return typeof json === 'bigint' || (typeof json === 'object' && json !== null && Object.values(json).some(hasBigint));
}
