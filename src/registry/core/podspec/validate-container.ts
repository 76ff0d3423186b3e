// The rules of containers. https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#Container
import type { Container, ContainerPort, EphemeralContainer, PodSpec, Volume } from '../../../../openapi/types/core.v1.js';
import { duplicate, invalid, notSupported, required, tooMany, type FieldError } from '../../../apimachinery/errors/field-error.js';
import { isPort, portNameErrors } from '../../rules/addresses.js';
import { checkLabelName, needed } from '../../rules/fields.js';
import { checkEnv, checkEnvFrom } from './validate-env.js';
import { checkDevices, checkMounts } from './validate-mounts.js';
import { checkHandlers, checkProbe } from './validate-probe.js';
import { checkClaims, checkResources } from './validate-resources.js';
import { checkContainerSecurity } from './validate-security.js';

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

/** Two ports of these containers may not take one port of the node. `at` makes the path of a container of its index. */
export function checkHostPorts(errors: FieldError[], containers: readonly Container[], at: (index: number) => string): void {
  // Few pods take any.
  let taken: Set<string> | undefined;
  containers.forEach(({ ports }, index) => {
    ports?.forEach(({ hostPort, hostIP, protocol }, portIndex) => {
      if (hostPort === undefined || hostPort === 0) return;
      const key = `${protocol}/${hostIP ?? ''}/${hostPort}`;
      taken ??= new Set();
      if (taken.has(key)) errors.push(duplicate(`${at(index)}.ports[${portIndex}].hostPort`, key));
      taken.add(key);
    });
  });
}

const pullPolicies = ['Always', 'IfNotPresent', 'Never'];
const messagePolicies = ['File', 'FallbackToLogsOnError'];
const resizable = ['cpu', 'memory'];
const resizePolicies = ['NotRequired', 'RestartContainer'];

/** https://kubernetes.io/docs/tasks/configure-pod-container/resize-container-resources/ */
function checkResizePolicy(errors: FieldError[], field: string, container: Container | EphemeralContainer, spec: PodSpec): void {
  const seen = new Set<string>();
  container.resizePolicy?.forEach(({ resourceName = '', restartPolicy = '' }, index) => {
    if (seen.has(resourceName)) errors.push(duplicate(`${field}[${index}]`, resourceName));
    seen.add(resourceName);
    if (resourceName === '') errors.push(required(field));
    else if (!resizable.includes(resourceName)) errors.push(notSupported(field, resourceName, resizable));
    if (restartPolicy === '') errors.push(required(field));
    else if (!resizePolicies.includes(restartPolicy)) errors.push(notSupported(field, restartPolicy, resizePolicies));
    if (spec.restartPolicy === 'Never' && restartPolicy !== 'NotRequired') {
      errors.push(invalid(field, restartPolicy, "must be 'NotRequired' when pod `restartPolicy` is 'Never'"));
    }
  });
}

const restartPolicies = ['Always', 'Never', 'OnFailure'];
const ruleActions = ['Restart', 'RestartAllContainers'];
const exitCodeOperators = ['In', 'NotIn'];
const mostRules = 20;
const mostExitCodes = 255;

/** https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#container-restart-rules */
export function checkContainerRestart(errors: FieldError[], field: string, { restartPolicy, restartPolicyRules }: Container): void {
  if (restartPolicy !== undefined && !restartPolicies.includes(restartPolicy)) {
    errors.push(notSupported(`${field}.restartPolicy`, restartPolicy, restartPolicies));
  }
  if (restartPolicyRules === undefined || restartPolicyRules.length === 0) return;
  if (restartPolicy === undefined) {
    errors.push(required(`${field}.restartPolicy`, 'must specify restartPolicy when restart rules are used'));
  }
  if (restartPolicyRules.length > mostRules) {
    errors.push(tooMany(`${field}.restartPolicyRules`, restartPolicyRules.length, mostRules));
  }
  restartPolicyRules.forEach(({ action = '', exitCodes }, index) => {
    const at = `${field}.restartPolicyRules[${index}]`;
    if (!ruleActions.includes(action)) errors.push(notSupported(`${at}.action`, action, ruleActions));
    if (exitCodes === undefined) return void errors.push(required(`${at}.exitCodes`, 'must be specified'));
    const { operator = '', values = [] } = exitCodes;
    if (!exitCodeOperators.includes(operator)) errors.push(notSupported(`${at}.exitCodes.operator`, operator, exitCodeOperators));
    if (values.length > mostExitCodes) errors.push(tooMany(`${at}.exitCodes.values`, values.length, mostExitCodes));
  });
}

/** What the checks of a container need to know of its pod. */
export interface PodFacts {
  readonly spec: PodSpec;
  readonly volumes: ReadonlyMap<string, Volume>;
}

/** The rules that hold for containers of all three sorts. */
export function checkContainer(errors: FieldError[], field: string, container: Container | EphemeralContainer, pod: PodFacts): void {
  const { name, image, imagePullPolicy, terminationMessagePolicy } = container;
  errors.push(...needed(`${field}.name`, name, checkLabelName));
  if (image === undefined || image === '') errors.push(required(`${field}.image`));
  if (terminationMessagePolicy === undefined) errors.push(required(`${field}.terminationMessagePolicy`));
  else if (!messagePolicies.includes(terminationMessagePolicy)) {
    errors.push(notSupported(`${field}.terminationMessagePolicy`, terminationMessagePolicy, messagePolicies));
  }
  if (container.ports !== undefined) checkPorts(errors, `${field}.ports`, container.ports, pod.spec.hostNetwork === true);
  if (container.env !== undefined) checkEnv(errors, `${field}.env`, container.env);
  if (container.envFrom !== undefined) checkEnvFrom(errors, `${field}.envFrom`, container.envFrom);
  if (container.volumeMounts !== undefined) checkMounts(errors, `${field}.volumeMounts`, container, pod.volumes);
  if (container.volumeDevices !== undefined) checkDevices(errors, `${field}.volumeDevices`, container, pod.volumes);
  if (imagePullPolicy === undefined) errors.push(required(`${field}.imagePullPolicy`));
  else if (!pullPolicies.includes(imagePullPolicy)) errors.push(notSupported(`${field}.imagePullPolicy`, imagePullPolicy, pullPolicies));
  if (container.resources !== undefined) {
    checkResources(errors, `${field}.resources`, container.resources);
    checkClaims(errors, `${field}.resources`, container.resources, pod.spec);
  }
  if (container.resizePolicy !== undefined) checkResizePolicy(errors, `${field}.resizePolicy`, container, pod.spec);
  if (container.securityContext !== undefined) {
    checkContainerSecurity(errors, `${field}.securityContext`, container.securityContext, pod.spec.hostUsers);
  }
}

/** Checks that the container's name is free; `names` collects those that are taken. */
export function checkUnique(errors: FieldError[], field: string, { name }: { readonly name?: string }, names: Set<string>): void {
  if (name === undefined || name === '') return;
  if (names.has(name)) errors.push(duplicate(`${field}.name`, name));
  names.add(name);
}

/** What runs beside the container: hooks and probes. */
export function checkLifecycleAndProbes(errors: FieldError[], field: string, container: Container, gracePeriod: number): void {
  const { lifecycle } = container;
  if (lifecycle?.postStart !== undefined) checkHandlers(errors, `${field}.lifecycle.postStart`, lifecycle.postStart, gracePeriod);
  if (lifecycle?.preStop !== undefined) checkHandlers(errors, `${field}.lifecycle.preStop`, lifecycle.preStop, gracePeriod);
  checkProbe(errors, `${field}.livenessProbe`, container.livenessProbe, 'liveness');
  checkProbe(errors, `${field}.readinessProbe`, container.readinessProbe, 'readiness');
  checkProbe(errors, `${field}.startupProbe`, container.startupProbe, 'startup');
}
