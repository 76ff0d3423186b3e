// The rules of where a container sees its volumes. https://kubernetes.io/docs/concepts/storage/volumes/
import type { Container, EphemeralContainer, Volume, VolumeMount } from '../../../../openapi/types/core.v1.js';
import { fieldForbidden, invalid, notSupported, required, type FieldError } from '../../../apimachinery/errors/field-error.js';
import { missing } from '../../rules/fields.js';
import { localPathErrors } from './validate-paths.js';

type Volumes = ReadonlyMap<string, Volume>;
type Holder = Container | EphemeralContainer;

const propagations = ['Bidirectional', 'HostToContainer', 'None'];

/** https://kubernetes.io/docs/concepts/storage/volumes/#mount-propagation */
function checkPropagation(errors: FieldError[], field: string, { mountPropagation }: VolumeMount, privileged: boolean): void {
  if (mountPropagation === undefined) return;
  if (!propagations.includes(mountPropagation)) errors.push(notSupported(field, mountPropagation, propagations));
  else if (mountPropagation === 'Bidirectional' && !privileged) {
    errors.push(fieldForbidden(field, 'Bidirectional mount propagation is available only to privileged containers'));
  }
}

const recursions = ['Disabled', 'Enabled', 'IfPossible'];

/** https://kubernetes.io/docs/concepts/storage/volumes/#recursive-read-only-mounts */
function checkRecursion(errors: FieldError[], field: string, mount: VolumeMount): void {
  const { recursiveReadOnly, readOnly, mountPropagation } = mount;
  if (recursiveReadOnly === undefined || recursiveReadOnly === 'Disabled') return;
  if (!recursions.includes(recursiveReadOnly)) return void errors.push(notSupported(field, recursiveReadOnly, recursions));
  if (readOnly !== true) errors.push(fieldForbidden(field, 'may only be specified when readOnly is true'));
  if (mountPropagation !== undefined && mountPropagation !== 'None') {
    errors.push(fieldForbidden(field, 'may only be specified when mountPropagation is None or not specified'));
  }
}

/** The rules of `volumeMounts` at `field`. */
export function checkMounts(errors: FieldError[], field: string, container: Holder, volumes: Volumes): void {
  const paths = new Set<string>();
  const devices = container.volumeDevices ?? [];
  const privileged = container.securityContext?.privileged === true;
  container.volumeMounts?.forEach((mount, index) => {
    const at = `${field}[${index}]`;
    const { name = '', mountPath = '', subPath, subPathExpr } = mount;
    if (name === '') errors.push(required(`${at}.name`));
    if (!volumes.has(name)) errors.push(missing(`${at}.name`, name));
    if (mountPath === '') errors.push(required(`${at}.mountPath`));
    if (paths.has(mountPath)) errors.push(invalid(`${at}.mountPath`, mountPath, 'must be unique'));
    paths.add(mountPath);
    if (devices.some((device) => (device.name ?? '') === name)) {
      errors.push(invalid(`${at}.name`, name, 'must not already exist in volumeDevices'));
    }
    if (devices.some((device) => (device.devicePath ?? '') === mountPath)) {
      errors.push(invalid(`${at}.mountPath`, mountPath, 'must not already exist as a path in volumeDevices'));
    }
    // The real server does not say which of the mounts it is.
    if (subPath) errors.push(...localPathErrors(`${field}.subPath`, subPath));
    if (subPathExpr) {
      if (subPath) errors.push(invalid(`${at}.subPathExpr`, subPathExpr, 'subPathExpr and subPath are mutually exclusive'));
      errors.push(...localPathErrors(`${field}.subPathExpr`, subPathExpr));
    }
    checkPropagation(errors, `${field}.mountPropagation`, mount, privileged);
    checkRecursion(errors, `${field}.recursiveReadOnly`, mount);
  });
}

/** The rules of `volumeDevices` at `field`. https://kubernetes.io/docs/concepts/storage/persistent-volumes/#raw-block-volume-support */
export function checkDevices(errors: FieldError[], field: string, container: Holder, volumes: Volumes): void {
  const names = new Set<string>();
  const paths = new Set<string>();
  const mounts = container.volumeMounts ?? [];
  container.volumeDevices?.forEach(({ name = '', devicePath = '' }, index) => {
    const at = `${field}[${index}]`;
    if (name === '') errors.push(required(`${at}.name`));
    if (names.has(name)) errors.push(invalid(`${at}.name`, name, 'must be unique'));
    names.add(name);
    const volume = volumes.get(name);
    if (volume === undefined) errors.push(missing(`${at}.name`, name));
    else if (volume.persistentVolumeClaim === undefined && volume.ephemeral === undefined) {
      errors.push(invalid(`${at}.name`, name, 'can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode'));
    }
    if (devicePath === '') errors.push(required(`${at}.devicePath`));
    else if (devicePath.split('/').includes('..')) {
      errors.push(invalid(`${at}.devicePath`, devicePath, "can not contain backsteps ('..')"));
    }
    if (paths.has(devicePath)) errors.push(invalid(`${at}.devicePath`, devicePath, 'must be unique'));
    paths.add(devicePath);
    if (mounts.some((mount) => (mount.name ?? '') === name)) {
      errors.push(invalid(`${at}.name`, name, 'must not already exist in volumeMounts'));
    }
    if (mounts.some((mount) => (mount.mountPath ?? '') === devicePath)) {
      errors.push(invalid(`${at}.devicePath`, devicePath, 'must not already exist as a path in volumeMounts'));
    }
  });
}
