// How users are told apart beside certificates and service accounts: the options, and what is made of them.
import { readFile } from 'node:fs/promises';
import type { Secret } from '../../../openapi/types/core.v1.js';
import { loadKubeconfig } from '../../client/kubeconfig/kubeconfig.js';
import type { Clock } from '../../clock/clock.js';
import { readAuthenticationConfiguration, type AuthenticationConfiguration } from './authentication-configuration.js';
import type { TokenAuthenticator } from './token-authenticator.js';
import { staticTokens } from './bearer-token.js';
import { createBootstrapTokens } from './bootstrap-token.js';
import type { FollowContext } from './follow-configuration-file.js';
import { createReloadedIssuers, type ConfigurationFile } from './reloaded-issuers.js';
import { reloadedAuthorities, type ReloadedAuthorities } from './reloaded-authorities.js';
import { createRequestHeaderAuthenticator, type RequestHeaderAuthenticator } from './request-header.js';
import { parseTokenFile } from './token-file.js';
import { createWebhookTokens } from './webhook-tokens.js';

/** The flags of kube-apiserver of the same names. */
export interface AuthenticationOptions {
  /** Whether requests without credentials are `system:anonymous`; true when absent. Not together with an authenticationConfig that says it. */
  readonly anonymousAuth?: boolean;
  /** A file with tokens: `token,user,uid,"group1,group2"`. */
  readonly tokenAuthFile?: string;
  /** A file with an AuthenticationConfiguration: issuers of JSON web tokens, anonymous paths. */
  readonly authenticationConfig?: string;
  /** A kubeconfig: where TokenReviews are sent. */
  readonly authenticationTokenWebhookConfigFile?: string;
  /** Seconds for which the webhook's answers are remembered; 120 when absent. */
  readonly authenticationTokenWebhookCacheTtl?: number;
  /** Of the TokenReviews sent; v1beta1 when absent. */
  readonly authenticationTokenWebhookVersion?: 'v1' | 'v1beta1';
  /** A PEM file: who signs the certificates of authenticating proxies. Without it no request header names a user. */
  readonly requestheaderClientCaFile?: string;
  /** Common names of the proxies; any when absent or empty. */
  readonly requestheaderAllowedNames?: readonly string[];
  readonly requestheaderUsernameHeaders?: readonly string[];
  readonly requestheaderUidHeaders?: readonly string[];
  readonly requestheaderGroupHeaders?: readonly string[];
  readonly requestheaderExtraHeadersPrefix?: readonly string[];
}

/** A file that an option names cannot be used; `message` is one line that names the option. */
export class AuthenticationOptionError extends Error {}

/** The options with the files that they name, read. */
export interface Authentication {
  readonly anonymous: boolean | ReadonlySet<string>;
  readonly requestHeader: RequestHeaderAuthenticator | undefined;
  /** What extension API servers read of it, in the config map `extension-apiserver-authentication`. */
  published(): Readonly<Record<string, string>>;
  /** Who signs users' certificates. */
  readonly authorities: ReloadedAuthorities;
  /** Who signs those of proxies: the server's TLS must trust them too. */
  readonly proxies: ReloadedAuthorities | undefined;
  /** The file that the latter were read from; undefined when no option named one. */
  readonly proxyFile: string | undefined;
  /** Ways to check bearer tokens, beside service accounts. */
  tokens(context: TokenContext): readonly TokenAuthenticator[];
  /** Follows what may change of the files that the options name. Returns what ends it. */
  follow(context: FollowContext): () => void;
}

export interface TokenContext {
  readonly clock: Clock;
  /** Real time: for what is outside the cluster. */
  readonly systemClock: Clock;
  /** The API server's own audiences. */
  readonly audiences: readonly string[];
  /** A secret as it is stored now. */
  readonly secret: (namespace: string, name: string) => Promise<Secret | undefined>;
}

/**
 * @param clusterAuthority PEM of the authority of clients' certificates
 * @param ownIssuers the issuers of the server's own tokens
 * @param frontProxyAuthority PEM of the authority of proxies that counts when no option names another, with the headers that kubeadm names
 * Rejects with {@link AuthenticationOptionError}.
 */
export async function loadAuthentication(
  given: AuthenticationOptions,
  clusterAuthority: string,
  ownIssuers: readonly string[],
  frontProxyAuthority?: string,
): Promise<Authentication> {
  const usual = given.requestheaderClientCaFile === undefined && frontProxyAuthority !== undefined;
  const options = usual ? { ...given, ...kubeadmHeaders } : given;
  const { tokenAuthFile, authenticationConfig, authenticationTokenWebhookConfigFile: webhookFile, requestheaderClientCaFile } = options;
  const users = await from('token-auth-file', tokenAuthFile, async (path) => parseTokenFile(await readFile(path, 'utf8')));
  const file = await from('authentication-config', authenticationConfig, (path) => readConfiguration(path, ownIssuers));
  const configuration = file?.configuration;
  const issuers = file === undefined ? undefined : createReloadedIssuers(file);
  if (configuration?.anonymous !== undefined && options.anonymousAuth !== undefined)
    throw new AuthenticationOptionError('--anonymous-auth cannot be set when the --authentication-config file says anonymous');
  const webhook = await from('authentication-token-webhook-config-file', webhookFile, (path) => loadKubeconfig(path));
  const proxies = usual
    ? reloadedAuthorities(frontProxyAuthority)
    : await from('requestheader-client-ca-file', requestheaderClientCaFile, async (path) =>
        reloadedAuthorities(await readFile(path, 'utf8')),
      );
  const authorities = reloadedAuthorities(clusterAuthority);
  const requestHeader =
    proxies === undefined
      ? undefined
      : createRequestHeaderAuthenticator(
          {
            authorities: proxies,
            allowedNames: options.requestheaderAllowedNames,
            usernameHeaders: options.requestheaderUsernameHeaders,
            uidHeaders: options.requestheaderUidHeaders,
            groupHeaders: options.requestheaderGroupHeaders,
            extraHeadersPrefix: options.requestheaderExtraHeadersPrefix,
          },
          authorities,
        );
  return {
    anonymous: configuration?.anonymous ?? options.anonymousAuth ?? true,
    requestHeader,
    published: () => (proxies === undefined ? {} : publishedOf(options, proxies.pem)),
    authorities,
    proxies,
    proxyFile: requestheaderClientCaFile,
    tokens: ({ clock, systemClock, audiences, secret }) => [
      ...(users === undefined ? [] : [staticTokens(users, audiences)]),
      createBootstrapTokens({ clock, audiences, secret: (name) => secret('kube-system', name) }),
      ...(issuers === undefined ? [] : [issuers.tokens(audiences, systemClock)]),
      ...(webhook === undefined
        ? []
        : [
            createWebhookTokens({
              config: webhook,
              clock: systemClock,
              audiences,
              version: options.authenticationTokenWebhookVersion,
              cacheSeconds: options.authenticationTokenWebhookCacheTtl,
            }),
          ]),
    ],
    follow: (context) => issuers?.follow(context) ?? (() => undefined),
  };
}

/** https://kubernetes.io/docs/tasks/extend-kubernetes/configure-aggregation-layer/#kubernetes-apiserver-client-authentication */
const kubeadmHeaders = {
  requestheaderAllowedNames: ['front-proxy-client'],
  requestheaderUsernameHeaders: ['X-Remote-User'],
  requestheaderUidHeaders: ['X-Remote-Uid'],
  requestheaderGroupHeaders: ['X-Remote-Group'],
  requestheaderExtraHeadersPrefix: ['X-Remote-Extra-'],
};

async function readConfiguration(path: string, ownIssuers: readonly string[]): Promise<ConfigurationFile> {
  // Most clusters have no such file, and YAML takes a while to load.
  const { parse } = await import('../../client/kubeconfig/yaml-library.js');
  const read = async (text: string): Promise<AuthenticationConfiguration> => readAuthenticationConfiguration(parse(text), ownIssuers);
  const text = await readFile(path, 'utf8');
  return { path, text, configuration: await read(text), read };
}

function publishedOf(options: AuthenticationOptions, pem: string): Readonly<Record<string, string>> {
  const list = (names: readonly string[] | undefined): string => JSON.stringify(names ?? []);
  return {
    'requestheader-client-ca-file': pem,
    'requestheader-allowed-names': list(options.requestheaderAllowedNames),
    'requestheader-username-headers': list(options.requestheaderUsernameHeaders),
    'requestheader-group-headers': list(options.requestheaderGroupHeaders),
    'requestheader-extra-headers-prefix': list(options.requestheaderExtraHeadersPrefix),
    ...(options.requestheaderUidHeaders === undefined ? {} : { 'requestheader-uid-headers': list(options.requestheaderUidHeaders) }),
  };
}

async function from<T>(option: string, path: string | undefined, read: (path: string) => Promise<T>): Promise<T | undefined> {
  if (path === undefined) return undefined;
  try {
    return await read(path);
  } catch (error) {
    throw new AuthenticationOptionError(`--${option} ${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
