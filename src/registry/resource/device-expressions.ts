// The CEL expressions that choose devices: what they may refer to, and what is said of one that cannot be used.
// https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/#deviceclass
import { compileExpression } from '../../apimachinery/cel/compile.js';
import { createEnvironment, type Environment } from '../../apimachinery/cel/environment.js';
import { kubernetesLibraries } from '../../apimachinery/cel/library/libraries.js';
import { library } from '../../apimachinery/cel/library/overload.js';
import { bindMacros } from '../../apimachinery/cel/syntax/macro.js';
import {
  boolType,
  dynType,
  formatType,
  mapType,
  objectType,
  opaqueType,
  stringType,
  type CelType,
  type ObjectField,
} from '../../apimachinery/cel/types.js';
import { fieldForbidden, invalid } from '../../apimachinery/errors/field-error.js';
import type { Errors } from '../rules/fields.js';

/** What one evaluation may cost. */
export const deviceExpressionCost = 1_000_000;
/** Domains, and names in each: a device has no more attributes and capacities than this. */
const mostNames = 32;
const longestDomain = 63;
const longestValue = 64;

const field = (jsonName: string, type: CelType): readonly [string, ObjectField] => [jsonName, { jsonName, type, required: true }];

/** Makes the environment with one variable, `device`; it is immutable. */
export function createDeviceEnvironment(): Environment {
  const limited = (value: CelType): CelType => ({
    ...mapType({ ...stringType, maxElements: longestDomain }, value),
    maxElements: mostNames,
  });
  const anything: CelType = { ...dynType, name: 'google.protobuf.Any', maxElements: longestValue };
  const device = objectType({
    name: 'kubernetes.DRADevice',
    fields: new Map([
      field('driver', { ...stringType, maxElements: longestDomain }),
      field('allowMultipleAllocations', boolType),
      field('attributes', limited(limited(anything))),
      field('capacity', limited(limited(opaqueType('kubernetes.Quantity')))),
    ]),
  });
  return createEnvironment({ variables: { device }, libraries: [...kubernetesLibraries(), library([], bindMacros)] });
}

/** Made with the first expression: most clusters have no devices. */
let environment: Environment | undefined;

/** An expression must compile, say yes or no, and not cost too much. */
export function deviceExpressionErrors(path: string, expression: string): Errors {
  const compiled = compileExpression(expression, (environment ??= createDeviceEnvironment()));
  if (!compiled.ok) {
    // Of nothing there is no place to point at.
    const why = expression === '' ? compiled.errors.split('\n')[0]!.replace(':1:1:', ':1:0:') : compiled.errors;
    return [invalid(path, expression, `compilation failed: ${why}`)];
  }
  const type = compiled.program.outputType.kind === 'null' ? 'null_type' : formatType(compiled.program.outputType);
  if (type !== 'bool' && type !== 'google.protobuf.Any')
    return [invalid(path, expression, `must evaluate to bool or the unknown type, not ${type}`)];
  return compiled.program.estimateCost().max > deviceExpressionCost ? [fieldForbidden(path, 'too complex, exceeds cost limit')] : [];
}
