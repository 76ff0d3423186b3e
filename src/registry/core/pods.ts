// Pods. https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/
import type { Pod, PodStatus } from '../../../openapi/types/core.v1.js';
import { fieldForbidden, type FieldError } from '../../apimachinery/errors/field-error.js';
import { isRecord, type KubeObject, type Mutable } from '../../apimachinery/object.js';
import { formatTime } from '../../clock/clock.js';
import type { GracefulDeletion, KindDefinition, StrategyContext } from '../kind.js';
import { podCells, podRowConditions } from '../printing/pod-cells.js';
import { defaultsOf, under } from '../rules/defaults.js';
import { keepField } from '../rules/status.js';
import { podSpecRows, settleServiceAccount } from './podspec/defaults.js';
import { defaultRequests, qosClassOf } from './podspec/resources.js';
import { metadataAgain } from './metadata-again.js';
import { podStatusErrors } from './pod-status-rules.js';
import { dropDisabledFields, dropOldAnnotations, settleAppArmor, settleLabelKeys } from './podspec/prepare.js';
import { ephemeralContainerErrors, podUpdateErrors } from './podspec/update.js';
import { podAnnotationErrors, profileMatchErrors } from './podspec/validate-annotations.js';
import { podSpecErrors } from './podspec/validate.js';
import { appArmorWarnings, hostNameWarnings, podSpecWarnings } from './podspec/warnings.js';

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
  dropOldAnnotations(draft);
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
  dropDisabledFields(draft['spec']);
  settleAppArmor(draft);
  settleLabelKeys(draft);
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

function newPodErrors({ spec }: Pod): FieldError[] {
  const errors: FieldError[] = [];
  if ((spec.ephemeralContainers?.length ?? 0) > 0) errors.push(fieldForbidden('spec.ephemeralContainers', 'cannot be set on create'));
  if (spec.nodeName && (spec.schedulingGates?.length ?? 0) > 0) {
    errors.push(fieldForbidden('spec.nodeName', 'cannot be set until all schedulingGates have been cleared'));
  }
  return errors;
}

/** The rules of pods; those at creation come last. */
function validate(object: KubeObject, old?: KubeObject): FieldError[] {
  const pod = object as Pod;
  return [
    ...podAnnotationErrors('metadata.annotations', pod.metadata.annotations, pod.spec),
    ...podSpecErrors('spec', pod.spec, pod.metadata),
    ...profileMatchErrors(pod),
    ...(old === undefined ? newPodErrors(pod) : []),
  ];
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
    statusResetFields: { 'f:spec': {}, 'f:metadata': { 'f:ownerReferences': {} } },
    validate,
    validateUpdate: (object, old) => [...metadataAgain(object), ...podUpdateErrors(object as Pod, old as Pod)],
    validateStatusUpdate: (object, old, subresource) => {
      if (subresource !== 'ephemeralcontainers') return podStatusErrors(object as Pod, old as Pod);
      const { spec } = object as Pod;
      return [
        ...podSpecErrors('spec', spec),
        ...ephemeralContainerErrors(spec.ephemeralContainers ?? [], (old as Pod).spec.ephemeralContainers ?? []),
      ];
    },
    warnings: (object, old) => {
      const pod = object as Pod;
      return [
        ...(old === undefined ? appArmorWarnings(pod.metadata.annotations, pod.spec) : []),
        ...(old === undefined ? hostNameWarnings(pod.metadata.name, "the Pod's hostname") : []),
        ...podSpecWarnings('spec', pod.spec, pod.metadata),
      ];
    },
  },
  cells: podCells,
  rowConditions: podRowConditions,
};
