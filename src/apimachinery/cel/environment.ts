// What an expression may refer to: variables with their types, libraries, declared object types.

import { kubernetesLibraries } from './library/libraries.js';
import type { Library } from './library/overload.js';
import type { CelType } from './types.js';
import {
  boolType,
  bytesType,
  doubleType,
  durationType,
  intType,
  listType,
  dynType,
  mapType,
  nullType,
  stringType,
  timestampType,
  typeType,
  uintType,
} from './types.js';
import type { FunctionDeclaration, Macro } from './library/overload.js';

/** What `createEnvironment` takes. */
export interface EnvironmentOptions {
  /** The variables, such as `self` and `oldSelf`, or `object`, `params` and `request`. */
  readonly variables?: Readonly<Record<string, CelType>>;
  /** Absent: what every expression of Kubernetes 1.36 may use (`kubernetesLibraries()`). */
  readonly libraries?: readonly Library[];
  /** Object types that expressions may construct (`Object{…}`, `JSONPatch{…}`), by the name they write; a function where the names are endless. */
  readonly objects?: Readonly<Record<string, CelType>> | ((name: string) => CelType | undefined);
  /** The container of the CEL specification, a name that unqualified names are looked up in; '' in Kubernetes. */
  readonly container?: string;
  /** `cel`: the language alone, as its own test cases have it, without the checks and restrictions that Kubernetes adds. Absent: `kubernetes`. */
  readonly dialect?: 'kubernetes' | 'cel';
}

/** Compiled from options once, used for many expressions; immutable. */
export interface Environment {
  readonly variables: ReadonlyMap<string, CelType>;
  readonly objects: { get(name: string): CelType | undefined };
  readonly container: string;
  readonly dialect: 'kubernetes' | 'cel';
  /** Types are not checked: every mistake is one of the evaluation. For CEL's own cases. */
  readonly unchecked?: boolean;
  readonly functions: ReadonlyMap<string, FunctionDeclaration>;
  /** By `name:receiver:arguments`, as `macroKey` writes it. */
  readonly macros: ReadonlyMap<string, Macro>;
  /** Names of types that stand for values: `int`, `list`, `google.protobuf.Timestamp`. */
  readonly typeNames: ReadonlyMap<string, CelType>;
}

const builtInTypes: readonly (readonly [string, CelType])[] = [
  ['bool', boolType],
  ['bytes', bytesType],
  ['double', doubleType],
  ['google.protobuf.Duration', durationType],
  ['google.protobuf.Timestamp', timestampType],
  ['int', intType],
  ['list', listType(dynType)],
  ['map', mapType(dynType, dynType)],
  ['null_type', nullType],
  ['string', stringType],
  ['type', typeType()],
  ['uint', uintType],
];

/** Makes an environment. Later libraries add overloads to functions of earlier ones. */
export function createEnvironment(options: EnvironmentOptions = {}): Environment {
  const functions = new Map<string, FunctionDeclaration>();
  const macros = new Map<string, Macro>();
  const typeNames = new Map<string, CelType>(builtInTypes);
  for (const library of options.libraries ?? kubernetesLibraries()) {
    for (const declared of library.functions) {
      const known = functions.get(declared.name);
      functions.set(
        declared.name,
        known === undefined ? declared : { name: declared.name, overloads: [...known.overloads, ...declared.overloads] },
      );
    }
    for (const [key, macro] of library.macros) macros.set(key, macro);
    for (const type of library.types) typeNames.set(type.name, type);
  }
  return {
    variables: new Map(Object.entries(options.variables ?? {})),
    objects: typeof options.objects === 'function' ? { get: options.objects } : new Map(Object.entries(options.objects ?? {})),
    container: options.container ?? '',
    dialect: options.dialect ?? 'kubernetes',
    functions,
    macros,
    typeNames,
  };
}

/** The same environment with other or more variables; cheap, so that every node of a schema may have one of its own. */
export function withVariables(environment: Environment, variables: Readonly<Record<string, CelType>>): Environment {
  return { ...environment, variables: new Map([...environment.variables, ...Object.entries(variables)]) };
}
