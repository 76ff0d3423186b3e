// Options that are flags of kube-apiserver and kube-controller-manager as well: one table for the command line and the configuration file.
import type { Command } from 'commander';
import { OptionError, type ClusterOptions } from '../cluster/options.js';
import type { Flags } from './settings.js';

type Takes = 'text' | 'list' | 'seconds' | 'boolean' | readonly string[];

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
  { name: 'requestheaderClientCaFile', flag: 'requestheader-client-ca-file', takes: 'text', help: 'who signs the certificates of proxies that name their users in headers' },
  { name: 'requestheaderAllowedNames', flag: 'requestheader-allowed-names', takes: 'list', help: "the proxies' common names (default any)" },
  { name: 'requestheaderUsernameHeaders', flag: 'requestheader-username-headers', takes: 'list', help: 'headers with the user, such as X-Remote-User' },
  { name: 'requestheaderUidHeaders', flag: 'requestheader-uid-headers', takes: 'list', help: 'headers with the uid, such as X-Remote-Uid' },
  { name: 'requestheaderGroupHeaders', flag: 'requestheader-group-headers', takes: 'list', help: 'headers with groups, such as X-Remote-Group' },
  { name: 'requestheaderExtraHeadersPrefix', flag: 'requestheader-extra-headers-prefix', takes: 'list', help: 'what headers with more begin with, such as X-Remote-Extra-' },
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
    case 'boolean':
      return { type: 'boolean' };
    default:
      return { type: 'string', enum: takes };
  }
}

/** Adds their options to a command. */
export function serverOptions(command: Command): Command {
  const value = (takes: Takes): string =>
    typeof takes === 'string' ? { text: '<file>', list: '<list>', seconds: '<duration>', boolean: '<boolean>' }[takes] : '<name>';
  for (const { flag, takes, help } of settings) command.option(`--${flag} ${value(takes)}`, help);
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
