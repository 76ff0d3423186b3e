// The options of the audit log, and what is made of them.
import { readFile } from 'node:fs/promises';
import { isRecord } from '../../apimachinery/object.js';
import type { Clock } from '../../clock/clock.js';
import type { Random } from '../../clock/random.js';
import type { Logger } from '../../client/logger.js';
import type { ServedExchange } from '../lifecycle/served-exchange.js';
import type { MetricsRegistry } from '../metrics/registry.js';
import type { RequestInfo } from '../request/request-info.js';
import type { Responder } from '../respond.js';
import type { Authorizer } from '../authorization/authorizer.js';
import type { Auditor } from './auditor.js';
import type { AuditEvent } from './event.js';
import type { AuditInProcess } from './in-process.js';
import type { AuditFlags } from './flags.js';
import type { AuditPolicy } from './policy.js';
import type { RequestAudit } from './request-audit.js';

/** The flags, and two for tests in process. */
export interface AuditOptions extends AuditFlags {
  /** The policy itself, instead of a file. With {@link audit} alone: all that there is to tell of all requests. */
  readonly auditPolicy?: AuditPolicy;
  /** Is given each event, of requests in process too. */
  readonly audit?: (event: AuditEvent) => void;
}

/** An option of the audit log cannot be used; `message` is one line that names it. */
export class AuditOptionError extends Error {}

/** The audit of a request that has just come over HTTP. */
export type BeginAudit = (exchange: ServedExchange, info: RequestInfo, parameters: URLSearchParams) => RequestAudit;

export interface AuditContextOptions {
  /** The cluster's time. */
  readonly clock: Clock;
  /** Real time: files and webhooks are outside the cluster. */
  readonly systemClock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly metrics: MetricsRegistry;
}

export interface Audit {
  readonly auditor: Auditor;
  readonly begin: BeginAudit;
  /** Of requests that do not come over HTTP. */
  inProcess(authorizer: Authorizer, responder: () => Responder): AuditInProcess;
}

const everything: AuditPolicy = { rules: [{ level: 'RequestResponse' }] };

/** undefined when nothing is to be audited: then none of the rest is loaded. Rejects with {@link AuditOptionError}. */
export async function loadAudit(options: AuditOptions, context: AuditContextOptions): Promise<Audit | undefined> {
  const { audit, auditLogPath, auditWebhookConfigFile } = options;
  checkNumbers(options);
  const policy = (await policyOf(options, context.logger)) ?? (audit === undefined ? undefined : everything);
  if (audit === undefined && auditLogPath === undefined && auditWebhookConfigFile === undefined) return undefined;
  if (policy === undefined) {
    context.logger.warn('no audit policy is given, so no events are written: name one with --audit-policy-file');
    return undefined;
  }
  const { createAudit } = await import('./load.js');
  return createAudit(options, policy, context);
}

/** The command line's flag of an option. */
const flagOf = (name: string): string => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

function checkNumbers(options: AuditFlags): void {
  const least = { auditLogMaxage: 0, auditLogMaxbackup: 0, auditLogMaxsize: 0, auditLogBatchMaxWait: 0, auditWebhookBatchMaxWait: 0, auditWebhookInitialBackoff: 0, auditLogBatchBufferSize: 1, auditLogBatchMaxSize: 1, auditWebhookBatchBufferSize: 1, auditWebhookBatchMaxSize: 1 } as const; // prettier-ignore
  for (const [name, minimum] of Object.entries(least)) {
    const value = options[name as keyof typeof least];
    if (value !== undefined && !(value >= minimum)) throw new AuditOptionError(`${flagOf(name)} must be ${minimum} or more, not ${value}`);
  }
}

async function policyOf({ auditPolicyFile: path, auditPolicy }: AuditOptions, logger: Logger): Promise<AuditPolicy | undefined> {
  if (path === undefined && auditPolicy === undefined) return undefined;
  if (path !== undefined && auditPolicy !== undefined) throw new AuditOptionError('auditPolicyFile and auditPolicy cannot both be given');
  const { checkAuditPolicy, readAuditPolicy } = await import('./policy.js');
  const unknown = (problem: string): void =>
    logger.warn('the audit policy has fields that there are not; they are passed over', { problem });
  if (auditPolicy !== undefined) {
    return refused('auditPolicy', () => {
      const given: unknown = auditPolicy;
      if (!isRecord(given)) throw new Error('it must be a Policy of audit.k8s.io/v1');
      return checkAuditPolicy(given, unknown);
    });
  }
  const { parse } = await import('../../client/kubeconfig/yaml-library.js');
  return refused(`--audit-policy-file ${path}`, async () => readAuditPolicy(parse(await readFile(path!, 'utf8')), unknown));
}

/** An error in what an option names, in one line. */
export async function refused<T>(option: string, read: () => T | Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    const message = isRecord(error) && typeof error['message'] === 'string' ? error['message'] : String(error);
    throw new AuditOptionError(`${option}: ${message.split('\n', 1)[0]!}`);
  }
}
