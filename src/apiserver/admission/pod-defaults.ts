// ServiceAccount, DefaultTolerationSeconds and Priority: what a new pod gets from the cluster it is in.
// https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/
import type { PriorityClass } from '../../../openapi/types/scheduling.v1.js';
import type { ServiceAccount } from '../../../openapi/types/core.v1.js';
import { ApiError, forbidden } from '../../apimachinery/errors/api-error.js';
import type { KubeObject, Mutable } from '../../apimachinery/object.js';
import type { Random } from '../../clock/random.js';
import {
  addDefaultTolerations,
  mountServiceAccount,
  noPriorityClass,
  serviceAccountNameOf,
  setPriority,
  type PriorityFacts,
  type ServiceAccountFacts,
} from '../../registry/core/podspec/admission-defaults.js';
import type { Registry } from '../../registry/index.js';
import { textOf } from '../core/metadata.js';
import type { ResourceStorage, Storages } from '../core/resource-storage.js';
import type { AdmissionPlugin, AdmissionRequest } from './chain.js';
import { secretProblem, secretsOf } from './mountable-secrets.js';
import { isNewPod, plainError, specOf } from './pod-requests.js';
import { checkMirror, isMirror } from './mirror-pods.js';

/** A pod gets ephemeral containers. */
function isEphemeral({ operation, kind, subresource }: AdmissionRequest): boolean {
  return operation === 'UPDATE' && subresource === 'ephemeralcontainers' && kind.resource === 'pods' && kind.group === '';
}

export function serviceAccount(registry: Registry, storages: Storages, random: Random): AdmissionPlugin {
  const accounts = (): ResourceStorage => storages.of(registry.byResource('', 'v1', 'serviceaccounts')!);
  return {
    name: 'ServiceAccount',
    handles: (request) => isNewPod(request) || isEphemeral(request),
    admit: (request) => {
      const spec = specOf(request);
      // A static pod's mirror runs without an account.
      if (spec === undefined || isEphemeral(request)) return;
      if (isMirror(request)) {
        checkMirror(request);
        return;
      }
      const { kind, namespace } = request;
      const name = serviceAccountNameOf(spec);
      const storage = accounts();
      const known = storage.known(namespace, name);
      if (known !== undefined) return mountServiceAccount(spec, factsOfAccount(name, known.value), random);
      return storage.get(namespace, name).then((entry) => {
        if (entry !== undefined) return mountServiceAccount(spec, factsOfAccount(name, entry.value), random);
        throw forbidden(
          kind,
          request.name === '' ? 'Unknown' : request.name,
          `error looking up service account ${namespace}/${name}: serviceaccount ${JSON.stringify(name)} not found`,
        );
      });
    },
    validate: (request) => {
      const spec = specOf(request);
      if (spec === undefined || isMirror(request)) return;
      const uses = secretsOf(spec, isEphemeral(request) ? 'ephemeralContainers' : 'pod');
      // Most pods use none, and cost no look-up.
      if (uses.length === 0) return;
      return accounts()
        .get(request.namespace, serviceAccountNameOf(spec))
        .then((account) => {
          const problem = account === undefined ? undefined : secretProblem(account.value, uses);
          if (problem !== undefined) throw isEphemeral(request) ? plainError(problem) : forbidden(request.kind, request.name, problem);
        });
    },
  };
}

function factsOfAccount(name: string, account: KubeObject): ServiceAccountFacts {
  const { automountServiceAccountToken, imagePullSecrets } = account as ServiceAccount;
  return { name, automountServiceAccountToken, imagePullSecrets };
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
    validate: ({ kind, name, object }) => {
      if (kind.resource !== 'priorityclasses') return;
      const { cache } = classes();
      return cache.fresh().then(() => {
        const other = cache.list().entries.find(({ value }) => (value as PriorityClass).globalDefault === true)?.value.metadata.name;
        const own = (object as unknown as PriorityClass).metadata.name;
        if (other !== undefined && other !== own)
          throw forbidden(kind, name, `PriorityClass ${other} is already marked as default. Only one default can exist`);
      });
    },
    admit: (request) => {
      const spec = isNewPod(request) ? specOf(request) : undefined;
      if (spec === undefined) return;
      const name = spec['priorityClassName'];
      const found = typeof name === 'string' && name !== '' ? named(request, name) : ofDefault();
      return found instanceof Promise ? found.then((facts) => prioritize(request, spec, facts)) : prioritize(request, spec, found);
    },
  };
}

/** Sets the priority of a pod; throws 403 when it asks for another. */
function prioritize(request: AdmissionRequest, spec: Mutable, facts: PriorityFacts): void {
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
}

function factsOf({ metadata, value, preemptionPolicy }: PriorityClass): PriorityFacts {
  return { name: metadata.name, value: value ?? 0, preemptionPolicy: preemptionPolicy === 'Never' ? 'Never' : 'PreemptLowerPriority' };
}
