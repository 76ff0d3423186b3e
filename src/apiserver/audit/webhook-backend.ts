// Events sent to a webhook: lists of them, as `audit.k8s.io/v1` EventList.
// https://kubernetes.io/docs/tasks/debug/debug-cluster/audit/#webhook-backend
import type { ClientConfig } from '../../client/kubeconfig/kubeconfig.js';
import { errorText, type Logger } from '../../client/logger.js';
import { sleep, type Clock } from '../../clock/clock.js';
import { ask, type OutboundAnswer } from '../authentication/outbound.js';
import { BatchQueue, type BatchOptions } from './batch-queue.js';
import { auditVersion, type AuditBackend, type AuditRecord } from './event.js';
import type { AuditMode } from './flags.js';
import type { AuditMetrics } from './metrics.js';

export interface WebhookBackendOptions {
  readonly config: ClientConfig;
  readonly mode: AuditMode;
  readonly batch: BatchOptions;
  /** Milliseconds before it is tried again for the first time. */
  readonly initialBackoff: number;
  readonly clock: Clock;
  readonly metrics: AuditMetrics;
  readonly logger: Logger;
}

const tries = 5;
const patience = 30_000;
/** A server that stops waits so long for an answer, and once. */
const lastPatience = 5_000;
const growth = 1.5;

export function createWebhookBackend(options: WebhookBackendOptions): AuditBackend {
  const { config, mode, batch, initialBackoff, clock, metrics, logger } = options;
  const name = 'webhook';
  const stopping = new AbortController();
  const lost = (count: number, error: unknown): void => {
    metrics.failed(name, count);
    logger.warn('audit events could not be sent', { backend: name, events: count, error: errorText(error) });
  };
  const deliver = async (events: readonly string[]): Promise<boolean> => {
    const { server, certificateAuthority, insecureSkipTLSVerify, tlsServerName, clientCertificate, clientKey, token } = config;
    const credentials = { certificateAuthority, insecureSkipTLSVerify, tlsServerName, clientCertificate, clientKey, token };
    const list = Buffer.from(`{"kind":"EventList","apiVersion":"${auditVersion}","metadata":{},"items":[${events.join(',')}]}`);
    const timeout = stopping.signal.aborted ? lastPatience : patience;
    let problem: unknown;
    for (let attempt = 1; attempt <= tries; attempt++) {
      // A server that stops does not wait for one that is not there.
      if (attempt > 1 && stopping.signal.aborted) break;
      if (attempt > 1) await sleep(clock, initialBackoff * growth ** (attempt - 2), stopping.signal);
      try {
        const answer = await ask(`${server}?timeout=30s`, list, { clock, timeout, ...credentials });
        if (answer.status >= 200 && answer.status < 300) return true;
        problem = refusal(answer);
      } catch (error) {
        problem = error;
      }
    }
    lost(events.length, problem);
    return false;
  };
  if (mode !== 'batch') {
    return {
      name,
      process: (record) => deliver([itemOf(record)]).then((sent) => sent || mode === 'blocking'),
      stop: async () => stopping.abort(),
    };
  }
  let unanswered = false;
  const queue = new BatchQueue<string>({
    ...batch,
    clock,
    sizeOf: (event) => event.length,
    send: async (events) => {
      if (unanswered && stopping.signal.aborted) lost(events.length, 'the server stops, and the webhook does not answer');
      else unanswered = !(await deliver(events));
    },
    lost: (count) => lost(count, 'too many wait'),
  });
  return {
    name,
    process: (record: AuditRecord) => {
      queue.add(itemOf(record));
      return undefined;
    },
    stop: () => {
      stopping.abort();
      return queue.stop();
    },
  };
}

const start = `{"kind":"Event","apiVersion":"${auditVersion}",`;

/** Of what a list is made, the list says. */
function itemOf(record: AuditRecord): string {
  const text = record.text();
  return text.startsWith(start) ? `{${text.slice(start.length)}` : text;
}

function refusal({ status, text }: OutboundAnswer): string {
  return `the webhook answered with ${status}: ${text.slice(0, 200)}`;
}
