// Who decides who may do what: the options, and the authorizers that are made of them.
// https://kubernetes.io/docs/reference/access-authn-authz/authorization/#choice-of-authz-config
import { readFile, stat } from 'node:fs/promises';
import type { PolicyRule } from '../../../openapi/types/rbac.v1.js';
import { loadKubeconfig, type ClientConfig } from '../../client/kubeconfig/kubeconfig.js';
import type { Logger } from '../../client/logger.js';
import type { Clock } from '../../clock/clock.js';
import type { Registry } from '../../registry/index.js';
import type { Storages } from '../core/resource-storage.js';
import { readConfigurationFile } from '../authentication/configuration-file.js';
import type { FollowContext } from '../authentication/follow-configuration-file.js';
import { createAbacAuthorizer } from './abac/abac-authorizer.js';
import { readPolicyFile, type AbacPolicy } from './abac/policy-file.js';
import { createAuthorizer, type Authorizer } from './authorizer.js';
import {
  authorizationConfigurationKind,
  modes,
  readAuthorizers,
  type AuthorizerSettings,
  type Mode,
  type WebhookSettings,
} from './configuration/authorization-configuration.js';
import { followConfiguration } from './follow-configuration.js';
import { inClusterConfig } from './in-cluster.js';
import { keepRbacIndex } from './keep-index.js';
import { createNodeGraph } from './node/graph.js';
import { keepNodeGraph } from './node/keep-graph.js';
import { createNodeAuthorizer } from './node/node-authorizer.js';
import { createRbacAuthorizer } from './rbac-authorizer.js';
import type { RbacIndex } from './rbac-index.js';
import { alwaysAllow, alwaysDeny } from './simple-authorizers.js';
import { createWebhookAuthorizer } from './webhook/webhook-authorizer.js';

/** The flags of kube-apiserver of the same names. */
export interface AuthorizationOptions {
  /** Who is asked, in this order: Node, RBAC, Webhook, ABAC, AlwaysAllow, AlwaysDeny. Node, RBAC when absent. */
  readonly authorizationMode?: readonly string[];
  /** A kubeconfig: where SubjectAccessReviews are sent. With the mode Webhook. */
  readonly authorizationWebhookConfigFile?: string;
  /** Of the reviews sent; v1beta1 when absent. */
  readonly authorizationWebhookVersion?: 'v1' | 'v1beta1';
  /** Seconds for which a yes is remembered; 300 when absent. */
  readonly authorizationWebhookCacheAuthorizedTtl?: number;
  /** Seconds for which a no is remembered; 30 when absent. */
  readonly authorizationWebhookCacheUnauthorizedTtl?: number;
  /** A file with a policy in JSON on each line. With the mode ABAC. */
  readonly authorizationPolicyFile?: string;
  /** A file with an AuthorizationConfiguration, instead of modes and webhook. */
  readonly authorizationConfig?: string;
}

/** An option cannot be used; `message` is one line that names it. */
export class AuthorizationOptionError extends Error {}

/** What authorizers look at. */
export interface AuthorizerParts {
  readonly rbac: RbacIndex;
  /** The rules of the cluster role `system:node`. */
  readonly nodeRules: readonly PolicyRule[];
  /** Real time: for what is outside the cluster. */
  readonly systemClock: Clock;
}

/** The options with the files that they name, read: makes the server's authorizer. */
export type Authorization = (parts: AuthorizerParts) => ServerAuthorizer;

export interface ServerAuthorizer {
  readonly authorizer: Authorizer;
  /** Resolves when what authorizers look at is as it is stored; they follow every change from then on. */
  keep(registry: Registry, storages: Storages, logger: Logger): Promise<void>;
  /** Follows the file of `--authorization-config`. Returns what ends it. */
  follow(context: FollowContext): () => void;
}

/** Settings with the files that they name. */
interface ReadSettings {
  readonly settings: readonly AuthorizerSettings[];
  readonly configs: ReadonlyMap<AuthorizerSettings, ClientConfig>;
}

/** Rejects with {@link AuthorizationOptionError}. */
export async function loadAuthorization(options: AuthorizationOptions): Promise<Authorization> {
  const { authorizationConfig: path } = options;
  if (path !== undefined) refuseOthers(options);
  const text = path === undefined ? undefined : await readText(path);
  const first = await withConfigs(await settingsOf(options, text), options);
  const policies: readonly AbacPolicy[] = first.settings.some(({ type }) => type === 'ABAC') ? await readPolicies(options) : [];
  return ({ rbac, nodeRules, systemClock }) => {
    const graph = createNodeGraph();
    const made = ({ settings, configs }: ReadSettings): Authorizer =>
      createAuthorizer(
        settings.map((one): Authorizer => {
          switch (one.type) {
            case 'Node':
              return createNodeAuthorizer(nodeRules, graph);
            case 'RBAC':
              return createRbacAuthorizer(rbac);
            case 'ABAC':
              return createAbacAuthorizer(policies);
            case 'Webhook':
              return createWebhookAuthorizer({ settings: one.webhook!, config: configs.get(one)!, clock: systemClock });
            case 'AlwaysAllow':
              return alwaysAllow;
            case 'AlwaysDeny':
              return alwaysDeny;
          }
        }),
      );
    const following = path === undefined ? undefined : followConfiguration(made(first), path, text!, first.settings);
    // Roles are read for checks of escalation too, whoever decides.
    return {
      authorizer: following?.authorizer ?? made(first),
      keep: async (registry, storages, logger) => {
        await keepRbacIndex(registry, storages, rbac, logger);
        // A file may come to name it later.
        if (path !== undefined || first.settings.some(({ type }) => type === 'Node'))
          await keepNodeGraph(registry, storages, graph, logger);
      },
      follow: (context) =>
        following?.follow(context, async (now) => {
          const read = await withConfigs(await settingsOf(options, now), options);
          return { settings: read.settings, authorizer: () => made(read) };
        }) ?? (() => undefined),
    };
  };
}

async function withConfigs(settings: readonly AuthorizerSettings[], options: AuthorizationOptions): Promise<ReadSettings> {
  const configs = new Map<AuthorizerSettings, ClientConfig>();
  for (const one of settings) if (one.webhook !== undefined) configs.set(one, await readConnection(one.webhook, options));
  return { settings, configs };
}

/** Modes come from the file or from flags. */
function refuseOthers(options: AuthorizationOptions): void {
  const others = [
    options.authorizationMode,
    options.authorizationWebhookConfigFile,
    options.authorizationWebhookVersion,
    options.authorizationWebhookCacheAuthorizedTtl,
    options.authorizationWebhookCacheUnauthorizedTtl,
  ];
  if (others.some((value) => value !== undefined))
    throw wrong('--authorization-config can not be specified when --authorization-mode or --authorization-webhook-* flags are defined');
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw wrong(`--authorization-config: ${textOf(error)}`);
  }
}

function wrong(message: string): AuthorizationOptionError {
  return new AuthorizationOptionError(message);
}

function textOf(error: unknown): string {
  // Errors of the file system are of another realm's Error in some test runners.
  return (error as Error | undefined)?.message ?? String(error);
}

/** @param text of the file of `--authorization-config`; undefined when there is none */
async function settingsOf(options: AuthorizationOptions, text: string | undefined): Promise<readonly AuthorizerSettings[]> {
  const { authorizationConfig: path, authorizationMode } = options;
  if (text === undefined) return modeSettings(authorizationMode ?? ['Node', 'RBAC'], options);
  let file;
  try {
    file = await readConfigurationFile(text, authorizationConfigurationKind);
  } catch (error) {
    throw wrong(`--authorization-config ${path}: failed to load AuthorizationConfiguration from file: ${textOf(error)}`);
  }
  try {
    return readAuthorizers(file);
  } catch (error) {
    throw wrong(`--authorization-config ${path}: ${textOf(error)}`);
  }
}

function modeSettings(list: readonly string[], options: AuthorizationOptions): readonly AuthorizerSettings[] {
  if (list.length === 0) throw wrong('--authorization-mode must name at least one of ' + modes.join(', '));
  const unknown = list.find((mode) => !modes.some((known) => known === mode));
  if (unknown !== undefined)
    throw wrong(`authorization-mode ${JSON.stringify(unknown)} is not a valid mode: choose from ${modes.join(', ')}`);
  if (new Set(list).size < list.length)
    throw wrong(`authorization-mode [${list.map((mode) => JSON.stringify(mode)).join(' ')}] has mode specified more than once`);
  const { authorizationWebhookConfigFile: webhookFile, authorizationPolicyFile: policyFile } = options;
  for (const [mode, file, flag, what] of [
    ['ABAC', policyFile, 'authorization-policy-file', 'authorization policy file'],
    ['Webhook', webhookFile, 'authorization-webhook-config-file', 'authorization config file'],
  ] as const) {
    if (list.includes(mode) && file === undefined) throw wrong(`authorization-mode ${mode}'s ${what} not passed: --${flag}`);
    if (!list.includes(mode) && file !== undefined) throw wrong(`cannot specify --${flag} without mode ${mode}`);
  }
  return list.map((type) => ({
    type: type as Mode,
    name: type.toLowerCase(),
    webhook: type === 'Webhook' ? webhookOf(options, webhookFile!) : undefined,
  }));
}

/** As the flags have it: a webhook that fails has no opinion. */
function webhookOf(options: AuthorizationOptions, kubeConfigFile: string): WebhookSettings {
  return {
    authorizedTTL: (options.authorizationWebhookCacheAuthorizedTtl ?? 300) * 1000,
    unauthorizedTTL: (options.authorizationWebhookCacheUnauthorizedTtl ?? 30) * 1000,
    cacheAuthorizedRequests: true,
    cacheUnauthorizedRequests: true,
    timeout: 30_000,
    subjectAccessReviewVersion: options.authorizationWebhookVersion ?? 'v1beta1',
    failurePolicy: 'NoOpinion',
    kubeConfigFile,
    matchConditions: undefined,
  };
}

/** A larger file is a mistake, or somebody's attempt to keep the server busy. */
const largestPolicyFile = 64 * 1024 * 1024;

async function readPolicies({ authorizationPolicyFile: path }: AuthorizationOptions): Promise<readonly AbacPolicy[]> {
  if (path === undefined) throw wrong("authorization-mode ABAC's authorization policy file not passed: --authorization-policy-file");
  try {
    const { size } = await stat(path);
    if (size > largestPolicyFile) throw wrong(`the file has more than ${largestPolicyFile} bytes`);
    return readPolicyFile(await readFile(path, 'utf8'), path);
  } catch (error) {
    throw wrong(`--authorization-policy-file ${path}: ${textOf(error)}`);
  }
}

async function readConnection(
  { kubeConfigFile: path, subjectAccessReviewVersion: version }: WebhookSettings,
  options: AuthorizationOptions,
): Promise<ClientConfig> {
  try {
    return await (path === '' ? inClusterConfig(version) : loadKubeconfig(path));
  } catch (error) {
    const flag = options.authorizationConfig === undefined ? 'authorization-webhook-config-file' : 'authorization-config';
    throw wrong(`--${flag}: ${textOf(error)}`);
  }
}
