// Pods. https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/
import type { Pod, PodStatus } from '../../../openapi/types/core.v1.js';
import { invalid, fieldForbidden, type FieldError } from '../../apimachinery/errors/field-error.js';
import { isRecord, type KubeObject, type Mutable } from '../../apimachinery/object.js';
import { formatTime } from '../../clock/clock.js';
import type { GracefulDeletion, KindDefinition, StrategyContext } from '../kind.js';
import { podCells, podRowConditions } from '../printing/pod-cells.js';
import { addressErrors, addressFamily } from '../rules/addresses.js';
import { defaultsOf, under } from '../rules/defaults.js';
import { checkSubdomain, immutableText } from '../rules/fields.js';
import { keepField } from '../rules/status.js';
import { podSpecRows, settleServiceAccount } from './podspec/defaults.js';
import { defaultRequests, qosClassOf } from './podspec/resources.js';
import { ephemeralContainerErrors, podUpdateErrors } from './podspec/update.js';
import { podSpecErrors } from './podspec/validate.js';
import { hostNameWarnings, podSpecWarnings } from './podspec/warnings.js';

const fill = defaultsOf([...under('spec', podSpecRows), ['spec.enableServiceLinks', true]]);

/** On the host's network a container's port is the node's. */
function fillHostPorts(spec: Mutable): void {
  if (spec['hostNetwork'] !== true) return;
  for (const list of ['containers', 'initContainers'] as const) {
    for (const container of (spec[list] ?? []) as readonly { ports?: { containerPort?: number; hostPort?: number }[] }[]) {
      container.ports?.forEach((port) => (port.hostPort ??= port.containerPort));
    }
  }
}

/** `podIP` and the first of `podIPs` are one; the old field wins. */
function settleAddresses(status: Mutable): void {
  const address = status['podIP'];
  const list = status['podIPs'] as PodStatus['podIPs'];
  if (typeof address === 'string' && address !== '') {
    if (list?.[0]?.ip !== address) status['podIPs'] = [{ ip: address }];
  } else if (list?.[0] !== undefined) status['podIP'] = list[0].ip;
}

function applyDefaults(draft: Mutable): void {
  const { spec, status } = draft;
  if (isRecord(spec)) {
    settleServiceAccount(spec);
    const grace = spec['terminationGracePeriodSeconds'];
    if (typeof grace === 'number' && grace < 0) spec['terminationGracePeriodSeconds'] = 1;
  }
  fill(draft);
  if (isRecord(spec)) {
    fillHostPorts(spec);
    defaultRequests(spec);
  }
  if (isRecord(status)) settleAddresses(status);
}

function prepareForCreate(draft: Mutable, context: StrategyContext): void {
  const { spec } = draft as unknown as Pod;
  const gated = spec.schedulingGates !== undefined && spec.schedulingGates.length > 0;
  draft['status'] = {
    phase: 'Pending',
    ...(gated
      ? {
          conditions: [
            {
              type: 'PodScheduled',
              status: 'False',
              lastProbeTime: null,
              lastTransitionTime: formatTime(context.clock.now()),
              reason: 'SchedulingGated',
              message: 'Scheduling is blocked due to non-empty scheduling gates',
            },
          ],
        }
      : {}),
    qosClass: qosClassOf(spec),
  };
}

function prepareForStatusUpdate(draft: Mutable, old: KubeObject): void {
  const metadata = draft['metadata'];
  if (isRecord(metadata)) {
    if (old.metadata.ownerReferences === undefined) delete metadata['ownerReferences'];
    else metadata['ownerReferences'] = old.metadata.ownerReferences;
  }
  const status = draft['status'];
  const before = (old as Pod).status?.qosClass;
  if (isRecord(status) && !status['qosClass'] && before !== undefined) status['qosClass'] = before;
}

function addressListErrors(field: string, list: readonly { readonly ip?: string }[] | undefined): FieldError[] {
  const errors: FieldError[] = [];
  const families = (list ?? []).map(({ ip = '' }) => addressFamily(ip));
  list?.forEach(({ ip = '' }, index) => errors.push(...addressErrors(`${field}[${index}]`, ip)));
  if (errors.length === 0 && new Set(families).size < families.length) {
    const shown = list?.map(({ ip }) => ({ IP: ip }));
    errors.push(invalid(field, shown, 'may specify no more than one IP for each IP family'));
  }
  return errors;
}

/** Whether a container that ended with this exit code may run again. https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#restart-policy */
function mayRestart({ spec }: Pod, name: string, exitCode: number): boolean {
  const container = spec.containers.find((one) => one.name === name);
  if (container === undefined) return false;
  const policy = container.restartPolicy ?? spec.restartPolicy;
  return policy === 'Always' || (policy === 'OnFailure' && exitCode !== 0);
}

function containerStateErrors(pod: Pod, old: Pod): FieldError[] {
  const before = new Map((old.status?.containerStatuses ?? []).map((one) => [one.name, one.state]));
  return (pod.status?.containerStatuses ?? []).flatMap(({ name, state }, index) => {
    const ended = before.get(name)?.terminated;
    if (ended === undefined || state?.terminated !== undefined || mayRestart(pod, name, ended.exitCode)) return [];
    return [fieldForbidden(`status.containerStatuses[${index}].state`, 'may not be transitioned to non-terminated state')];
  });
}

function validateStatus(object: KubeObject, before: KubeObject): FieldError[] {
  const pod = object as Pod;
  const old = before as Pod;
  const { status } = pod;
  const errors: FieldError[] = [];
  const nominated = status?.nominatedNodeName;
  if (nominated) {
    errors.push(...checkSubdomain('status.nominatedNodeName', nominated));
    if (pod.spec.nodeName && nominated !== old.status?.nominatedNodeName) {
      errors.push(fieldForbidden('status.nominatedNodeName', 'may not be set on pods that are already bound to a node'));
    }
  }
  if ((status?.observedGeneration ?? 0) < 0) {
    errors.push(invalid('status.observedGeneration', status?.observedGeneration, 'must be a non-negative integer'));
  }
  if (old.status?.qosClass !== undefined && status?.qosClass !== old.status.qosClass) {
    errors.push(invalid('status.qosClass', status?.qosClass ?? '', immutableText));
  }
  status?.conditions?.forEach(({ observedGeneration = 0 }, index) => {
    if (observedGeneration < 0) {
      errors.push(invalid(`status.conditions[${index}].observedGeneration`, observedGeneration, 'must be a non-negative integer'));
    }
  });
  errors.push(...containerStateErrors(pod, old), ...addressListErrors('status.podIPs', status?.podIPs));
  const host = status?.hostIPs?.[0]?.ip;
  if (host !== undefined && host !== status?.hostIP) errors.push(invalid('status.hostIPs[0].ip', host, 'must be equal to `hostIP`'));
  return errors;
}

/** The old place of seccomp profiles, still checked. https://kubernetes.io/docs/tutorials/security/seccomp/ */
const seccompAnnotations = ['seccomp.security.alpha.kubernetes.io/pod', 'container.seccomp.security.alpha.kubernetes.io/'];
const seccompProfiles = ['runtime/default', 'docker/default', 'unconfined'];

function seccompErrors({ metadata }: KubeObject): FieldError[] {
  const errors: FieldError[] = [];
  for (const annotation in metadata.annotations) {
    if (!seccompAnnotations.some((start) => annotation.startsWith(start))) continue;
    const profile = metadata.annotations[annotation]!;
    if (seccompProfiles.includes(profile) || profile.startsWith('localhost/')) continue;
    errors.push(invalid(`metadata.annotations.${annotation}`, profile, 'must be a valid seccomp profile'));
  }
  return errors;
}

const gracefulDeletion: GracefulDeletion = {
  gracePeriodSeconds(object, requested) {
    const { spec, status } = object as Pod;
    // Nobody would end a pod that is on no node; one that is over needs no time.
    if (!spec.nodeName || status?.phase === 'Failed' || status?.phase === 'Succeeded') return 0;
    const grace = requested ?? spec.terminationGracePeriodSeconds ?? 30;
    return grace < 0 ? 1 : grace;
  },
};

export const pods: KindDefinition = {
  group: '',
  version: 'v1',
  resource: 'pods',
  generation: true,
  deleteReturnsObject: true,
  gracefulDeletion,
  selectableFields: {
    'spec.nodeName': (object) => (object as Pod).spec.nodeName ?? '',
    'spec.restartPolicy': (object) => (object as Pod).spec.restartPolicy ?? '',
    'spec.schedulerName': (object) => (object as Pod).spec.schedulerName ?? '',
    'spec.serviceAccountName': (object) => (object as Pod).spec.serviceAccountName ?? '',
    'spec.hostNetwork': (object) => String((object as Pod).spec.hostNetwork ?? false),
    'status.phase': (object) => (object as Pod).status?.phase ?? '',
    'status.podIP': (object) => (object as Pod).status?.podIPs?.[0]?.ip ?? '',
    // The real server takes this field, but no address ever matches it.
    'status.podIPs': () => '',
    'status.nominatedNodeName': (object) => (object as Pod).status?.nominatedNodeName ?? '',
  },
  indexedFields: ['spec.nodeName'],
  strategy: {
    applyDefaults,
    prepareForCreate,
    prepareForUpdate: (draft, old) => keepField(draft, old, 'status'),
    prepareForStatusUpdate,
    validate: (object) => [...seccompErrors(object), ...podSpecErrors('spec', (object as Pod).spec)],
    validateCreate: (object) =>
      (object as Pod).spec.ephemeralContainers === undefined ? [] : [fieldForbidden('spec.ephemeralContainers', 'cannot be set on create')],
    validateUpdate: (object, old) => podUpdateErrors(object as Pod, old as Pod),
    validateStatusUpdate: (object, old, subresource) => {
      if (subresource !== 'ephemeralcontainers') return validateStatus(object, old);
      const { spec } = object as Pod;
      return [
        ...podSpecErrors('spec', spec),
        ...ephemeralContainerErrors(spec.ephemeralContainers ?? [], (old as Pod).spec.ephemeralContainers ?? []),
      ];
    },
    warnings: (object, old) => {
      const pod = object as Pod;
      return [
        ...(old === undefined ? hostNameWarnings(pod.metadata.name, "the Pod's hostname") : []),
        ...podSpecWarnings('spec', pod.spec, pod.metadata),
      ];
    },
  },
  cells: podCells,
  rowConditions: podRowConditions,
};
