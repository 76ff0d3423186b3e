// ServiceAccount, DefaultTolerationSeconds and Priority: what a new pod gets from the cluster it is in.
// https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/
import type { PriorityClass } from '../../../openapi/types/scheduling.v1.js';
import type { ServiceAccount } from '../../../openapi/types/core.v1.js';
import { ApiError, forbidden } from '../../apimachinery/errors/api-error.js';
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
import { secretProblem, secretsOf } from './mountable-secrets.js';
import { isNewPod, plainError, specOf } from './pod-requests.js';
import { checkMirror, isMirror } from './mirror-pods.js';

/** A pod gets ephemeral containers. */
function isEphemeral({ operation, kind, subresource }: AdmissionRequest): boolean {
  return operation === 'UPDATE' && subresource === 'ephemeralcontainers' && kind.resource === 'pods' && kind.group === '';
}

export function serviceAccount(registry: Registry, storages: Storages, random: Random): AdmissionPlugin {
  return {
    name: 'ServiceAccount',
    handles: (request) => isNewPod(request) || isEphemeral(request),
    admit: async (request) => {
      const spec = specOf(request);
      // A static pod's mirror runs without an account.
      if (spec === undefined || isEphemeral(request)) return;
      if (isMirror(request)) {
        checkMirror(request);
        return;
      }
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
    validate: async (request) => {
      const spec = specOf(request);
      if (spec === undefined || isMirror(request)) return;
      const uses = secretsOf(spec, isEphemeral(request) ? 'ephemeralContainers' : 'pod');
      // Most pods use none, and cost no look-up.
      if (uses.length === 0) return;
      const account = await storages
        .of(registry.byResource('', 'v1', 'serviceaccounts')!)
        .get(request.namespace, serviceAccountNameOf(spec));
      const problem = account === undefined ? undefined : secretProblem(account.value, uses);
      if (problem !== undefined) throw isEphemeral(request) ? plainError(problem) : forbidden(request.kind, request.name, problem);
    },
  };
}

export const defaultTolerationSeconds: AdmissionPlugin = {
  name: 'DefaultTolerationSeconds',
  handles: isNewPod,
  admit: (request) => {
    const spec = specOf(request);
    if (spec !== undefined) addDefaultTolerations(spec);
  },
};

/** A priority class that is for pods without one is written. */
function isDefaultClass({ operation, kind, subresource, object }: AdmissionRequest): boolean {
  if (operation !== 'CREATE' && operation !== 'UPDATE') return false;
  return (
    kind.resource === 'priorityclasses' && kind.group === 'scheduling.k8s.io' && subresource === '' && object?.['globalDefault'] === true
  );
}

export function priority(registry: Registry, storages: Storages): AdmissionPlugin {
  const classes = () => storages.of(registry.byResource('scheduling.k8s.io', 'v1', 'priorityclasses')!);
  const named = async (request: AdmissionRequest, name: string): Promise<PriorityFacts> => {
    const entry = await classes().get('', name);
    if (entry === undefined) throw forbidden(request.kind, request.name, `no PriorityClass with name ${name} was found`);
    return factsOf(entry.value);
  };
  const lowestDefault = (): PriorityClass | undefined => {
    let lowest: PriorityClass | undefined;
    for (const { value } of classes().cache.list().entries) {
      const one = value as PriorityClass;
      if (one.globalDefault === true && (lowest === undefined || (one.value ?? 0) < (lowest.value ?? 0))) lowest = one;
    }
    return lowest;
  };
  const ofDefault = (): PriorityFacts | Promise<PriorityFacts> => {
    const { cache } = classes();
    // Most clusters have no default, as far as the cache has seen: this costs a look at the few classes that there are.
    if (cache.started && lowestDefault() === undefined) return noPriorityClass;
    return cache.fresh().then(() => {
      const lowest = lowestDefault();
      return lowest === undefined ? noPriorityClass : factsOf(lowest);
    });
  };
  return {
    name: 'Priority',
    handles: (request) => isNewPod(request) || isDefaultClass(request),
    validate: async ({ kind, name, object }) => {
      if (kind.resource !== 'priorityclasses') return;
      const { cache } = classes();
      await cache.fresh();
      const other = cache.list().entries.find(({ value }) => (value as PriorityClass).globalDefault === true)?.value.metadata.name;
      const own = (object as unknown as PriorityClass).metadata.name;
      if (other !== undefined && other !== own)
        throw forbidden(kind, name, `PriorityClass ${other} is already marked as default. Only one default can exist`);
    },
    admit: async (request) => {
      const spec = isNewPod(request) ? specOf(request) : undefined;
      if (spec === undefined) return;
      const name = spec['priorityClassName'];
      const found = typeof name === 'string' && name !== '' ? named(request, name) : ofDefault();
      const facts = found instanceof Promise ? await found : found;
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
