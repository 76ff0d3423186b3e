// What both kinds of webhook configurations share.
// https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/
import type { MutatingWebhook, ValidatingWebhookConfiguration } from '../../../openapi/types/admissionregistration.v1.js';
import { duplicate, invalid, notSupported, required } from '../../apimachinery/errors/field-error.js';
import { boolType } from '../../apimachinery/cel/types.js';
import type { Draft, KubeObject } from '../../apimachinery/object.js';
import type { Cell, Strategy, TableContext } from '../kind.js';
import { ageOf, nameOf } from '../printing/cells.js';
import { defaultsOf, type DefaultRow } from '../rules/defaults.js';
import { eachAlone, optionalOneOf, type Errors } from '../rules/fields.js';
import { labelSelectorErrors } from '../rules/selectors.js';
import { clientConfigErrors, fullyQualifiedNameErrors, reviewVersionErrors } from '../rules/webhooks.js';
import { environmentFor, programOf } from './expressions.js';
import { failurePolicies, matchConditionErrors, matchPolicies, ruleErrors } from './rules.js';

/** A webhook of either kind. */
type Webhook = Draft<MutatingWebhook>;

const sideEffects = ['None', 'NoneOnDryRun'];
const longestTimeout = 30;

function webhookErrors(field: string, webhook: Webhook, taken: boolean): Errors {
  const { name = '', sideEffects: effects, timeoutSeconds: timeout } = webhook;
  // Lists that the API requires are null when they were not sent.
  const versions = webhook.admissionReviewVersions ?? [];
  const errors = [...fullyQualifiedNameErrors(`${field}.name`, name)];
  if (name !== '' && taken) errors.push(duplicate(`${field}.name`, name));
  errors.push(
    ...eachAlone(`${field}.rules`, webhook.rules, ruleErrors),
    ...optionalOneOf(`${field}.failurePolicy`, webhook.failurePolicy, failurePolicies),
    ...optionalOneOf(`${field}.matchPolicy`, webhook.matchPolicy, matchPolicies),
  );
  if (effects === undefined || effects === null)
    errors.push(required(`${field}.sideEffects`, `must specify one of ${sideEffects.join(', ')}`));
  else if (!sideEffects.includes(effects)) errors.push(notSupported(`${field}.sideEffects`, effects, sideEffects));
  if (timeout !== undefined && (timeout < 1 || timeout > longestTimeout)) {
    errors.push(invalid(`${field}.timeoutSeconds`, timeout, `the timeout value must be between 1 and ${longestTimeout} seconds`));
  }
  errors.push(
    ...labelSelectorErrors(`${field}.namespaceSelector`, webhook.namespaceSelector),
    ...labelSelectorErrors(`${field}.objectSelector`, webhook.objectSelector),
    ...optionalOneOf(`${field}.reinvocationPolicy`, webhook.reinvocationPolicy, ['IfNeeded', 'Never']),
    ...clientConfigErrors(`${field}.clientConfig`, webhook.clientConfig ?? {}),
    ...matchConditionErrors(
      `${field}.matchConditions`,
      webhook.matchConditions,
      (webhook.matchConditions ?? []).map(({ expression = '' }) => programOf(expression, environmentFor(false), [boolType])),
    ),
    ...(versions.length === 0
      ? [required(`${field}.admissionReviewVersions`, 'must specify one of v1, v1beta1')]
      : reviewVersionErrors(`${field}.admissionReviewVersions`, versions)),
  );
  return errors;
}

function webhooksOf(object: KubeObject): readonly Webhook[] {
  return (object as Draft<ValidatingWebhookConfiguration>).webhooks ?? [];
}

/** The strategy of a kind of webhook configuration; `more` are its own defaults. */
export function webhookStrategy(more: readonly DefaultRow[]): Strategy {
  return {
    applyDefaults: defaultsOf([
      ['webhooks[].failurePolicy', 'Fail'],
      ['webhooks[].matchPolicy', 'Equivalent'],
      ['webhooks[].namespaceSelector', () => ({})],
      ['webhooks[].objectSelector', () => ({})],
      ['webhooks[].timeoutSeconds', 10],
      ['webhooks[].rules[].scope', '*'],
      ['webhooks[].clientConfig.service.port', 443],
      ...more,
    ]),
    validate: (object) => {
      const webhooks = webhooksOf(object);
      const firsts = new Map<string | undefined, number>();
      for (const [index, { name }] of webhooks.entries()) if (!firsts.has(name)) firsts.set(name, index);
      return eachAlone('webhooks', webhooks, (field, webhook, index) => webhookErrors(field, webhook, firsts.get(webhook.name) !== index));
    },
  };
}

/** The cells of a configuration's row. */
export function webhookCells(object: KubeObject, context: TableContext): readonly Cell[] {
  return [nameOf(object), webhooksOf(object).length, ageOf(object, context)];
}
