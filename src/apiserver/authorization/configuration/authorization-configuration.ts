// The file of `--authorization-config`: which authorizers are asked, in which order, and the webhooks among them.
// https://kubernetes.io/docs/reference/access-authn-authz/authorization/#using-configuration-file-for-authorization
import { statSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { duplicate, invalid, notSupported, required, tooMany, type FieldError } from '../../../apimachinery/errors/field-error.js';
import { subdomainProblems } from '../../../apimachinery/names/names.js';
import { listOf, structOf, textOf, type Fields, type FileKind, type Shape } from '../../authentication/configuration-file.js';
import { compileMatchConditions, type MatchConditions } from './match-conditions.js';

export const modes = ['ABAC', 'AlwaysAllow', 'AlwaysDeny', 'Node', 'RBAC', 'Webhook'] as const;

export type Mode = (typeof modes)[number];

/** How one webhook is asked. Durations in milliseconds. */
export interface WebhookSettings {
  readonly authorizedTTL: number;
  readonly unauthorizedTTL: number;
  readonly cacheAuthorizedRequests: boolean;
  readonly cacheUnauthorizedRequests: boolean;
  readonly timeout: number;
  /** Of the reviews that it is sent. */
  readonly subjectAccessReviewVersion: 'v1' | 'v1beta1';
  /** What a failure means: nobody else is asked, or the next one. */
  readonly failurePolicy: 'NoOpinion' | 'Deny';
  /** The path of a kubeconfig; '': as a program in a pod reaches its cluster's own API server. */
  readonly kubeConfigFile: string;
  /** When it is asked at all; undefined: always. */
  readonly matchConditions: MatchConditions | undefined;
}

export interface AuthorizerSettings {
  readonly type: Mode;
  readonly name: string;
  /** Of a Webhook, and then always. */
  readonly webhook: WebhookSettings | undefined;
}

/** The file says what cannot be; the message is the real server's. */
export class AuthorizationConfigurationError extends Error {}

const matchCondition: Shape = { struct: 'WebhookMatchCondition', fields: { expression: 'string' } };
const connectionInfo: Shape = { struct: 'WebhookConnectionInfo', fields: { type: 'string', kubeConfigFile: 'string' } };
const webhookShape: Shape = {
  struct: 'WebhookConfiguration',
  fields: {
    authorizedTTL: 'duration',
    cacheAuthorizedRequests: 'bool',
    unauthorizedTTL: 'duration',
    cacheUnauthorizedRequests: 'bool',
    timeout: 'duration',
    subjectAccessReviewVersion: 'string',
    matchConditionSubjectAccessReviewVersion: 'string',
    failurePolicy: 'string',
    connectionInfo,
    matchConditions: { list: matchCondition },
  },
};

export const authorizationConfigurationKind: FileKind = {
  kind: 'AuthorizationConfiguration',
  versions: ['v1', 'v1beta1', 'v1alpha1'],
  struct: 'AuthorizationConfiguration',
  fields: {
    authorizers: { list: { struct: 'AuthorizerConfiguration', fields: { type: 'string', name: 'string', webhook: webhookShape } } },
  },
};

const mostMatchConditions = 64;
const longestTimeout = 30_000_000_000n;

/** @param file as it was decoded. Throws {@link AuthorizationConfigurationError} with all that is wrong. */
export function readAuthorizers(file: Fields): readonly AuthorizerSettings[] {
  const list = listOf(file['authorizers']).map(structOf);
  const errors: FieldError[] = list.length === 0 ? [required('authorizers', 'at least one authorization mode must be defined')] : [];
  const types = new Set<string>();
  const names = new Set<string>();
  for (const [index, authorizer] of list.entries()) errors.push(...authorizerErrors(authorizer, `authorizers[${index}]`, types, names));
  refuse(errors.map(({ field, message }) => `${field}: ${message}`));
  // Authorizers that can be there but once have one name.
  refuse(
    list
      .filter(({ type, name }) => type !== 'Webhook' && name !== textOf(type).toLowerCase())
      .map(({ type, name }) => `expected name ${textOf(type).toLowerCase()} for authorizer ${textOf(type)} instead of ${textOf(name)}`),
  );
  return list.map(({ type, name, webhook }) => ({
    type: type as Mode,
    name: textOf(name),
    webhook: type === 'Webhook' ? webhookSettings(structOf(webhook)) : undefined,
  }));
}

function refuse(problems: readonly string[]): void {
  if (problems.length > 0) throw new AuthorizationConfigurationError(problems.length === 1 ? problems[0]! : `[${problems.join(', ')}]`);
}

function authorizerErrors({ type: of, name: named, webhook }: Fields, path: string, types: Set<string>, names: Set<string>): FieldError[] {
  const errors: FieldError[] = [];
  const type = textOf(of);
  if (type === '') errors.push(required(`${path}.type`));
  else if (!modes.some((mode) => mode === type)) errors.push(notSupported(`${path}.type`, type, modes));
  else if (types.has(type) && type !== 'Webhook') errors.push(duplicate(`${path}.type`, type));
  types.add(type);
  const name = textOf(named);
  const problems = subdomainProblems(name);
  if (name === '') errors.push(required(`${path}.name`));
  else if (names.has(name)) errors.push(duplicate(`${path}.name`, name));
  else if (problems.length > 0) errors.push(invalid(`${path}.name`, name, `authorizer name is invalid: ${problems.join(', ')}`));
  names.add(name);
  if (type === 'Webhook') {
    if (webhook === undefined) errors.push(required(`${path}.webhook`, 'required when type=Webhook'));
    else errors.push(...webhookErrors(structOf(webhook), path));
  } else if (webhook !== undefined) errors.push(invalid(`${path}.webhook`, 'non-null', 'may only be specified when type=Webhook'));
  return errors;
}

function webhookErrors(webhook: Fields, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const { timeout = 0n } = webhook as { readonly timeout?: bigint };
  if (timeout === 0n) errors.push(required(`${path}.timeout`));
  else if (timeout < 0n || timeout > longestTimeout)
    errors.push(invalid(`${path}.timeout`, durationText(timeout), 'must be > 0s and <= 30s'));
  for (const field of ['authorizedTTL', 'unauthorizedTTL'] as const) {
    const time = webhook[field] as bigint | undefined;
    if (time !== undefined && time < 0n) errors.push(invalid(`${path}.${field}`, durationText(time), 'must be > 0s'));
  }
  const oneOf = (field: string, values: readonly string[], isRequired: boolean): void => {
    const value = textOf(webhook[field]);
    if (value === '' && isRequired) errors.push(required(`${path}.${field}`));
    else if (value !== '' && !values.includes(value)) errors.push(notSupported(`${path}.${field}`, value, values));
  };
  const conditions = listOf(webhook['matchConditions']).map((one) => textOf(structOf(one)['expression']));
  const conditionVersion = 'matchConditionSubjectAccessReviewVersion';
  oneOf('subjectAccessReviewVersion', ['v1', 'v1beta1'], true);
  if (conditions.length > 0 && textOf(webhook[conditionVersion]) === '')
    errors.push(required(`${path}.${conditionVersion}`, 'required if match conditions are specified'));
  oneOf(conditionVersion, ['v1'], false);
  oneOf('failurePolicy', ['NoOpinion', 'Deny'], true);
  errors.push(...connectionErrors(structOf(webhook['connectionInfo']), `${path}.connectionInfo`));
  if (conditions.length > mostMatchConditions) errors.push(tooMany(`${path}.matchConditions`, conditions.length, mostMatchConditions));
  else errors.push(...compileMatchConditions(conditions, `${path}.matchConditions`).errors);
  return errors;
}

function connectionErrors({ type: of, kubeConfigFile }: Fields, path: string): FieldError[] {
  const type = textOf(of);
  const file = `${path}.kubeConfigFile`;
  if (type === '') return [required(`${path}.type`)];
  if (type === 'InClusterConfig') {
    if (kubeConfigFile !== undefined) return [invalid(file, kubeConfigFile, 'can only be set when type=KubeConfigFile')];
    return [];
  }
  if (type !== 'KubeConfigFile')
    return [notSupported(`${path}.type`, { Type: type, KubeConfigFile: kubeConfigFile ?? null }, ['InClusterConfig', 'KubeConfigFile'])];
  const name = textOf(kubeConfigFile);
  if (name === '') return [required(file)];
  if (!isAbsolute(name)) return [invalid(file, name, 'must be an absolute path')];
  try {
    return statSync(name).isFile() ? [] : [invalid(file, name, 'must be a regular file')];
  } catch (error) {
    const missing = (error as { readonly code?: string }).code === 'ENOENT';
    return [invalid(file, name, `error loading file: ${missing ? `stat ${name}: no such file or directory` : (error as Error).message}`)];
  }
}

const second = 1_000_000_000n;

/** As the real server writes it: `-5m0s`, `31s`. */
function durationText(nanoseconds: bigint): string {
  const size = nanoseconds < 0n ? -nanoseconds : nanoseconds;
  const [hours, minutes] = [size / (3600n * second), (size / (60n * second)) % 60n];
  const seconds = Number(size % (60n * second)) / 1e9;
  const text = hours > 0n ? `${hours}h${minutes}m${seconds}s` : minutes > 0n ? `${minutes}m${seconds}s` : `${seconds}s`;
  return nanoseconds < 0n ? `-${text}` : text;
}

function webhookSettings(webhook: Fields): WebhookSettings {
  const time = (field: string, usual: number): number => {
    const value = webhook[field] as bigint | undefined;
    return value === undefined || value === 0n ? usual : Number(value / 1_000_000n);
  };
  const conditions = listOf(webhook['matchConditions']).map((one) => textOf(structOf(one)['expression']));
  return {
    authorizedTTL: time('authorizedTTL', 300_000),
    unauthorizedTTL: time('unauthorizedTTL', 30_000),
    cacheAuthorizedRequests: webhook['cacheAuthorizedRequests'] !== false,
    cacheUnauthorizedRequests: webhook['cacheUnauthorizedRequests'] !== false,
    timeout: time('timeout', 30_000),
    subjectAccessReviewVersion: webhook['subjectAccessReviewVersion'] as 'v1' | 'v1beta1',
    failurePolicy: webhook['failurePolicy'] as 'NoOpinion' | 'Deny',
    kubeConfigFile: textOf(structOf(webhook['connectionInfo'])['kubeConfigFile']),
    matchConditions: compileMatchConditions(conditions, '').conditions,
  };
}
