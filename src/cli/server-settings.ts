// Options that are flags of kube-apiserver and kube-controller-manager as well: one table for the command line and the configuration file.
import type { Command } from 'commander';
import type { AdmissionFlags } from '../apiserver/admission/control/options.js';
import type { AuthorizationOptions } from '../apiserver/authorization/options.js';
import type { AggregationOptions } from '../apiserver/aggregation/proxy-client.js';
import { auditModes, type AuditFlags } from '../apiserver/audit/flags.js';
import { OptionError, type ClusterOptions } from '../cluster/options.js';
import type { Flags } from './flags.js';

type Takes = 'text' | 'list' | 'seconds' | 'number' | 'decimal' | 'boolean' | readonly string[];

interface ServerSetting {
  /** In the configuration file and of {@link ClusterOptions}. */
  readonly name: keyof ClusterOptions;
  readonly flag: string;
  readonly takes: Takes;
  readonly help: string;
}

const settings: readonly ServerSetting[] = [
  { name: 'controllers', flag: 'controllers', takes: 'list', help: 'which controllers, as for kube-controller-manager: *, names, -name (default *)' },
  { name: 'loadBalancerPool', flag: 'load-balancer-pool', takes: 'list', help: 'CIDRs of addresses for services of type LoadBalancer (default 203.0.113.0/24,2001:db8::/112)' },
  { name: 'anonymousAuth', flag: 'anonymous-auth', takes: 'boolean', help: 'take requests without credentials as system:anonymous (default true)' },
  { name: 'tokenAuthFile', flag: 'token-auth-file', takes: 'text', help: 'a file with bearer tokens: token,user,uid,"group1,group2"' },
  { name: 'authenticationConfig', flag: 'authentication-config', takes: 'text', help: 'a file with an AuthenticationConfiguration: OpenID issuers, anonymous paths' },
  { name: 'authenticationTokenWebhookConfigFile', flag: 'authentication-token-webhook-config-file', takes: 'text', help: 'a kubeconfig of the webhook that knows bearer tokens' },
  { name: 'authenticationTokenWebhookCacheTtl', flag: 'authentication-token-webhook-cache-ttl', takes: 'seconds', help: 'how long its answers are remembered (default 2m)' },
  { name: 'authenticationTokenWebhookVersion', flag: 'authentication-token-webhook-version', takes: ['v1', 'v1beta1'], help: 'of the TokenReviews it is sent (default v1beta1)' },
  { name: 'authorizationMode', flag: 'authorization-mode', takes: 'list', help: 'who decides, in this order: Node, RBAC, Webhook, ABAC, AlwaysAllow, AlwaysDeny (default Node,RBAC)' },
  { name: 'authorizationConfig', flag: 'authorization-config', takes: 'text', help: 'a file with an AuthorizationConfiguration, instead of modes' },
  { name: 'authorizationPolicyFile', flag: 'authorization-policy-file', takes: 'text', help: 'the policies of the mode ABAC, one in JSON a line' },
  { name: 'authorizationWebhookConfigFile', flag: 'authorization-webhook-config-file', takes: 'text', help: 'a kubeconfig of the webhook of the mode Webhook' },
  { name: 'authorizationWebhookVersion', flag: 'authorization-webhook-version', takes: ['v1', 'v1beta1'], help: 'of the SubjectAccessReviews it is sent (default v1beta1)' },
  { name: 'authorizationWebhookCacheAuthorizedTtl', flag: 'authorization-webhook-cache-authorized-ttl', takes: 'seconds', help: 'how long a yes is remembered (default 5m)' },
  { name: 'authorizationWebhookCacheUnauthorizedTtl', flag: 'authorization-webhook-cache-unauthorized-ttl', takes: 'seconds', help: 'how long a no is remembered (default 30s)' },
  { name: 'enableAdmissionPlugins', flag: 'enable-admission-plugins', takes: 'list', help: 'admission plugins to run beside those on by default' },
  { name: 'disableAdmissionPlugins', flag: 'disable-admission-plugins', takes: 'list', help: 'admission plugins on by default that shall not run' },
  { name: 'admissionControlConfigFile', flag: 'admission-control-config-file', takes: 'text', help: 'a file with an AdmissionConfiguration: how plugins are configured' },
  { name: 'requestheaderClientCaFile', flag: 'requestheader-client-ca-file', takes: 'text', help: 'who signs the certificates of proxies that name their users in headers' },
  { name: 'requestheaderAllowedNames', flag: 'requestheader-allowed-names', takes: 'list', help: "the proxies' common names (default any)" },
  { name: 'requestheaderUsernameHeaders', flag: 'requestheader-username-headers', takes: 'list', help: 'headers with the user, such as X-Remote-User' },
  { name: 'requestheaderUidHeaders', flag: 'requestheader-uid-headers', takes: 'list', help: 'headers with the uid, such as X-Remote-Uid' },
  { name: 'requestheaderGroupHeaders', flag: 'requestheader-group-headers', takes: 'list', help: 'headers with groups, such as X-Remote-Group' },
  { name: 'requestheaderExtraHeadersPrefix', flag: 'requestheader-extra-headers-prefix', takes: 'list', help: 'what headers with more begin with, such as X-Remote-Extra-' },
  { name: 'proxyClientCertFile', flag: 'proxy-client-cert-file', takes: 'text', help: 'the certificate shown to the API servers behind API services' },
  { name: 'proxyClientKeyFile', flag: 'proxy-client-key-file', takes: 'text', help: 'its key' },
  { name: 'auditPolicyFile', flag: 'audit-policy-file', takes: 'text', help: 'a file with a Policy of audit.k8s.io/v1: what is audited, and how much of it' },
  { name: 'auditLogPath', flag: 'audit-log-path', takes: 'text', help: 'a file for audit events; - is standard output' },
  { name: 'auditLogFormat', flag: 'audit-log-format', takes: ['json', 'legacy'], help: 'of its lines (default json)' },
  { name: 'auditLogMode', flag: 'audit-log-mode', takes: auditModes, help: 'whether answers wait for it (default blocking)' },
  { name: 'auditLogMaxage', flag: 'audit-log-maxage', takes: 'number', help: 'days for which old files are kept; 0: for ever (default 366)' },
  { name: 'auditLogMaxbackup', flag: 'audit-log-maxbackup', takes: 'number', help: 'how many old files are kept; 0: all (default 100)' },
  { name: 'auditLogMaxsize', flag: 'audit-log-maxsize', takes: 'number', help: 'megabytes at which the file is set aside; 0: never (default 100)' },
  { name: 'auditLogCompress', flag: 'audit-log-compress', takes: 'boolean', help: 'compress old files with gzip (default false)' },
  { name: 'auditLogVersion', flag: 'audit-log-version', takes: ['audit.k8s.io/v1'], help: 'of the events' },
  { name: 'auditLogTruncateEnabled', flag: 'audit-log-truncate-enabled', takes: 'boolean', help: 'shorten events that are too large (default false)' },
  { name: 'auditLogTruncateMaxEventSize', flag: 'audit-log-truncate-max-event-size', takes: 'number', help: 'bytes an event may have (default 102400)' },
  { name: 'auditLogTruncateMaxBatchSize', flag: 'audit-log-truncate-max-batch-size', takes: 'number', help: 'bytes events written together may have (default 10485760)' },
  { name: 'auditLogBatchThrottleEnable', flag: 'audit-log-batch-throttle-enable', takes: 'boolean', help: 'of mode batch: limit the batches in a second (default false)' },
  { name: 'auditLogBatchThrottleQps', flag: 'audit-log-batch-throttle-qps', takes: 'decimal', help: 'batches in a second, on the average' },
  { name: 'auditLogBatchThrottleBurst', flag: 'audit-log-batch-throttle-burst', takes: 'number', help: 'batches at once after a pause' },
  { name: 'auditLogBatchBufferSize', flag: 'audit-log-batch-buffer-size', takes: 'number', help: 'of mode batch: how many events may wait (default 10000)' },
  { name: 'auditLogBatchMaxSize', flag: 'audit-log-batch-max-size', takes: 'number', help: 'as many are written at once (default 1)' },
  { name: 'auditLogBatchMaxWait', flag: 'audit-log-batch-max-wait', takes: 'seconds', help: 'after which fewer are written as well (default 0)' },
  { name: 'auditWebhookConfigFile', flag: 'audit-webhook-config-file', takes: 'text', help: 'a kubeconfig of the webhook that is sent audit events' },
  { name: 'auditWebhookMode', flag: 'audit-webhook-mode', takes: auditModes, help: 'whether answers wait for it (default batch)' },
  { name: 'auditWebhookBatchBufferSize', flag: 'audit-webhook-batch-buffer-size', takes: 'number', help: 'how many events may wait (default 10000)' },
  { name: 'auditWebhookBatchMaxSize', flag: 'audit-webhook-batch-max-size', takes: 'number', help: 'as many are sent at once (default 400)' },
  { name: 'auditWebhookBatchMaxWait', flag: 'audit-webhook-batch-max-wait', takes: 'seconds', help: 'after which fewer are sent as well (default 30s)' },
  { name: 'auditWebhookVersion', flag: 'audit-webhook-version', takes: ['audit.k8s.io/v1'], help: 'of the events' },
  { name: 'auditWebhookTruncateEnabled', flag: 'audit-webhook-truncate-enabled', takes: 'boolean', help: 'shorten events that are too large (default false)' },
  { name: 'auditWebhookTruncateMaxEventSize', flag: 'audit-webhook-truncate-max-event-size', takes: 'number', help: 'bytes an event may have (default 102400)' },
  { name: 'auditWebhookTruncateMaxBatchSize', flag: 'audit-webhook-truncate-max-batch-size', takes: 'number', help: 'bytes a list may have (default 10485760)' },
  { name: 'auditWebhookBatchThrottleEnable', flag: 'audit-webhook-batch-throttle-enable', takes: 'boolean', help: 'limit the lists in a second (default true)' },
  { name: 'auditWebhookBatchThrottleQps', flag: 'audit-webhook-batch-throttle-qps', takes: 'decimal', help: 'lists in a second, on the average (default 10)' },
  { name: 'auditWebhookBatchThrottleBurst', flag: 'audit-webhook-batch-throttle-burst', takes: 'number', help: 'lists at once after a pause (default 15)' },
  { name: 'auditWebhookInitialBackoff', flag: 'audit-webhook-initial-backoff', takes: 'seconds', help: 'before it is sent again for the first time (default 10s)' },
]; // prettier-ignore

/** What the settings have in common with {@link ClusterOptions}. */
export type ServerSettings = Partial<
  Pick<
    ClusterOptions,
    | 'controllers'
    | 'loadBalancerPool'
    | 'anonymousAuth'
    | 'tokenAuthFile'
    | 'authenticationConfig'
    | 'authenticationTokenWebhookConfigFile'
    | 'authenticationTokenWebhookCacheTtl'
    | 'authenticationTokenWebhookVersion'
    | keyof AuthorizationOptions
    | keyof AdmissionFlags
    | keyof AggregationOptions
    | keyof AuditFlags
    | 'requestheaderClientCaFile'
    | 'requestheaderAllowedNames'
    | 'requestheaderUsernameHeaders'
    | 'requestheaderUidHeaders'
    | 'requestheaderGroupHeaders'
    | 'requestheaderExtraHeadersPrefix'
  >
>;

/** Their fields in the schema of the configuration file. */
export const serverFields: Readonly<Record<string, object>> = Object.fromEntries(
  settings.map(({ name, takes }) => [name, schemaOf(takes)]),
);

function schemaOf(takes: Takes): object {
  switch (takes) {
    case 'text':
      return { type: 'string', minLength: 1 };
    case 'list':
      return { type: 'array', items: { type: 'string', minLength: 1 } };
    case 'seconds':
      return { type: 'integer', minimum: 0, maximum: 86_400 };
    case 'number':
      return { type: 'integer', minimum: 0, maximum: 999_999_999 };
    case 'decimal':
      return { type: 'number', minimum: 0, maximum: 999_999_999 };
    case 'boolean':
      return { type: 'boolean' };
    default:
      return { type: 'string', enum: takes };
  }
}

/** Adds their options to a command. */
export function serverOptions(command: Command): Command {
  const value = (takes: Takes): string =>
    typeof takes === 'string'
      ? { text: '<file>', list: '<list>', seconds: '<duration>', number: '<number>', decimal: '<number>', boolean: '[boolean]' }[takes]
      : '<name>';
  for (const { flag, takes, help } of settings) {
    const option = command.createOption(`--${flag} ${value(takes)}`, help);
    command.addOption(takes === 'boolean' ? option.preset('true') : option);
  }
  return command;
}

/** The options of the command line, else the file's. Throws OptionError. */
export function readServerSettings(flags: Flags, file: ServerSettings): ServerSettings {
  const read: [string, unknown][] = [];
  for (const { name, flag, takes } of settings) {
    const text = flags[name];
    const value: unknown = text === undefined ? file[name as keyof ServerSettings] : valueOf(flag, takes, text);
    if (value !== undefined) read.push([name, value]);
  }
  return Object.fromEntries(read);
}

function valueOf(flag: string, takes: Takes, text: string): unknown {
  const wrong = (what: string): never => {
    throw new OptionError(`--${flag} must be ${what}, not ${JSON.stringify(text)}`);
  };
  switch (takes) {
    case 'text':
      return text === '' ? wrong('a file') : text;
    case 'list':
      return text
        .split(',')
        .map((one) => one.trim())
        .filter((one) => one !== '');
    case 'boolean':
      return text === 'true' || text === 'false' ? text === 'true' : wrong('true or false');
    case 'decimal':
      return /^\d{1,9}(?:\.\d{1,6})?$/.test(text) ? Number(text) : wrong('a number of 0 or more');
    case 'number':
      return /^\d{1,9}$/.test(text) ? Number(text) : wrong('a whole number of 0 or more');
    case 'seconds':
      return secondsOf(text) ?? wrong('a duration, such as 90s or 2m');
    default:
      return takes.includes(text) ? text : wrong(`one of ${takes.join(', ')}`);
  }
}

/** `90`, `90s`, `1m30s`; undefined for what is no such time or more than a day. */
function secondsOf(text: string): number | undefined {
  const found = /^(?:(\d{1,5})h)?(?:(\d{1,5})m)?(?:(\d{1,5})s?)?$/.exec(text);
  if (found === null || text === '') return undefined;
  const [hours = 0, minutes = 0, seconds = 0] = found.slice(1).map((part) => Number(part ?? 0));
  const total = hours * 3600 + minutes * 60 + seconds;
  return total > 86_400 ? undefined : total;
}
