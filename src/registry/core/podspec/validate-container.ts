// The rules of containers: names, images, ports, environment and mounts.
// https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#Container
import type { Container, ContainerPort, EphemeralContainer, PodSpec, Volume, VolumeMount } from '../../../../openapi/types/core.v1.js';
import { duplicate, invalid, notSupported, required, type FieldError } from '../../../apimachinery/errors/field-error.js';
import { isPort, portNameErrors } from '../../rules/addresses.js';
import { checkLabelName, needed } from '../../rules/fields.js';
import { checkEnv, checkEnvFrom } from './validate-env.js';
import { checkHandlers, checkProbe } from './validate-probe.js';
import { checkResources } from './validate-resources.js';
import { checkContainerSecurity } from './validate-security.js';

export const notFound = (field: string, value: string): FieldError => ({
  field,
  reason: 'FieldValueNotFound',
  message: `Not found: ${JSON.stringify(value)}`,
});

const portRange = 'must be between 1 and 65535, inclusive';
const protocols = ['SCTP', 'TCP', 'UDP'];

function checkPorts(errors: FieldError[], field: string, ports: readonly ContainerPort[], hostNetwork: boolean): void {
  const names = new Set<string>();
  ports.forEach((port, index) => {
    const at = `${field}[${index}]`;
    const { name, containerPort, hostPort, protocol } = port;
    if (name !== undefined && name !== '') {
      const problems = portNameErrors(`${at}.name`, name);
      errors.push(...problems);
      if (problems.length === 0 && names.has(name)) errors.push(duplicate(`${at}.name`, name));
      names.add(name);
    }
    if (containerPort === undefined || containerPort === 0) errors.push(required(`${at}.containerPort`));
    else if (!isPort(containerPort)) errors.push(invalid(`${at}.containerPort`, containerPort, portRange));
    if (hostPort !== undefined && hostPort !== 0) {
      if (!isPort(hostPort)) errors.push(invalid(`${at}.hostPort`, hostPort, portRange));
      if (hostNetwork && hostPort !== containerPort) {
        errors.push(invalid(`${at}.hostPort`, hostPort, 'must match `containerPort` when `hostNetwork` is true'));
      }
    }
    if (protocol === undefined) errors.push(required(`${at}.protocol`));
    else if (!protocols.includes(protocol)) errors.push(notSupported(`${at}.protocol`, protocol, protocols));
  });
}

/** Two containers of a pod may not take one port of the node. */
export function checkHostPorts(errors: FieldError[], field: string, containers: readonly Container[]): void {
  const taken = new Set<string>();
  containers.forEach(({ ports }, index) => {
    ports?.forEach(({ hostPort, hostIP, protocol }, portIndex) => {
      if (hostPort === undefined || hostPort === 0) return;
      const key = `${protocol}/${hostIP ?? ''}/${hostPort}`;
      if (taken.has(key)) errors.push(duplicate(`${field}[${index}].ports[${portIndex}].hostPort`, key));
      taken.add(key);
    });
  });
}

/** A path below a volume's root. */
export function localPathErrors(field: string, path: string): FieldError[] {
  if (path.startsWith('/')) return [invalid(field, path, 'must be a relative path')];
  return path.split('/').includes('..') ? [invalid(field, path, "must not contain '..'")] : [];
}

function checkMounts(errors: FieldError[], field: string, mounts: readonly VolumeMount[], volumes: ReadonlyMap<string, Volume>): void {
  const paths = new Set<string>();
  mounts.forEach(({ name, mountPath, subPath, subPathExpr }, index) => {
    const at = `${field}[${index}]`;
    if (name === undefined || name === '') errors.push(required(`${at}.name`));
    if (!volumes.has(name ?? '')) errors.push(notFound(`${at}.name`, name ?? ''));
    if (mountPath === undefined || mountPath === '') errors.push(required(`${at}.mountPath`));
    if (paths.has(mountPath)) errors.push(invalid(`${at}.mountPath`, mountPath, 'must be unique'));
    paths.add(mountPath);
    if (subPath !== undefined && subPath !== '') errors.push(...localPathErrors(`${field}.subPath`, subPath));
    if (subPathExpr !== undefined && subPathExpr !== '') {
      if (subPath !== undefined && subPath !== '')
        errors.push(invalid(`${field}.subPathExpr`, subPathExpr, 'subPathExpr and subPath are mutually exclusive'));
      errors.push(...localPathErrors(`${field}.subPathExpr`, subPathExpr));
    }
  });
}

function checkDevices(
  errors: FieldError[],
  field: string,
  container: Container | EphemeralContainer,
  volumes: ReadonlyMap<string, Volume>,
): void {
  const { volumeDevices, volumeMounts } = container;
  volumeDevices?.forEach(({ name, devicePath }, index) => {
    const at = `${field}[${index}]`;
    if (name === undefined || name === '') errors.push(required(`${at}.name`));
    const volume = volumes.get(name ?? '');
    if (volume === undefined) errors.push(notFound(`${at}.name`, name ?? ''));
    else if (volume.persistentVolumeClaim === undefined && volume.ephemeral === undefined) {
      errors.push(invalid(`${at}.name`, name, 'can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode'));
    }
    if (devicePath === undefined || devicePath === '') errors.push(required(`${at}.devicePath`));
    if (volumeMounts?.some((mount) => mount.name === name) === true)
      errors.push(invalid(`${at}.name`, name, 'must not already exist in volumeMounts'));
  });
}

const pullPolicies = ['Always', 'IfNotPresent', 'Never'];
const messagePolicies = ['File', 'FallbackToLogsOnError'];

/** What the checks of a container need to know of its pod. */
export interface PodFacts {
  readonly spec: PodSpec;
  readonly volumes: ReadonlyMap<string, Volume>;
}

/** The rules that hold for containers of all three sorts. `names` collects the names that are taken. */
export function checkContainer(
  errors: FieldError[],
  field: string,
  container: Container | EphemeralContainer,
  pod: PodFacts,
  names: Set<string>,
): void {
  const { name, image, imagePullPolicy, terminationMessagePolicy } = container;
  const problems = needed(`${field}.name`, name, checkLabelName);
  errors.push(...problems);
  if (problems.length === 0) {
    if (names.has(name)) errors.push(duplicate(`${field}.name`, name));
    names.add(name);
  }
  if (image === undefined || image === '') errors.push(required(`${field}.image`));
  else if (image.trim() !== image) errors.push(invalid(`${field}.image`, image, 'must not have leading or trailing whitespace'));
  if (terminationMessagePolicy === undefined) errors.push(required(`${field}.terminationMessagePolicy`));
  else if (!messagePolicies.includes(terminationMessagePolicy)) {
    errors.push(notSupported(`${field}.terminationMessagePolicy`, terminationMessagePolicy, messagePolicies));
  }
  if (container.ports !== undefined) checkPorts(errors, `${field}.ports`, container.ports, pod.spec.hostNetwork === true);
  if (container.env !== undefined) checkEnv(errors, `${field}.env`, container.env);
  if (container.envFrom !== undefined) checkEnvFrom(errors, `${field}.envFrom`, container.envFrom);
  if (container.volumeMounts !== undefined) checkMounts(errors, `${field}.volumeMounts`, container.volumeMounts, pod.volumes);
  checkDevices(errors, `${field}.volumeDevices`, container, pod.volumes);
  if (imagePullPolicy === undefined) errors.push(required(`${field}.imagePullPolicy`));
  else if (!pullPolicies.includes(imagePullPolicy)) errors.push(notSupported(`${field}.imagePullPolicy`, imagePullPolicy, pullPolicies));
  checkResources(errors, `${field}.resources`, container.resources);
  checkContainerSecurity(errors, `${field}.securityContext`, container.securityContext, pod.spec.securityContext);
}

/** What runs beside the container: hooks and probes. */
export function checkLifecycleAndProbes(errors: FieldError[], field: string, container: Container): void {
  const { lifecycle } = container;
  if (lifecycle?.postStart !== undefined) checkHandlers(errors, `${field}.lifecycle.postStart`, lifecycle.postStart);
  if (lifecycle?.preStop !== undefined) checkHandlers(errors, `${field}.lifecycle.preStop`, lifecycle.preStop);
  checkProbe(errors, `${field}.livenessProbe`, container.livenessProbe, 'liveness');
  checkProbe(errors, `${field}.readinessProbe`, container.readinessProbe, 'readiness');
  checkProbe(errors, `${field}.startupProbe`, container.startupProbe, 'startup');
}
