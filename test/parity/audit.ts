// What a server writes into its audit log about a list of requests, in a form that any two servers share.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { AuditEvent } from '../../src/index.js';
import { established } from './established.js';
import { send, type Step, type Target } from './exchange.js';
import { normalise, withSortedManagers } from './normalise.js';
import { at } from './path.js';

/** A step without the client's certificate: whoever asks is a stranger, or has a token. */
export interface AuditStep extends Step {
  readonly stranger?: boolean;
  /** Milliseconds until a real server heeds what was written. */
  readonly pause?: number;
}

/** What one request left in the log. */
export interface AuditedStep {
  readonly request: string;
  readonly events: readonly unknown[];
}

/** The steps and the policy of the folder. */
export function readAuditCase(folder: string): { readonly steps: readonly AuditStep[]; readonly policy: Record<string, unknown> } {
  const read = (file: string): unknown => parse(readFileSync(join(folder, file), 'utf8'));
  return { steps: read('steps.yaml') as readonly AuditStep[], policy: read('policy.yaml') as Record<string, unknown> };
}

/** Each request has an id of its own, by which its events are found again. */
const idOf = (index: number): string => `audit-case-${index + 1}`;

/** Asks a server all steps in their order. `pause` is for real servers, which heed policies only after a while. */
export async function playAuditCase(
  target: Target,
  steps: readonly AuditStep[],
  pause: (milliseconds: number) => Promise<void> = async () => {},
): Promise<void> {
  const saved = new Map<string, string>();
  const fill = (text: string): string => text.replace(/\{([a-z][A-Za-z0-9]*)\}/g, (whole, name: string) => saved.get(name) ?? whole);
  const stranger = { url: target.url, ...(target.ca === undefined ? {} : { ca: target.ca }) } as Target;
  for (const [index, step] of steps.entries()) {
    const headers = Object.fromEntries(Object.entries(step.headers ?? {}).map(([name, value]) => [name, fill(value)]));
    const answer = await send(
      step.stranger === true ? stranger : target,
      { ...step, headers: { 'audit-id': idOf(index), ...headers } },
      fill,
    );
    for (const [name, path] of Object.entries(step.save ?? {})) saved.set(name, String(at(answer.body, path)));
    if (step.pause !== undefined) await pause(step.pause);
    if (step.setup !== true) continue;
    if (answer.status >= 400) throw new Error(`${step.request} failed: ${JSON.stringify(answer.body)}`);
    await established(target, step, answer);
  }
}

/** The events of each step that is compared, out of all that were written. */
export function eventsOfSteps(events: readonly AuditEvent[], steps: readonly AuditStep[]): readonly AuditedStep[] {
  return steps.flatMap((step, index) => {
    if (step.setup === true) return [];
    const id = step.headers?.['audit-id'] ?? idOf(index);
    return [{ request: step.request, events: events.filter(({ auditID }) => auditID === id).map((event) => plain(event, step)) }];
  });
}

const micro = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;

/** Without what is of one server: its times, its uids, and its own name for the administrator. */
function plain(event: AuditEvent, step: AuditStep): unknown {
  const { requestReceivedTimestamp, stageTimestamp, user, annotations, objectRef, ...rest } = event;
  const asked = `${step.request} ${JSON.stringify(step.body ?? step.raw ?? '')} ${JSON.stringify(step.headers ?? {})}`;
  const admin = user.username === 'admin' || user.username === 'kubernetes-admin';
  const reason = annotations?.['authorization.k8s.io/reason'];
  const own = admin && event.impersonatedUser === undefined && (reason === '' || reason?.includes('kubeadm:cluster-admins') === true);
  const body = {
    ...rest,
    user: admin ? '<admin>' : user,
    ...(objectRef === undefined ? {} : { objectRef: { ...objectRef, ...(objectRef.uid === undefined ? {} : { uid: '<uid>' }) } }),
    ...(annotations === undefined ? {} : { annotations: { ...annotations, ...(own ? { 'authorization.k8s.io/reason': '<admin>' } : {}) } }),
    times: micro.test(requestReceivedTimestamp) && micro.test(stageTimestamp) ? 'microseconds' : [requestReceivedTimestamp, stageTimestamp],
  };
  const known = { namespace: '{none}', asked };
  const text = JSON.stringify(normalise({ status: 0, headers: {}, body }, known).body).replace(/127\.0\.0\.1:\d{4,5}/g, '<server>');
  return withSortedManagers(JSON.parse(text) as unknown);
}
