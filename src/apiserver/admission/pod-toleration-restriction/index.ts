// PodTolerationRestriction: the tolerations that a namespace, or the cluster, gives to pods, and those that it lets them have.
// https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#podtolerationrestriction
import type { PodSpec, Toleration } from '../../../../openapi/types/core.v1.js';
import { parseJson } from '../../../apimachinery/codec/json.js';
import { isRecord, type KubeObject } from '../../../apimachinery/object.js';
import { qosClassOf } from '../../../registry/core/podspec/resources.js';
import type { Registry } from '../../../registry/index.js';
import type { Storages } from '../../core/resource-storage.js';
import type { AdmissionPlugin, AdmissionRequest } from '../chain.js';
import { changeSpec, isPodWrite, namespaceReader, plainError, specOf } from '../pod-requests.js';
import type { TolerationRestriction } from './configuration.js';
import { includes, mergeTolerations } from './tolerations.js';

const defaultsAnnotation = 'scheduler.alpha.kubernetes.io/defaultTolerations';
const whitelistAnnotation = 'scheduler.alpha.kubernetes.io/tolerationsWhitelist';
/** Pods that ask for resources stay where memory is short. */
const memoryPressure: Toleration = { key: 'node.kubernetes.io/memory-pressure', operator: 'Exists', effect: 'NoSchedule' };

/** Adds tolerations to new pods; refuses pods with others than are allowed, with a 500 as the real server does. */
export function podTolerationRestriction(registry: Registry, storages: Storages, config: TolerationRestriction): AdmissionPlugin {
  const namespaceOf = namespaceReader(registry, storages);
  const check = (namespace: KubeObject, tolerations: readonly Toleration[]): void => {
    if (tolerations.length === 0) return;
    const own = annotated(namespace, whitelistAnnotation);
    const whitelist = own ?? config.whitelist;
    if (whitelist.length === 0 || tolerations.every((one) => whitelist.some((wide) => includes(wide, one)))) return;
    const whose = own === undefined ? 'cluster' : 'namespace';
    throw plainError(`pod tolerations (possibly merged with namespace default tolerations) conflict with its ${whose} whitelist`);
  };
  return {
    name: 'PodTolerationRestriction',
    handles: isPodWrite,
    admit: async (request) => {
      const namespace = await namespaceOf(request.namespace);
      const given = request.operation === 'CREATE' ? (annotated(namespace, defaultsAnnotation) ?? config.defaults) : [];
      const spec = specOf(request) as unknown as PodSpec | undefined;
      const more = spec !== undefined && qosClassOf(spec) !== 'BestEffort' ? [...given, memoryPressure] : given;
      if (more.length > 0) {
        const own = tolerationsOf(request);
        const merged = mergeTolerations(own, more);
        if (merged.length !== own.length || merged.some((one, index) => one !== own[index])) changeSpec(request, { tolerations: merged });
      }
      check(namespace, tolerationsOf(request));
    },
    // Others may have changed the pod meanwhile.
    validate: async (request) => check(await namespaceOf(request.namespace), tolerationsOf(request)),
  };
}

function tolerationsOf(request: AdmissionRequest): readonly Toleration[] {
  return (specOf(request)?.['tolerations'] ?? []) as readonly Toleration[];
}

/** The tolerations in an annotation, none for an empty one; undefined when it is not there. Throws 500 when it is no list of tolerations. */
function annotated({ metadata }: KubeObject, name: string): readonly Toleration[] | undefined {
  const text = metadata.annotations?.[name];
  if (text === undefined) return undefined;
  if (text === '') return [];
  let value: unknown;
  try {
    value = parseJson(Buffer.from(text));
  } catch (error) {
    throw plainError((error as Error).message);
  }
  if (value === null) return [];
  if (!Array.isArray(value)) throw plainError(`json: cannot unmarshal ${jsonType(value)} into Go value of type []v1.Toleration`);
  return value.map(tolerationOf);
}

function tolerationOf(value: unknown): Toleration {
  if (!isRecord(value)) throw plainError(`json: cannot unmarshal ${jsonType(value)} into Go value of type v1.Toleration`);
  const found: Record<string, unknown> = {};
  for (const name of ['key', 'operator', 'value', 'effect', 'tolerationSeconds'] as const) {
    const one = value[name];
    if (one === undefined || one === null || one === '') continue;
    const isNumber = name === 'tolerationSeconds';
    if (isNumber ? !Number.isInteger(one) : typeof one !== 'string') {
      const type = {
        key: 'string',
        operator: 'v1.TolerationOperator',
        value: 'string',
        effect: 'v1.TaintEffect',
        tolerationSeconds: 'int64',
      };
      throw plainError(`json: cannot unmarshal ${jsonType(one)} into Go struct field Toleration.${name} of type ${type[name]}`);
    }
    found[name] = one;
  }
  return found;
}

function jsonType(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}
