// The webhooks of all configurations, compiled: whom each wants to be asked about.
// https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/
import type {
  MutatingWebhook,
  MutatingWebhookConfiguration,
  RuleWithOperations,
  ValidatingWebhook,
  ValidatingWebhookConfiguration,
} from '../../../../openapi/types/admissionregistration.v1.js';
import { compileLabelSelector, type LabelSelectorMatcher } from '../../../apimachinery/selectors/labels.js';
import type { Registry } from '../../../registry/index.js';
import type { ResourceStorage, Storages } from '../../core/resource-storage.js';
import { compileConditions, type MatchConditions } from './conditions.js';

/** One webhook of a configuration. */
export interface Webhook {
  readonly name: string;
  /** The name of its configuration. */
  readonly configuration: string;
  readonly clientConfig: ValidatingWebhook['clientConfig'];
  readonly rules: readonly RuleWithOperations[];
  readonly namespaces: LabelSelectorMatcher;
  readonly objects: LabelSelectorMatcher;
  readonly conditions: MatchConditions;
  /** Other versions of the same objects count as well. */
  readonly equivalent: boolean;
  /** An error counts as a refusal. */
  readonly failClosed: boolean;
  readonly timeoutSeconds: number;
  readonly reviewVersions: readonly string[];
  /** Asked again when webhooks after it have changed the object (mutating ones only). */
  readonly reinvoked: boolean;
}

export type WebhookType = 'mutating' | 'validating';

type Configuration = MutatingWebhookConfiguration | ValidatingWebhookConfiguration;

/** Configurations are immutable: each version is compiled once. */
const compiled = new WeakMap<Configuration, readonly Webhook[]>();

export interface Webhooks {
  /** False when there are none; a look-up. */
  any(): boolean;
  /** All, in the order in which they are asked. */
  all(): Promise<readonly Webhook[]>;
}

/** The webhooks as they are now. */
export function webhooksOf(type: WebhookType, registry: Registry, storages: Storages): Webhooks {
  let made: ResourceStorage | undefined;
  const storage = (): ResourceStorage =>
    (made ??= storages.of(registry.byResource('admissionregistration.k8s.io', 'v1', `${type}webhookconfigurations`)!));
  return {
    any: () => !storage().cache.started || storage().cache.count(storage().prefix('')) > 0,
    async all() {
      const { cache } = storage();
      if (!cache.started) await cache.fresh();
      return cache.list({ prefix: storage().prefix('') }).entries.flatMap(({ value }) => compiledOf(value as Configuration));
    },
  };
}

function compiledOf(configuration: Configuration): readonly Webhook[] {
  let hooks = compiled.get(configuration);
  if (hooks === undefined)
    compiled.set(configuration, (hooks = (configuration.webhooks ?? []).map((webhook) => compile(webhook, configuration.metadata.name))));
  return hooks;
}

function compile(webhook: MutatingWebhook | ValidatingWebhook, configuration: string): Webhook {
  return {
    name: webhook.name,
    configuration,
    clientConfig: webhook.clientConfig,
    rules: webhook.rules ?? [],
    namespaces: compileLabelSelector(webhook.namespaceSelector ?? {}),
    objects: compileLabelSelector(webhook.objectSelector ?? {}),
    conditions: compileConditions(webhook.matchConditions ?? []),
    equivalent: webhook.matchPolicy !== 'Exact',
    failClosed: webhook.failurePolicy !== 'Ignore',
    timeoutSeconds: webhook.timeoutSeconds ?? 10,
    reviewVersions: webhook.admissionReviewVersions,
    reinvoked: 'reinvocationPolicy' in webhook && webhook.reinvocationPolicy === 'IfNeeded',
  };
}
