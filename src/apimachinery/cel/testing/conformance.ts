// Plays cases of @bufbuild/cel-spec; for tests.

import type { Type } from '@bufbuild/cel-spec/cel/expr/checked_pb.js';
import type { Value } from '@bufbuild/cel-spec/cel/expr/value_pb.js';
import type { IncrementalTest } from '@bufbuild/cel-spec/testdata/tests.js';
import { getTestRegistry } from '@bufbuild/cel-spec/testdata/registry.js';
import type { Any } from '@bufbuild/protobuf/wkt';
import { anyUnpack } from '@bufbuild/protobuf/wkt';
import { compileExpression } from '../compile.js';
import { createEnvironment } from '../environment.js';
import { celLibraries } from '../library/libraries.js';
import type { CelType } from '../types.js';
import * as types from '../types.js';
import { equalValues } from '../values/compare.js';
import type { CelValue } from '../values/value.js';
import * as values from '../values/value.js';

/** Cases that need what Kubernetes' CEL has not, by a part of their path or text, and why. */
const leftOut: readonly (readonly [RegExp, string])[] = [
  [/^conformance\/(proto2|proto3|proto2_ext|enums|wrappers|dynamic)\//, 'protocol buffers: messages, enums, wrappers, Any'],
  [/TestAllTypes|NestedTestAllTypes|GlobalEnum|proto\.(has|get)Ext/, 'protocol buffers: messages, enums, wrappers, Any'],
  [
    /google\.protobuf\.(Any|Struct|Value|ListValue|\w+Value|FieldMask|Empty|NullValue|Timestamp ?\{|Duration ?\{)/,
    'protocol buffers: messages, enums, wrappers, Any',
  ],
  [
    /^conformance\/type_deductions\/.*(function_result_type|multiple_parameters)/,
    'functions that the case declares without saying what they do',
  ],
];

/** Why a case is not played; undefined: it is. */
export function whyLeftOut(path: string, { original }: IncrementalTest): string | undefined {
  for (const [pattern, reason] of leftOut) if (pattern.test(path) || pattern.test(original.expr)) return reason;
  if (/TestAllTypes/.test(JSON.stringify(original.typeEnv, bigints)) || /TestAllTypes/.test(original.container)) {
    return 'protocol buffers: messages, enums, wrappers, Any';
  }
  return undefined;
}

function bigints(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}

const primitives = [types.dynType, types.boolType, types.intType, types.uintType, types.doubleType, types.stringType, types.bytesType];
const wellKnown = [types.dynType, types.dynType, types.timestampType, types.durationType];

function typeFrom(type: Type | undefined): CelType {
  const kind = type?.typeKind;
  switch (kind?.case) {
    case 'primitive':
      return primitives[kind.value] ?? types.dynType;
    case 'wrapper':
      return types.wrapperType(primitives[kind.value] ?? types.dynType);
    case 'wellKnown':
      return wellKnown[kind.value] ?? types.dynType;
    case 'null':
      return types.nullType;
    case 'listType':
      return types.listType(typeFrom(kind.value.elemType));
    case 'mapType':
      return types.mapType(typeFrom(kind.value.keyType), typeFrom(kind.value.valueType));
    case 'typeParam':
      return types.paramType(kind.value);
    case 'type':
      return types.typeType(typeFrom(kind.value));
    case 'abstractType':
      return types.opaqueType(kind.value.name, ...kind.value.parameterTypes.map(typeFrom));
    case 'messageType': {
      const name = kind.value;
      if (name === 'google.protobuf.Timestamp') return types.timestampType;
      if (name === 'google.protobuf.Duration') return types.durationType;
      return types.objectType({ name, fields: new Map() });
    }
    default:
      return types.dynType;
  }
}

function valueFrom({ kind }: Value): CelValue {
  switch (kind.case) {
    case 'boolValue':
    case 'int64Value':
    case 'doubleValue':
    case 'stringValue':
    case 'bytesValue':
      return kind.value;
    case 'uint64Value':
      return new values.UintValue(kind.value);
    case 'listValue':
      return new values.ArrayList(kind.value.values.map(valueFrom));
    case 'mapValue':
      return new values.EntriesMap(
        new Map(
          kind.value.entries.map(({ key, value }) => {
            const one = key === undefined ? null : valueFrom(key);
            return [values.keyOf(one) ?? '', [one, value === undefined ? null : valueFrom(value)]] as const;
          }),
        ),
      );
    case 'typeValue':
      return new values.TypeValue(kind.value);
    case 'objectValue':
      return messageValue(kind.value);
    default:
      return null;
  }
}

function messageValue(any: Any): CelValue {
  const message = anyUnpack(any, getTestRegistry());
  const fields: Readonly<Record<string, unknown>> = { ...message };
  const { seconds, nanos } = fields;
  const nanoseconds = (typeof seconds === 'bigint' ? seconds : 0n) * 1_000_000_000n + BigInt(typeof nanos === 'number' ? nanos : 0);
  if (message?.$typeName === 'google.protobuf.Timestamp') return new values.TimestampValue(nanoseconds);
  if (message?.$typeName === 'google.protobuf.Duration') return new values.DurationValue(nanoseconds);
  throw new Error(`a message: ${any.typeUrl}`);
}

/** undefined when the answer is the expected one; else what is wrong. */
export function playCase({ original }: IncrementalTest): string | undefined {
  const environment = createEnvironment({
    container: original.container,
    libraries: celLibraries(),
    dialect: 'cel',
    variables: Object.fromEntries(
      original.typeEnv.flatMap(({ name, declKind }) => (declKind.case === 'ident' ? [[name, typeFrom(declKind.value.type)] as const] : [])),
    ),
  });
  const variables = { ...environment, variables: new Map([...environment.variables]) };
  for (const name of Object.keys(original.bindings)) if (!variables.variables.has(name)) variables.variables.set(name, types.dynType);
  const compiled = compileExpression(original.expr, original.disableCheck ? { ...variables, unchecked: true } : variables);
  const expected = original.resultMatcher;
  const wantsError = expected.case === 'evalError' || expected.case === 'anyEvalErrors';
  if (!compiled.ok) return wantsError ? undefined : compiled.errors;
  if (expected.case === 'typedResult') {
    const wanted = types.formatType(typeFrom(expected.value.deducedType));
    const found = types.formatType(compiled.program.outputType);
    if (expected.value.deducedType !== undefined && wanted !== found) return `type ${found}, not ${wanted}`;
  }
  if (original.checkOnly) return undefined;
  const activation: Record<string, unknown> = {};
  for (const [name, { kind }] of Object.entries(original.bindings)) if (kind.case === 'value') activation[name] = valueFrom(kind.value);
  const result = compiled.program.evaluate(activation);
  if (!result.ok) return wantsError ? undefined : `error ${result.error}`;
  if (wantsError) return `no error but ${show(result.value)}`;
  const wanted =
    expected.case === 'value'
      ? valueFrom(expected.value)
      : expected.case === 'typedResult' && expected.value.result
        ? valueFrom(expected.value.result)
        : true;
  return same(result.value, wanted) ? undefined : `${show(result.value)}, not ${show(wanted)}`;
}

/** Equal, and of the same type; NaN is NaN. */
function same(left: CelValue, right: CelValue): boolean {
  if (typeof left === 'number' && typeof right === 'number') return Object.is(left, right) || left === right;
  return values.typeNameOf(left) === values.typeNameOf(right) && equalValues(left, right);
}

function show(value: CelValue): string {
  if (value instanceof values.ListValue) return `[${value.items().map(show).join(', ')}]`;
  if (value instanceof values.MapValue)
    return `{${value
      .keys()
      .map((key) => `${show(key)}: ${show(value.get(key) ?? null)}`)
      .join(', ')}}`;
  return `${values.typeNameOf(value)} ${typeof value === 'object' ? JSON.stringify(value, bigints) : String(value)}`;
}
