// Resource slices: the devices that a driver offers.
// https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/#resourceslice
import { formatTime } from '../../clock/clock.js';
import type { Device, DeviceAttribute, ResourceSlice, ResourceSliceSpec } from '../../../openapi/types/resource.v1.js';
import { invalid, required } from '../../apimachinery/errors/field-error.js';
import type { Draft, Mutable } from '../../apimachinery/object.js';
import { isRecord } from '../../apimachinery/object.js';
import type { KindDefinition, StrategyContext } from '../kind.js';
import { ageOf, nameOf } from '../printing/cells.js';
import { checkLabelName, checkSubdomain, each, immutable, needed, type Errors } from '../rules/fields.js';
import { driverErrors, duplicateNames } from './claim-spec.js';
import { attributeNameErrors } from './names.js';

const selections = ['nodeName', 'nodeSelector', 'allNodes', 'perDeviceNodeSelection'] as const;
const one = 'exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required';

function selectionErrors(spec: Draft<ResourceSliceSpec>): Errors {
  const set = selections.filter((name) => spec[name] !== undefined);
  if (set.length === 0) return [required('spec', one)];
  return set.length > 1 ? [invalid('spec', `{${set.map((name) => `\`${name}\``).join(', ')}}`, `${one}, but multiple fields are set`)] : [];
}

/** https://semver.org/spec/v2.0.0.html, in steps so that no pattern backtracks. */
function isSemanticVersion(version: string): boolean {
  const [beforeBuild = '', ...build] = version.split('+');
  const dash = beforeBuild.indexOf('-');
  const core = dash < 0 ? beforeBuild : beforeBuild.slice(0, dash);
  const numbers = core.split('.');
  const identifiers = (text: string): boolean => text.split('.').every((part) => /^[0-9A-Za-z-]+$/.test(part));
  return (
    build.length <= 1 &&
    numbers.length === 3 &&
    numbers.every((part) => /^(0|[1-9][0-9]*)$/.test(part)) &&
    (dash < 0 || identifiers(beforeBuild.slice(dash + 1))) &&
    (build[0] === undefined || identifiers(build[0]))
  );
}

function attributeErrors(field: string, attribute: Draft<DeviceAttribute>): Errors {
  const values = Object.values(attribute).filter((value) => value !== undefined);
  if (values.length === 0) return [invalid(field, '', 'exactly one value must be specified')];
  if (values.length > 1) {
    const { int = null, bool = null, string = null, version = null } = attribute;
    const shown = {
      IntValue: int,
      BoolValue: bool,
      StringValue: string,
      VersionValue: version,
      IntValues: null,
      BoolValues: null,
      StringValues: null,
      VersionValues: null,
    };
    return [invalid(field, shown, 'exactly one value must be specified')];
  }
  return attribute.version === undefined || isSemanticVersion(attribute.version)
    ? []
    : [invalid(`${field}.version`, attribute.version, 'must be a string compatible with semver.org spec 2.0.0')];
}

function deviceErrors(field: string, device: Draft<Device>): Errors {
  const attributes = device.attributes ?? {};
  const capacity = device.capacity ?? {};
  return [
    ...needed(`${field}.name`, device.name, checkLabelName),
    ...Object.keys(attributes)
      .sort()
      .flatMap((name) => [
        ...attributeNameErrors(`${field}.attributes`, name),
        ...attributeErrors(`${field}.attributes[${name}]`, attributes[name] ?? {}),
      ]),
    ...Object.keys(capacity)
      .sort()
      .flatMap((name) => attributeNameErrors(`${field}.capacity`, name)),
  ];
}

function validate(slice: Draft<ResourceSlice>): Errors {
  const spec = slice.spec ?? {};
  const { name, resourceSliceCount: count = 0, generation = 0 } = spec.pool ?? {};
  return [
    ...needed('spec.driver', spec.driver, driverErrors),
    ...needed('spec.pool.name', name, (field, value) => value.split('/').flatMap((part) => checkSubdomain(field, part))),
    ...(count <= 0 ? [invalid('spec.pool.resourceSliceCount', count, 'must be greater than zero')] : []),
    ...(generation < 0 ? [invalid('spec.pool.generation', generation, 'must be greater than or equal to zero')] : []),
    ...selectionErrors(spec),
    ...(spec.nodeName === undefined ? [] : needed('spec.nodeName', spec.nodeName, checkSubdomain)),
    ...each('spec.devices', spec.devices, deviceErrors),
    ...duplicateNames('spec.devices', spec.devices),
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

export const resourceSlice: KindDefinition = {
  group: 'resource.k8s.io',
  version: 'v1',
  resource: 'resourceslices',
  generation: true,
  deleteReturnsObject: true,
  strategy: {
    prepareForCreate: stampTaints,
    prepareForUpdate: (draft, _old, context) => stampTaints(draft, context),
    validate: (object) => validate(object),
    validateUpdate: (object, old) => validateUpdate(object, old),
  },
  selectableFields: {
    'spec.nodeName': (object) => (object as Draft<ResourceSlice>).spec?.nodeName ?? '',
    'spec.driver': (object) => (object as Draft<ResourceSlice>).spec?.driver ?? '',
  },
  cells: (object, context) => {
    const { nodeName = '', driver = '', pool } = (object as Draft<ResourceSlice>).spec ?? {};
    return [nameOf(object), nodeName, driver, pool?.name ?? '', ageOf(object, context)];
  },
};
