// Validating webhooks. https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/
import type { KindDefinition } from '../kind.js';
import { webhookCells, webhookStrategy } from './webhooks.js';

export const validatingWebhookConfiguration: KindDefinition = {
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  resource: 'validatingwebhookconfigurations',
  unconditionalUpdate: false,
  generation: true,
  strategy: webhookStrategy([]),
  cells: webhookCells,
};
