// The rules of Windows options and of host process pods. https://kubernetes.io/docs/tasks/configure-pod-container/configure-runasusername/
import type { Container, PodSpec, WindowsSecurityContextOptions } from '../../../../openapi/types/core.v1.js';
import { invalid, type FieldError } from '../../../apimachinery/errors/field-error.js';
import { checkSubdomain } from '../../rules/fields.js';

const largestCredential = 64 * 1024;
const longestDomain = 256;
const longestUser = 104;
const forbiddenInUser = '"/\\:;|=,+*?<>@[]';
const netBios = /^[^\\/:*?"<>|.][^\\/:*?"<>|]{0,14}$/;
const dnsPart = /^[a-zA-Z0-9](?:[-a-zA-Z0-9]{0,61}[a-zA-Z0-9])?$/;

function isDomain(domain: string): boolean {
  return netBios.test(domain) || domain.split('.').every((part) => dnsPart.test(part));
}

function isControl(code: number): boolean {
  return code < 32 || (code >= 127 && code < 160);
}

function userNameProblems(name: string): string[] {
  if (name === '') return ['runAsUserName cannot be an empty string'];
  for (let at = 0; at < name.length; at++) {
    if (isControl(name.charCodeAt(at))) return ['runAsUserName cannot contain control characters'];
  }
  const parts = name.split('\\');
  if (parts.length > 2) return ['runAsUserName cannot contain more than one backslash'];
  const problems: string[] = [];
  const user = parts.at(-1)!;
  if (parts.length === 2) {
    const domain = parts[0]!;
    if (domain.length >= longestDomain) problems.push(`runAsUserName's Domain length must be under ${longestDomain} characters`);
    if (!isDomain(domain)) problems.push("runAsUserName's Domain doesn't match the NetBios nor the DNS format");
  }
  if (user === '') problems.push("runAsUserName's User cannot be empty");
  else if (user.length > longestUser) problems.push(`runAsUserName's User length must not be longer than ${longestUser} characters`);
  if (user !== '' && /^[. ]+$/.test(user)) problems.push("runAsUserName's User cannot contain only periods or spaces");
  if ([...user].some((one) => forbiddenInUser.includes(one))) {
    problems.push(`runAsUserName's User cannot contain the following characters: ${forbiddenInUser}`);
  }
  return problems;
}

/** The rules of `windowsOptions`; absent ones have none. */
export function checkWindowsOptions(errors: FieldError[], field: string, options: WindowsSecurityContextOptions | undefined): void {
  if (options === undefined) return;
  const { gmsaCredentialSpecName, gmsaCredentialSpec, runAsUserName } = options;
  if (gmsaCredentialSpecName !== undefined) errors.push(...checkSubdomain(`${field}.gmsaCredentialSpecName`, gmsaCredentialSpecName));
  if (gmsaCredentialSpec !== undefined) {
    const at = `${field}.gmsaCredentialSpec`;
    if (gmsaCredentialSpec === '') errors.push(invalid(at, gmsaCredentialSpec, 'gmsaCredentialSpec cannot be an empty string'));
    else if (Buffer.byteLength(gmsaCredentialSpec) > largestCredential) {
      errors.push(invalid(at, gmsaCredentialSpec, 'gmsaCredentialSpec size must be under 64 KiB'));
    }
  }
  if (runAsUserName === undefined) return;
  for (const why of userNameProblems(runAsUserName)) errors.push(invalid(`${field}.runAsUserName`, runAsUserName, why));
}

type WithOptions = Pick<Container, 'securityContext'>;

/** Containers that run on the host itself: all or none. https://kubernetes.io/docs/tasks/configure-pod-container/create-hostprocess-pod/ */
export function checkHostProcess(errors: FieldError[], field: string, spec: PodSpec): void {
  const pod = spec.securityContext?.windowsOptions?.hostProcess;
  let onHost = 0;
  let all = 0;
  const visit = (list: string, containers: readonly WithOptions[] | undefined): void =>
    containers?.forEach(({ securityContext }, index) => {
      const own = securityContext?.windowsOptions?.hostProcess;
      all++;
      if (own ?? pod ?? false) onHost++;
      if (own === undefined || pod === undefined || own === pod) return;
      const why = `pod hostProcess value must be identical if both are specified, was ${pod}`;
      errors.push(invalid(`${field}.${list}[${index}].securityContext.windowsOptions.hostProcess`, own, why));
    });
  visit('initContainers', spec.initContainers);
  visit('containers', spec.containers);
  visit('ephemeralContainers', spec.ephemeralContainers);
  if (onHost === 0) return;
  if (onHost !== all) {
    errors.push(invalid(field, '', 'If pod contains any hostProcess containers then all containers must be HostProcess containers'));
  }
  if (spec.hostNetwork !== true) {
    errors.push(invalid(`${field}.hostNetwork`, false, 'hostNetwork must be true if pod contains any hostProcess containers'));
  }
}
