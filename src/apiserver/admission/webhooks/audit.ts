// What the audit event of a request tells of the webhooks that were asked about it.
// https://kubernetes.io/docs/reference/labels-annotations-taints/audit-annotations/
import { jsonText } from '../../../apimachinery/codec/json.js';
import { qualifiedNameProblems } from '../../../apimachinery/names/names.js';
import { tellsRequests, type AuditContext } from '../../audit/context.js';
import type { Webhook, WebhookType } from './hooks.js';

/** Which question of a request it is: webhooks are asked in rounds, and counted in each. */
export interface Turn {
  readonly round: number;
  readonly index: number;
}

const prefixes: Readonly<Record<WebhookType, string>> = { mutating: 'mutation', validating: 'validating' };

function keyOf(prefix: string, { round, index }: Turn): string {
  return `${prefix}.webhook.admission.k8s.io/round_${round}_index_${index}`;
}

/** Whether the webhook has changed the object. */
export function tellMutation(audit: AuditContext | undefined, { configuration, name }: Webhook, turn: Turn, mutated: boolean): void {
  audit?.annotate(keyOf('mutation', turn), jsonText({ configuration, webhook: name, mutated }));
}

/** What it wanted to change; only where requests are told too. */
export function tellPatch(audit: AuditContext | undefined, { configuration, name }: Webhook, turn: Turn, patch: readonly unknown[]): void {
  if (audit === undefined || !tellsRequests(audit)) return;
  audit.annotate(keyOf('patch', turn), jsonText({ configuration, webhook: name, patch, patchType: 'JSONPatch' }));
}

/** It failed, and that did not matter. */
export function tellFailedOpen(audit: AuditContext | undefined, type: WebhookType, { name }: Webhook, turn: Turn): void {
  audit?.annotate(keyOf(`failed-open.${prefixes[type]}`, turn), name);
}

/** What the webhook itself has to say, under its own name. Keys that cannot be are passed over. */
export function tellOwn(audit: AuditContext | undefined, { name }: Webhook, annotations: Readonly<Record<string, string>>): void {
  if (audit === undefined) return;
  for (const [key, value] of Object.entries(annotations)) {
    const whole = `${name}/${key}`;
    if (qualifiedNameProblems(whole).length === 0) audit.annotate(whole, value);
  }
}
