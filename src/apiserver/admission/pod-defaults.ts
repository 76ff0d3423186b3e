// ServiceAccount, DefaultTolerationSeconds and Priority: what a new pod gets from the cluster it is in.
// https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/
import type { PriorityClass } from '../../../openapi/types/scheduling.v1.js';
import type { ServiceAccount } from '../../../openapi/types/core.v1.js';
import { ApiError, forbidden } from '../../apimachinery/errors/api-error.js';
import { isRecord, type Mutable } from '../../apimachinery/object.js';
import type { Random } from '../../clock/random.js';
import {
  addDefaultTolerations,
  mountServiceAccount,
  noPriorityClass,
  serviceAccountNameOf,
  setPriority,
  type PriorityFacts,
} from '../../registry/core/podspec/admission-defaults.js';
import type { Registry } from '../../registry/index.js';
import { textOf } from '../core/metadata.js';
import type { Storages } from '../core/resource-storage.js';
import type { AdmissionPlugin, AdmissionRequest } from './chain.js';

function isNewPod({ operation, kind, subresource }: AdmissionRequest): boolean {
  return operation === 'CREATE' && kind.resource === 'pods' && kind.group === '' && subresource === '';
}

function specOf({ object }: AdmissionRequest): Mutable | undefined {
  const spec = object?.['spec'];
  return isRecord(spec) ? spec : undefined;
}

export function serviceAccount(registry: Registry, storages: Storages, random: Random): AdmissionPlugin {
  return {
    name: 'ServiceAccount',
    handles: isNewPod,
    admit: async (request) => {
      const spec = specOf(request);
      // A static pod's mirror runs without an account.
      if (spec === undefined || isMirror(request)) return;
      const { kind, namespace } = request;
      const name = serviceAccountNameOf(spec);
      const entry = await storages.of(registry.byResource('', 'v1', 'serviceaccounts')!).get(namespace, name);
      if (entry === undefined) {
        throw forbidden(
          kind,
          request.name === '' ? 'Unknown' : request.name,
          `error looking up service account ${namespace}/${name}: serviceaccount ${JSON.stringify(name)} not found`,
        );
      }
      const account = entry.value as ServiceAccount;
      mountServiceAccount(
        spec,
        {
          name,
          ...(account.automountServiceAccountToken === undefined
            ? {}
            : { automountServiceAccountToken: account.automountServiceAccountToken }),
          ...(account.imagePullSecrets === undefined ? {} : { imagePullSecrets: account.imagePullSecrets }),
        },
        random,
      );
    },
  };
}

function isMirror({ object }: AdmissionRequest): boolean {
  const metadata = object?.['metadata'];
  const annotations = isRecord(metadata) ? metadata['annotations'] : undefined;
  return isRecord(annotations) && 'kubernetes.io/config.mirror' in annotations;
}

export const defaultTolerationSeconds: AdmissionPlugin = {
  name: 'DefaultTolerationSeconds',
  handles: isNewPod,
  admit: (request) => {
    const spec = specOf(request);
    if (spec !== undefined) addDefaultTolerations(spec);
  },
};

export function priority(registry: Registry, storages: Storages): AdmissionPlugin {
  const classes = () => storages.of(registry.byResource('scheduling.k8s.io', 'v1', 'priorityclasses')!);
  const named = async (request: AdmissionRequest, name: string): Promise<PriorityFacts> => {
    const entry = await classes().get('', name);
    if (entry === undefined) throw forbidden(request.kind, request.name, `no PriorityClass with name ${name} was found`);
    return factsOf(entry.value);
  };
  const ofDefault = async (): Promise<PriorityFacts> => {
    const { cache } = classes();
    await cache.fresh();
    const defaults = cache
      .list()
      .entries.map(({ value }) => value as PriorityClass)
      .filter(({ globalDefault }) => globalDefault === true);
    const lowest = defaults.sort((a, b) => (a.value ?? 0) - (b.value ?? 0))[0];
    return lowest === undefined ? noPriorityClass : factsOf(lowest);
  };
  return {
    name: 'Priority',
    handles: isNewPod,
    admit: async (request) => {
      const spec = specOf(request);
      if (spec === undefined) return;
      const name = spec['priorityClassName'];
      const facts = typeof name === 'string' && name !== '' ? await named(request, name) : await ofDefault();
      const given = spec['priority'];
      if (given !== undefined && given !== facts.value) {
        throw new ApiError(
          403,
          'Forbidden',
          forbidden(
            request.kind,
            request.name,
            `the integer value of priority (${JSON.stringify(given)}) must not be provided in pod spec; priority admission controller computed ${facts.value} from the given PriorityClass name`,
          ).message,
          {
            name: request.name,
            kind: 'pods',
          },
        );
      }
      const policy = spec['preemptionPolicy'];
      if (policy !== undefined && policy !== facts.preemptionPolicy) {
        throw forbidden(
          request.kind,
          request.name,
          `the string value of PreemptionPolicy (${textOf(policy)}) must not be provided in pod spec; priority admission controller computed ${facts.preemptionPolicy} from the given PriorityClass name`,
        );
      }
      setPriority(spec, facts);
    },
  };
}

function factsOf({ metadata, value, preemptionPolicy }: PriorityClass): PriorityFacts {
  return { name: metadata.name, value: value ?? 0, preemptionPolicy: preemptionPolicy === 'Never' ? 'Never' : 'PreemptLowerPriority' };
}
