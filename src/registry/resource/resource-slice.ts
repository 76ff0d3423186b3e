// Resource slices: the devices that a driver offers.
// https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/#resourceslice
import { formatTime } from '../../clock/clock.js';
import type { ResourceSlice, ResourceSliceSpec } from '../../../openapi/types/resource.v1.js';
import { invalid, required } from '../../apimachinery/errors/field-error.js';
import type { Draft, Mutable } from '../../apimachinery/object.js';
import { isRecord } from '../../apimachinery/object.js';
import type { KindDefinition, StrategyContext } from '../kind.js';
import { ageOf, nameOf } from '../printing/cells.js';
import { checkSubdomain, immutable, needed, type Errors } from '../rules/fields.js';
import { nodeSelectorErrors, nodeSelectorTerm } from '../rules/node-selectors.js';
import { shownAs } from '../rules/shown.js';
import { counterSetsErrors, devicesErrors } from './devices.js';
import { driverErrors, poolErrors } from './names.js';

const selections = ['nodeName', 'nodeSelector', 'allNodes', 'perDeviceNodeSelection'] as const;
const one = 'exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required';

function nodeErrors(spec: Draft<ResourceSliceSpec>): Errors {
  const { nodeName, nodeSelector } = spec;
  const errors: Errors[number][] = [];
  if (nodeName === '') errors.push(invalid('spec.nodeName', nodeName, 'must be either unset or set to a non-empty string'));
  else if (nodeName !== undefined) errors.push(...checkSubdomain('spec.nodeName', nodeName));
  if (nodeSelector !== undefined) {
    errors.push(...nodeSelectorErrors('spec.nodeSelector', nodeSelector));
    const terms = nodeSelector.nodeSelectorTerms;
    if ((terms ?? []).length !== 1) {
      errors.push(
        invalid('spec.nodeSelector.nodeSelectorTerms', shownAs(nodeSelectorTerm, terms), 'must have exactly one node selector term'),
      );
    }
  }
  for (const name of ['allNodes', 'perDeviceNodeSelection'] as const) {
    if (spec[name] === false) errors.push(invalid(`spec.${name}`, false, 'must be either unset or set to true'));
  }
  const set = selections.filter((name) => spec[name] !== undefined && spec[name] !== '' && spec[name] !== false);
  if (set.length === 0) errors.push(required('spec', one));
  if (set.length > 1) {
    errors.push(invalid('spec', `{${set.map((name) => `\`${name}\``).join(', ')}}`, `${one}, but multiple fields are set`));
  }
  return errors;
}

function validate(slice: Draft<ResourceSlice>): Errors {
  const spec = slice.spec ?? {};
  const { name, resourceSliceCount: count = 0, generation = 0 } = spec.pool ?? {};
  const both = spec.sharedCounters !== undefined && spec.devices !== undefined;
  return [
    ...needed('spec.driver', spec.driver, driverErrors),
    ...needed('spec.pool.name', name, poolErrors),
    ...(count <= 0 ? [invalid('spec.pool.resourceSliceCount', count, 'must be greater than zero')] : []),
    ...(generation < 0 ? [invalid('spec.pool.generation', generation, 'must be greater than or equal to zero')] : []),
    ...nodeErrors(spec),
    ...(both ? [invalid('spec', '', 'only one of `sharedCounters` or `devices` is allowed')] : []),
    ...devicesErrors('spec.devices', spec.devices, spec.perDeviceNodeSelection === true),
    ...counterSetsErrors('spec.sharedCounters', spec.sharedCounters),
  ];
}

function validateUpdate(slice: Draft<ResourceSlice>, old: Draft<ResourceSlice>): Errors {
  const now = slice.spec ?? {};
  const before = old.spec ?? {};
  return [
    ...immutable('spec.pool.name', now.pool?.name, before.pool?.name),
    ...immutable('spec.driver', now.driver, before.driver),
    ...immutable('spec.nodeName', now.nodeName, before.nodeName),
  ];
}

/** A taint that does not say when it was added was added now. */
function stampTaints(draft: Mutable, { clock }: StrategyContext): void {
  const devices = isRecord(draft.spec) ? draft.spec.devices : undefined;
  if (!Array.isArray(devices)) return;
  for (const device of devices as unknown[]) {
    if (!isRecord(device) || !Array.isArray(device.taints)) continue;
    for (const taint of device.taints as unknown[]) if (isRecord(taint)) taint.timeAdded ??= formatTime(clock.now());
  }
}

const alternatives = ['devices', 'sharedCounters'] as const;

/** An empty list is none, unless it stands beside the other one: then {@link validate} refuses it, as it is there. */
function dropEmptyLists({ spec }: Mutable): void {
  if (!isRecord(spec) || alternatives.every((name) => spec[name] !== undefined)) return;
  for (const name of alternatives) {
    const list = spec[name];
    if (Array.isArray(list) && list.length === 0) delete spec[name];
  }
}

export const resourceSlice: KindDefinition = {
  group: 'resource.k8s.io',
  version: 'v1',
  resource: 'resourceslices',
  generation: true,
  deleteReturnsObject: true,
  strategy: {
    applyDefaults: dropEmptyLists,
    prepareForCreate: stampTaints,
    prepareForUpdate: (draft, _old, context) => stampTaints(draft, context),
    validate: (object) => validate(object),
    validateUpdate: (object, old) => validateUpdate(object, old),
    warnings: (object) => {
      const driver = (object as Draft<ResourceSlice>).spec?.driver ?? '';
      return driver === driver.toLowerCase()
        ? []
        : [`spec.driver: driver names should be lowercase; ${JSON.stringify(driver)} contains uppercase characters`];
    },
  },
  unknownField: (field) => `field label not supported for resource.k8s.io/v1, Kind=ResourceSlice: ${field}`,
  selectableFields: {
    'spec.nodeName': (object) => (object as Draft<ResourceSlice>).spec?.nodeName ?? '',
    'spec.driver': (object) => (object as Draft<ResourceSlice>).spec?.driver ?? '',
  },
  cells: (object, context) => {
    const { nodeName = '', driver = '', pool } = (object as Draft<ResourceSlice>).spec ?? {};
    return [nameOf(object), nodeName, driver, pool?.name ?? '', ageOf(object, context)];
  },
};
