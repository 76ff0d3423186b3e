// The selectors of devices in CEL.
// https://kubernetes.io/docs/reference/using-api/cel/ and https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/#deviceclass
import { compileExpression, type Program } from '../../apimachinery/cel/compile.js';
import { createEnvironment, type Environment } from '../../apimachinery/cel/environment.js';
import { stringType } from '../../apimachinery/cel/types.js';
import { MapValue, type CelValue } from '../../apimachinery/cel/values/value.js';
import type { DeviceAttribute, DeviceCapacity } from '../../../openapi/types/resource.v1.js';
import { createDeviceEnvironment, deviceExpressionCost } from '../../registry/resource/device-expressions.js';
import type { DeviceSelectorEvaluator, SelectableDevice } from '../framework.js';

/** So many compiled expressions are kept; what is asked for again is compiled again. */
const mostPrograms = 1000;

/** A map whose values are made already. */
class MadeMap extends MapValue {
  constructor(
    private readonly entries: ReadonlyMap<string, CelValue>,
    /** What a key that is not there gives; absent: an error of the expression. */
    private readonly absent?: CelValue,
  ) {
    super();
  }

  get size(): number {
    return this.entries.size;
  }

  get(key: CelValue): CelValue | undefined {
    return typeof key === 'string' ? (this.entries.get(key) ?? this.absent) : undefined;
  }

  has(key: CelValue): boolean {
    return typeof key === 'string' && this.entries.has(key);
  }

  keys(): readonly CelValue[] {
    return [...this.entries.keys()];
  }
}

const noNames = new MadeMap(new Map());

/** By the domain of the names, then by the name in it. A name without a domain is in the driver's; a domain that a device does not have is empty. */
function byDomain(driver: string, values: Readonly<Record<string, unknown>>, convert: (value: unknown) => CelValue): MapValue {
  const domains = new Map<string, Map<string, CelValue>>();
  for (const [qualified, value] of Object.entries(values)) {
    const slash = qualified.indexOf('/');
    const domain = slash < 0 ? driver : qualified.slice(0, slash);
    const names = domains.get(domain) ?? new Map<string, CelValue>();
    domains.set(domain, names.set(qualified.slice(slash + 1), convert(value)));
  }
  return new MadeMap(new Map([...domains].map(([domain, names]) => [domain, new MadeMap(names)])), noNames);
}

/** Makes the evaluator; it keeps what it has compiled. */
export function createDeviceSelectors(): DeviceSelectorEvaluator {
  const programs = new Map<string, Program>();
  // Made with the first selector: most clusters have no devices.
  let environments: Readonly<Record<'ofDevice' | 'ofText', Environment>> | undefined;
  const environment = (name: 'ofDevice' | 'ofText'): Environment => {
    environments ??= { ofDevice: createDeviceEnvironment(), ofText: createEnvironment({ variables: { text: stringType } }) };
    return environments[name];
  };

  const compiled = (expression: string, where: 'ofDevice' | 'ofText'): Program => {
    let program = programs.get(expression);
    if (program === undefined) {
      const compilation = compileExpression(expression, environment(where));
      if (!compilation.ok) throw new Error(`CEL compilation error: ${compilation.errors}`);
      program = compilation.program;
      if (programs.size >= mostPrograms) programs.clear();
      programs.set(expression, program);
    }
    return program;
  };
  const run = (program: Program, activation: Readonly<Record<string, unknown>>): CelValue => {
    const result = program.evaluate(activation, { remaining: deviceExpressionCost });
    if (!result.ok) throw new Error(`CEL runtime error: ${result.error}`);
    return result.value;
  };
  /** The value of a type that only expressions can make. */
  const made = (call: 'quantity' | 'semver', text: string): CelValue => run(compiled(`${call}(text)`, 'ofText'), { text });
  const attribute = (value: unknown): CelValue => {
    const { string, int, bool, version } = value as DeviceAttribute;
    return version === undefined ? (string ?? bool ?? (int === undefined ? null : BigInt(int))) : made('semver', version);
  };
  const capacity = (value: unknown): CelValue => made('quantity', String((value as DeviceCapacity).value));

  const seenAs = ({ driver, attributes, capacity: capacities, allowMultipleAllocations }: SelectableDevice): unknown => ({
    driver,
    allowMultipleAllocations,
    attributes: byDomain(driver, attributes, attribute),
    capacity: byDomain(driver, capacities, capacity),
  });
  return (expression, one) => run(compiled(expression, 'ofDevice'), { device: seenAs(one) }) === true;
}
