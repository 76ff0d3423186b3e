// The rules of probes and lifecycle hooks. https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/
import type { HTTPGetAction, LifecycleHandler, Probe } from '../../../../openapi/types/core.v1.js';
import { fieldForbidden, invalid, notSupported, required, type FieldError } from '../../../apimachinery/errors/field-error.js';
import { portErrors, portNameErrors } from '../../rules/addresses.js';
import { notNegative } from '../../rules/fields.js';

/** A port by number or by name. */
export function portReferenceErrors(field: string, port: string | number | undefined): readonly FieldError[] {
  return typeof port === 'string' ? portNameErrors(field, port) : portErrors(field, port ?? 0);
}

const schemes = ['HTTP', 'HTTPS'];
const headerForm =
  "a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+')";

function checkHttp(errors: FieldError[], field: string, { path, port, scheme, httpHeaders }: HTTPGetAction): void {
  if (path === undefined || path === '') errors.push(required(`${field}.path`));
  errors.push(...portReferenceErrors(`${field}.port`, port));
  if (!schemes.includes(scheme ?? '')) errors.push(notSupported(`${field}.scheme`, scheme ?? '', schemes));
  httpHeaders?.forEach(({ name = '' }) => {
    if (!/^[-A-Za-z0-9]+$/.test(name)) errors.push(invalid(`${field}.httpHeaders`, name, headerForm));
  });
}

/** What runs: exactly one of the actions. Probes may use gRPC, hooks may sleep: no longer than the pod's grace period, in seconds. */
export function checkHandlers(
  errors: FieldError[],
  field: string,
  handler: LifecycleHandler & Pick<Probe, 'grpc'>,
  gracePeriod: number,
): void {
  let found = 0;
  const more = (action: string): boolean => {
    if (found++ === 0) return false;
    errors.push(fieldForbidden(`${field}.${action}`, 'may not specify more than 1 handler type'));
    return true;
  };
  if (handler.exec !== undefined && !more('exec')) {
    if (handler.exec.command === undefined || handler.exec.command.length === 0) errors.push(required(`${field}.exec.command`));
  }
  if (handler.httpGet !== undefined && !more('httpGet')) checkHttp(errors, `${field}.httpGet`, handler.httpGet);
  if (handler.tcpSocket !== undefined && !more('tcpSocket')) {
    errors.push(...portReferenceErrors(`${field}.tcpSocket.port`, handler.tcpSocket.port));
  }
  if (handler.grpc !== undefined && !more('grpc')) errors.push(...portErrors(`${field}.grpc.port`, handler.grpc.port ?? 0));
  if (handler.sleep !== undefined && !more('sleep')) {
    const seconds = handler.sleep.seconds ?? 0;
    const why = `must be non-negative and less than terminationGracePeriodSeconds (${gracePeriod})`;
    if (seconds < 0 || seconds > gracePeriod) errors.push(invalid(`${field}.sleep`, seconds, why));
  }
  if (found === 0) errors.push(required(field, 'must specify a handler type'));
}

/** The rules of one probe; an absent one has none. */
export function checkProbe(
  errors: FieldError[],
  field: string,
  probe: Probe | undefined,
  sort: 'liveness' | 'readiness' | 'startup',
): void {
  if (probe === undefined) return;
  checkHandlers(errors, field, probe, 0);
  for (const seconds of ['initialDelaySeconds', 'timeoutSeconds', 'periodSeconds', 'successThreshold', 'failureThreshold'] as const) {
    if ((probe[seconds] ?? 0) < 0) errors.push(...notNegative(`${field}.${seconds}`, probe[seconds]));
  }
  const grace = probe.terminationGracePeriodSeconds;
  const at = `${field}.terminationGracePeriodSeconds`;
  if (grace !== undefined && grace <= 0) errors.push(invalid(at, grace, 'must be greater than 0'));
  if (sort === 'readiness') {
    if (grace !== undefined) errors.push(invalid(at, grace, 'must not be set for readinessProbes'));
  } else if (probe.successThreshold !== undefined && probe.successThreshold !== 1) {
    errors.push(invalid(`${field}.successThreshold`, probe.successThreshold, 'must be 1'));
  }
}
